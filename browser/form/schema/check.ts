/**
 * The faults of a draft, as far as its fields can tell. Native inputs find some of these as well, in the browser's
 * words; this finds them in values that were written as JSON, and those that inputs know no attribute for.
 */
import { changeOf } from '../../../shared/contract/json-exact.ts'
import { allParts, type Draft, type Part, toValue } from './draft.ts'
import { expected, type Field, type FieldIssue, joined, type NumberField, type TextField } from './field.ts'
import { formats } from './formats.ts'
import { readJson, sameJson } from './json.ts'
import { maxPatternInput } from './pattern.ts'

/** @returns in the order of the fields */
export const check = (field: Field, draft: Draft): FieldIssue[] =>
  allParts({ field, draft, path: '' }).flatMap(part => {
    const message = problemOf(part)
    return [...(message === undefined ? [] : [{ path: part.path, message }]), ...repeatedIn(part)]
  })

/** The fault of one part, leaving out its own parts. */
function problemOf({ field, draft }: Part): string | undefined {
  switch (draft.is) {
    case 'absent':
      return missing(field)
    case 'json': {
      if (draft.text.trim() === '') return missing(field)
      const read = 'value' in draft ? draft : readJson(draft.text)
      if ('problem' in read) return read.problem
      return field.kind === 'json' ? undefined : `Expected ${expected(field)}.`
    }
    case 'text':
      if (field.kind === 'number') return numberProblem(field, draft.text)
      return field.kind === 'text' ? textProblem(field, draft.text) : undefined
    case 'list':
      return field.kind === 'list'
        ? lengthProblem(draft.items.length, field.minItems, field.maxItems, 'item')
        : undefined
    default:
      return undefined
  }
}

function missing(field: Field): string | undefined {
  if (!field.isRequired) return undefined
  return 'options' in field || field.kind === 'variant' ? 'Choose one.' : 'Fill this in.'
}

function lengthProblem(length: number, min: number, max: number, unit: string): string | undefined {
  const many = (n: number): string => `Expected ${n} ${unit}${n === 1 ? '' : 's'}`
  if (length < min) return `${many(min)} at least; this has ${length}.`
  return length > max ? `${many(max)} at most; this has ${length}.` : undefined
}

function textProblem({ format, minLength, maxLength, pattern }: TextField, text: string): string | undefined {
  const length = lengthProblem([...text.slice(0, 1_000_000)].length, minLength, maxLength, 'character')
  if (length !== undefined) return length
  const { isRight, expected } = formats[format]
  if (isRight?.(text) === false) return `Expected ${expected}.`
  if (pattern === undefined || text.length > maxPatternInput || pattern.test(text)) return undefined
  return `Expected the form ${pattern.source}`
}

function numberProblem(field: NumberField, text: string): string | undefined {
  const { isInteger, min, max, above, below, multipleOf } = field
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || (isInteger && !Number.isInteger(value))) {
    return `Expected ${expected(field)}.`
  }
  if (isInteger && !Number.isSafeInteger(value)) return 'This number is too large to be exact.'
  const change = String(value) === text ? undefined : changeOf(text)
  if (change !== undefined) return `This number ${change}.`
  if (min !== undefined && value < min) return `Expected ${min} at least.`
  if (max !== undefined && value > max) return `Expected ${max} at most.`
  if (above !== undefined && value <= above) return `Expected more than ${above}.`
  if (below !== undefined && value >= below) return `Expected less than ${below}.`
  return multipleOf === undefined || isMultiple(value, multipleOf) ? undefined : `Expected a multiple of ${multipleOf}.`
}

/** As binary fractions have it: 0.3 counts as a multiple of 0.1. */
function isMultiple(value: number, of: number): boolean {
  const times = value / of
  return Math.abs(times - Math.round(times)) <= 1e-9 * Math.max(1, Math.abs(times))
}

/** The first item that is in its list before. */
function repeatedIn({ field, draft, path }: Part): readonly FieldIssue[] {
  if (draft.is !== 'list' || field.kind !== 'list' || !field.isUnique || draft.items.length > 1000) return []
  const values = draft.items.map(item => toValue(field.item, item.draft))
  const twice = values.findIndex((value, index) => values.slice(0, index).some(before => sameJson(before, value)))
  return twice < 0 ? [] : [{ path: joined(path, twice), message: 'This is in the list already.' }]
}
