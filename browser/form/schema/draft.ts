/**
 * Drafts: what a person has entered so far, beside the field that it is for. Unlike a value, a draft can be unfinished,
 * left out, or not fit its field; every JSON value makes a draft and comes out of it as it was. Drafts never change:
 * an edit makes a new one.
 */
import type { Field, Json, ListField, ObjectField, VariantField } from './field.ts'

export type Draft =
  /** Left out. */
  | { readonly is: 'absent' }
  | { readonly is: 'null' }
  /** Of a text or a number, as it stands in the input. Of a text it may be empty on purpose. */
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'flag'; readonly on: boolean }
  | { readonly is: 'choice'; readonly index: number }
  /** Each item with an id that it keeps when it moves. */
  | { readonly is: 'list'; readonly items: readonly { readonly id: number; readonly draft: Draft }[] }
  /** In the order of the fields; `rest` is what they do not know. */
  | { readonly is: 'object'; readonly fields: readonly Draft[]; readonly rest: readonly (readonly [string, Json])[] }
  | { readonly is: 'variant'; readonly index: number; readonly draft: Draft }
  /** Written as JSON: of a JSON field, or a value that does not fit its field. */
  | { readonly is: 'json'; readonly text: string }

export const absent: Draft = { is: 'absent' }

/** More empty items than this are not made beforehand, whatever `minItems` says. */
const maxGivenItems = 20

/** What a form begins with. */
export function initialDraft(field: Field): Draft {
  if (field.initial !== undefined) return toDraft(field, field.initial)
  if (field.kind === 'const') return toDraft(field, field.value)
  if (!field.isRequired) return absent
  return field.isNullable ? { is: 'null' } : emptyDraft(field)
}

/** What is there to be filled in once a person wants the value. */
export function emptyDraft(field: Field): Draft {
  switch (field.kind) {
    case 'flag':
      return { is: 'flag', on: false }
    case 'object':
      return { is: 'object', fields: field.fields.map(initialDraft), rest: [] }
    case 'list': {
      const many = Math.min(field.minItems, maxGivenItems)
      return { is: 'list', items: Array.from({ length: many }, (_, id) => ({ id, draft: initialDraft(field.item) })) }
    }
    case 'variant':
      return chooseVariant(field, 0)
    case 'const':
      return { is: 'choice', index: 0 }
    case 'json':
      return { is: 'json', text: '' }
    default:
      return absent
  }
}

export function chooseVariant(field: VariantField, index: number): Draft {
  const variant = field.variants[index]
  return variant === undefined ? absent : { is: 'variant', index, draft: initialDraft(variant) }
}

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
    case 'flag':
      return typeof value === 'boolean' ? { is: 'flag', on: value } : undefined
    case 'choice': {
      const index = field.options.findIndex(option => sameJson(option.value, value))
      return index < 0 ? undefined : { is: 'choice', index }
    }
    case 'const':
      return sameJson(field.value, value) ? { is: 'choice', index: 0 } : undefined
    case 'list':
      return Array.isArray(value) ? listDraft(field, value) : undefined
    case 'object':
      return isRecord(value) ? objectDraft(field, value) : undefined
    case 'variant':
      return variantDraft(field, value)
    case 'json':
      return written(value)
  }
}

const written = (value: Json): Draft => ({ is: 'json', text: JSON.stringify(value, undefined, 2) })

const listDraft = (field: ListField, values: readonly Json[]): Draft => ({
  is: 'list',
  items: values.map((value, id) => ({ id, draft: toDraft(field.item, value) })),
})

function objectDraft(field: ObjectField, value: { readonly [key: string]: Json }): Draft {
  const known = new Set(field.fields.map(({ key }) => key))
  return {
    is: 'object',
    fields: field.fields.map(one => toDraft(one, Object.hasOwn(value, one.key) ? value[one.key] : undefined)),
    rest: Object.entries(value).filter(([key]) => !known.has(key)),
  }
}

function variantDraft(field: VariantField, value: Json): Draft | undefined {
  const drafts = field.variants.map(variant => fitting(variant, value))
  const whole = drafts.findIndex((draft, index) => draft !== undefined && fits(field.variants[index]!, draft, true))
  const index =
    whole >= 0 ? whole : drafts.findIndex((draft, i) => draft !== undefined && fits(field.variants[i]!, draft))
  const draft = drafts[index]
  return draft === undefined ? undefined : { is: 'variant', index, draft }
}

/** Whether nothing in it had to be written as JSON. @param isWhole nor is anything missing or unknown */
function fits(field: Field, draft: Draft, isWhole = false): boolean {
  switch (draft.is) {
    case 'json':
      return field.kind === 'json'
    case 'absent':
      return !isWhole || !field.isRequired
    case 'list':
      return field.kind === 'list' && draft.items.every(item => fits(field.item, item.draft, isWhole))
    case 'object':
      if (field.kind !== 'object' || (isWhole && draft.rest.length > 0)) return false
      return draft.fields.every((one, index) => fits(field.fields[index]!, one, isWhole))
    case 'variant':
      return field.kind === 'variant' && fits(field.variants[draft.index]!, draft.draft, isWhole)
    default:
      return true
  }
}

/** The value as it would be sent; `undefined` is left out. What is unfinished comes out as the text that it is. */
export function toValue(field: Field, draft: Draft): Json | undefined {
  switch (draft.is) {
    case 'absent':
      return undefined
    case 'null':
      return null
    case 'text':
      return field.kind === 'number' ? toNumber(draft.text) : draft.text
    case 'flag':
      return draft.on
    case 'choice':
      if (field.kind === 'const') return field.value
      return field.kind === 'choice' ? field.options[draft.index]?.value : undefined
    case 'list':
      if (field.kind !== 'list') return undefined
      return draft.items.map(item => toValue(field.item, item.draft) ?? null)
    case 'object': {
      if (field.kind !== 'object') return undefined
      const known = field.fields.map((one, index) => [one.key, toValue(one, draft.fields[index] ?? absent)] as const)
      // By entries, so that a key such as __proto__ is a key like any other.
      return Object.fromEntries(
        [...known, ...draft.rest].filter((entry): entry is [string, Json] => entry[1] !== undefined),
      )
    }
    case 'variant':
      return field.kind === 'variant' ? toValue(field.variants[draft.index]!, draft.draft) : undefined
    case 'json':
      return jsonValue(draft.text)
  }
}

function jsonValue(text: string): Json | undefined {
  if (text.trim() === '') return undefined
  const read = readJson(text)
  return read === undefined ? text : read.value
}

const toNumber = (text: string): Json => {
  const number = Number(text)
  return text.trim() !== '' && Number.isFinite(number) ? number : text
}

export function readJson(text: string): { readonly value: Json } | undefined {
  try {
    return { value: JSON.parse(text) as Json }
  } catch {
    return undefined
  }
}

const isRecord = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether both are the same JSON, whatever the order of keys. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, i) => sameJson(one, b[i]))
  if (!isRecord(a) || !isRecord(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every(key => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
}
