/**
 * Drafts: a person's entry so far, beside the field that it is for. Unlike a value, a draft can be unfinished,
 * left out, or not fit its field; every JSON value makes a draft and comes out of it as it was. Drafts never change:
 * an edit makes a new one.
 */

import { type Field, joined, type VariantField } from './field.ts'
import { isObject, type Json, readJson, sameJson } from './json.ts'

export type Draft =
  /** Left out. */
  | { readonly is: 'absent' }
  | { readonly is: 'null' }
  /** Of a text or a number, as it stands in the input. Of a text it may be empty on purpose. */
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'choice'; readonly index: number }
  /** Each item with an id that it keeps when it moves. */
  | { readonly is: 'list'; readonly items: readonly { readonly id: number; readonly draft: Draft }[] }
  /** In the order of the fields; `rest` is of properties that they do not know. */
  | { readonly is: 'object'; readonly fields: readonly Draft[]; readonly rest: readonly (readonly [string, Json])[] }
  | { readonly is: 'variant'; readonly index: number; readonly draft: Draft }
  /**
   * Written as JSON: of a JSON field, or a value that does not fit its field. With the value where nobody has typed: it
   * comes out as it was, while of typed text nothing may change on the way.
   */
  | { readonly is: 'json'; readonly text: string; readonly value?: Json }

export const absent: Draft = { is: 'absent' }

/** No `minItems` makes more empty items than this beforehand. */
const maxGivenItems = 20

/** The draft that a form begins with. */
export function initialDraft(field: Field): Draft {
  if (field.initial !== undefined) return toDraft(field, field.initial)
  if (field.kind === 'const') return emptyDraft(field)
  if (!field.isRequired) return absent
  return field.isNullable ? { is: 'null' } : emptyDraft(field)
}

/** The draft to be filled in once a person wants the value. */
export function emptyDraft(field: Field): Draft {
  switch (field.kind) {
    case 'flag':
      return toDraft(field, false)
    case 'const':
      return { is: 'choice', index: 0 }
    case 'object':
      return { is: 'object', fields: field.fields.map(initialDraft), rest: [] }
    case 'list': {
      const length = Math.min(field.minItems, maxGivenItems)
      return { is: 'list', items: Array.from({ length }, (_, id) => ({ id, draft: initialDraft(field.item) })) }
    }
    case 'variant':
      return chooseVariant(field, 0)
    case 'json':
      return { is: 'json', text: '' }
    default:
      return absent
  }
}

/** @param index of one that there is */
export const chooseVariant = ({ variants }: VariantField, index: number): Draft => ({
  is: 'variant',
  index,
  draft: initialDraft(variants[index]!),
})

/** @param value any JSON; `undefined` is left out */
export function toDraft(field: Field, value: Json | undefined): Draft {
  return fitting(field, value) ?? written(value ?? null)
}

/** @returns `undefined` for a value that is not of the field's kind */
function fitting(field: Field, value: Json | undefined): Draft | undefined {
  if (value === undefined) return absent
  if (value === null && field.isNullable) return { is: 'null' }
  switch (field.kind) {
    case 'text':
      return typeof value === 'string' ? { is: 'text', text: value } : undefined
    case 'number':
      return typeof value === 'number' ? { is: 'text', text: String(value) } : undefined
    case 'list':
      if (!Array.isArray(value)) return undefined
      return { is: 'list', items: value.map((one, id) => ({ id, draft: toDraft(field.item, one) })) }
    case 'object': {
      if (!isObject(value)) return undefined
      const rest = new Map(Object.entries(value))
      const fields = field.fields.map(one => toDraft(one, rest.get(one.key)))
      for (const { key } of field.fields) rest.delete(key)
      return { is: 'object', fields, rest: [...rest] }
    }
    case 'variant': {
      const drafts = field.variants.map(variant => fitting(variant, value))
      const best = (isWhole: boolean): number =>
        drafts.findIndex((draft, index) => draft !== undefined && fits(field.variants[index]!, draft, isWhole))
      const whole = best(true)
      const index = whole < 0 ? best(false) : whole
      return index < 0 ? undefined : { is: 'variant', index, draft: drafts[index]! }
    }
    case 'json':
      return written(value)
    default: {
      const index = field.options.findIndex(option => sameJson(option.value, value))
      return index < 0 ? undefined : { is: 'choice', index }
    }
  }
}

const written = (value: Json): Draft => ({ is: 'json', text: JSON.stringify(value, undefined, 2), value })

/** A field with its draft and its place. */
export interface Part {
  readonly field: Field
  readonly draft: Draft
  readonly path: string
}

/** The parts of a draft: items, properties, the shape that is chosen. */
function partsOf({ field, draft, path }: Part): readonly Part[] {
  if (draft.is === 'list' && field.kind === 'list') {
    return draft.items.map((item, index) => ({ field: field.item, draft: item.draft, path: joined(path, index) }))
  }
  if (draft.is === 'object' && field.kind === 'object') {
    return field.fields.map((one, index) => ({ field: one, draft: draft.fields[index]!, path: joined(path, one.key) }))
  }
  if (draft.is === 'variant' && field.kind === 'variant') {
    return [{ field: field.variants[draft.index]!, draft: draft.draft, path }]
  }
  return []
}

/** A draft and everything in it, in the order in which a form shows it. */
export const allParts = (whole: Part): readonly Part[] => [whole, ...partsOf(whole).flatMap(allParts)]

/** Whether nothing in it had to be written as JSON. @param isWhole nor is anything missing or unknown */
const fits = (field: Field, draft: Draft, isWhole: boolean): boolean =>
  allParts({ field, draft, path: '' }).every(part => {
    if (part.draft.is === 'json') return part.field.kind === 'json'
    if (!isWhole) return true
    return part.draft.is === 'absent'
      ? !part.field.isRequired
      : part.draft.is !== 'object' || part.draft.rest.length === 0
  })

/** The value as it would be sent; `undefined` is left out. An unfinished entry comes out as its text. */
export function toValue(field: Field, draft: Draft): Json | undefined {
  const parts = partsOf({ field, draft, path: '' }).map(
    part => [part.field.key, toValue(part.field, part.draft)] as const,
  )
  switch (draft.is) {
    case 'absent':
      return undefined
    case 'null':
      return null
    case 'text':
      return field.kind === 'number' ? toNumber(draft.text) : draft.text
    case 'choice':
      return 'options' in field ? field.options[draft.index]?.value : undefined
    case 'list':
      return parts.map(([, value]) => value ?? null)
    case 'object':
      // By entries, so that a key such as __proto__ is a key like any other.
      return Object.fromEntries(
        [...parts, ...draft.rest].filter((entry): entry is [string, Json] => entry[1] !== undefined),
      )
    case 'variant':
      return parts[0]?.[1]
    case 'json': {
      if (draft.value !== undefined) return draft.value
      if (draft.text.trim() === '') return undefined
      const read = readJson(draft.text)
      return 'value' in read ? read.value : draft.text
    }
  }
}

const toNumber = (text: string): Json => {
  const number = Number(text)
  return text.trim() !== '' && Number.isFinite(number) ? number : text
}
