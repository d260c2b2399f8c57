/**
 * What is wrong with a draft, as far as its fields can tell. Native inputs find some of this as well, in the browser's
 * words; this finds it for values that were written as JSON, and what inputs know no attribute for.
 */

import { isDateTime } from './dates.ts'
import { type Draft, readJson, sameJson, toValue } from './draft.ts'
import {
  type Field,
  type FieldIssue,
  type ListField,
  type NumberField,
  type Path,
  pathText,
  type TextField,
} from './field.ts'
import { maxPatternInput } from './pattern.ts'

/** @returns in the order of the fields */
export function check(field: Field, draft: Draft): FieldIssue[] {
  const issues: FieldIssue[] = []
  visit(field, draft, [], (path, message) => void issues.push({ path: pathText(path), message }))
  return issues
}

type Say = (path: Path, message: string) => void

function visit(field: Field, draft: Draft, path: Path, say: Say): void {
  if (draft.is === 'absent') {
    if (field.isRequired) say(path, isChosen(field) ? 'Choose one.' : 'Fill this in.')
  } else if (draft.is === 'json') checkJson(field, draft.text, path, say)
  else if (draft.is === 'text') {
    const problem = entryProblem(field, draft.text)
    if (problem !== undefined) say(path, problem)
  } else if (draft.is === 'list' && field.kind === 'list') {
    draft.items.forEach((item, index) => {
      visit(field.item, item.draft, [...path, index], say)
    })
    checkList(field, draft, path, say)
  } else if (draft.is === 'object' && field.kind === 'object') {
    field.fields.forEach((one, index) => {
      visit(one, draft.fields[index]!, [...path, one.key], say)
    })
  } else if (draft.is === 'variant' && field.kind === 'variant') {
    visit(field.variants[draft.index]!, draft.draft, path, say)
  }
}

/** What is wrong with what stands in an input. */
function entryProblem(field: Field, text: string): string | undefined {
  if (field.kind === 'number') return numberProblem(field, text)
  return field.kind === 'text' ? textProblem(field, text) : undefined
}

const isChosen = ({ kind }: Field): boolean => kind === 'choice' || kind === 'variant' || kind === 'flag'

function checkJson(field: Field, text: string, path: Path, say: Say): void {
  if (text.trim() === '') {
    if (field.isRequired) say(path, 'Fill this in.')
  } else if (readJson(text) === undefined) say(path, 'This is not JSON: text needs "double quotes", names too.')
  else if (field.kind !== 'json') say(path, `Expected ${expected(field)}.`)
}

/** What a value of the field would be, in words. */
function expected(field: Field): string {
  switch (field.kind) {
    case 'text':
      return 'text'
    case 'number':
      return field.isInteger ? 'a whole number' : 'a number'
    case 'flag':
      return 'true or false'
    case 'choice':
      return `one of ${field.options
        .slice(0, 10)
        .map(({ label }) => label)
        .join(', ')}${field.options.length > 10 ? ', …' : ''}`
    case 'const':
      return JSON.stringify(field.value)
    case 'list':
      return 'a list'
    case 'object':
      return 'an object'
    case 'variant':
      return `one of ${field.variants.map(({ label }) => label).join(', ')}`
    case 'json':
      return 'JSON'
  }
}

function textProblem(field: TextField, text: string): string | undefined {
  const length = [...text.slice(0, 1_000_000)].length
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = field
  if (length < minLength) return `Expected ${characters(minLength)} at least; this has ${length}.`
  if (length > maxLength) return `Expected ${characters(maxLength)} at most; this has ${length}.`
  if (field.format === 'uuid' && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) {
    return 'Expected a UUID, such as 3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11.'
  }
  if (field.format === 'date' && !/^\d{4}-\d\d-\d\d$/.test(text)) return 'Expected a date, such as 2027-03-31.'
  if (field.format === 'date-time' && !isDateTime(text)) return 'Expected date and time, such as 2027-03-31T09:30:00Z.'
  if (pattern !== undefined && text.length <= maxPatternInput && !pattern.test(text)) {
    return `Expected the form ${pattern.source}`
  }
  return undefined
}

function numberProblem(field: NumberField, text: string): string | undefined {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) return `Expected ${expected(field)}.`
  if (field.isInteger && !Number.isInteger(value)) return 'Expected a whole number.'
  if (field.isInteger && !Number.isSafeInteger(value)) return 'This number is too large to be exact.'
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, above, below, multipleOf } = field
  if (value < min) return `Expected ${min} at least.`
  if (value > max) return `Expected ${max} at most.`
  if (above !== undefined && value <= above) return `Expected more than ${above}.`
  if (below !== undefined && value >= below) return `Expected less than ${below}.`
  return multipleOf === undefined || isMultiple(value, multipleOf) ? undefined : `Expected a multiple of ${multipleOf}.`
}

/** As binary fractions have it: 0.3 counts as a multiple of 0.1. */
function isMultiple(value: number, of: number): boolean {
  const times = value / of
  return Math.abs(times - Math.round(times)) <= 1e-9 * Math.max(1, Math.abs(times))
}

function checkList(field: ListField, draft: Draft & { is: 'list' }, path: Path, say: Say): void {
  const { length } = draft.items
  if (length < field.minItems)
    say(path, `Expected ${items(field.minItems)} at least; there ${length === 1 ? 'is 1' : `are ${length}`}.`)
  else if (length > field.maxItems) say(path, `Expected ${items(field.maxItems)} at most; there are ${length}.`)
  else if (field.isUnique && length <= 1000) {
    const values = draft.items.map(item => toValue(field.item, item.draft))
    const twice = values.findIndex((value, index) => values.slice(0, index).some(before => sameJson(before, value)))
    if (twice >= 0) say([...path, twice], 'This is in the list already.')
  }
}

const characters = (n: number): string => `${n} ${n === 1 ? 'character' : 'characters'}`
const items = (n: number): string => `${n} ${n === 1 ? 'item' : 'items'}`
