/**
 * Reads a JSON Schema (draft 2020-12, the input side of a task) into fields. Workers announce these schemas, so nothing
 * in them is trusted: depth and number are bounded, nothing is fetched, patterns are looked at first (pattern.ts). A part that a
 * form has no fields for becomes a JSON field; keywords that only narrow the allowed values are left to the worker.
 */

import { saysSecret } from '../../../shared/contract/secrets.ts'
import { readAlternatives } from './alternatives.ts'
import { common, limits, type Read, type Spot, within } from './common.ts'
import { isSchemaTooDeep } from './depth.ts'
import type { ChoiceField, Common, Field, NumberField, TextField } from './field.ts'
import { formatNamed } from './formats.ts'
import { isObject, type Json } from './json.ts'
import { safePattern } from './pattern.ts'
import { follow, type Schema } from './refs.ts'
import { shortJson, words } from './words.ts'

/** Says why a schema is not made into fields at all. */
class TooMuch extends Error {}

export interface ReadResult {
  readonly field: Field
  /** A sentence on why the value has to be written as JSON: then it is a JSON field. */
  readonly problem?: string
}

/**
 * @param schema of the input; anything at all
 * @example
 * ```ts ignore
 * readSchema({ type: 'object', properties: { width: { type: 'integer' } }, required: ['width'] })
 * // { field: { kind: 'object', fields: [{ kind: 'number', isInteger: true, key: 'width', label: 'Width', … }], … } }
 * ```
 */
export function readSchema(schema: unknown): ReadResult {
  const spot: Spot = { key: '', isRequired: true, depth: 0, trail: [], label: 'Input' }
  const asJson = (why: string): ReadResult => ({
    field: { kind: 'json', ...common({}, spot, false) },
    problem: `${why}: write the input as JSON.`,
  })
  if (schema === undefined || schema === null) return asJson('No input schema is announced for this task')
  if (!isObject(schema)) return asJson('This task takes any input')
  try {
    if (isSchemaTooDeep(schema)) throw tooDeep()
    const field = reader(schema)(schema, spot)
    return field.kind === 'json'
      ? asJson('The input schema of this task says nothing that fields could be made of')
      : { field }
  } catch (error) {
    if (error instanceof TooMuch) return asJson(`The input schema of this task ${error.message}`)
    throw error
  }
}

const tooDeep = (): TooMuch => new TooMuch(`is nested more than ${limits.depth} levels deep`)

function reader(root: Schema): Read {
  let count = 0
  const read: Read = (given, spot) => {
    if (spot.depth > limits.depth) throw tooDeep()
    if (++count > limits.fields) throw new TooMuch(`has more than ${limits.fields} fields`)
    const schema = isObject(given) ? given : {}
    const followed = follow(root, schema, spot.trail)
    if (followed === undefined) return { kind: 'json', ...common(schema, spot, false) }
    const merged = mergeAll(root, followed.schema, followed.trail)
    const isSecret = spot.isSecret === true || saysSecret(merged)
    return readShape(merged, { ...spot, isSecret, trail: followed.trail }, read)
  }
  return read
}

function readShape(schema: Schema, spot: Spot, read: Read): Field {
  const types = typesOf(schema)
  // OpenAPI 3.0 has no type null.
  const isNullable = types.includes('null') || schema.nullable === true || listOf(schema.enum).includes(null)
  const base = common(schema, spot, isNullable)
  if ('const' in schema) return constant(schema.const as Json, base)
  if (Array.isArray(schema.enum)) return choice(schema.enum, base)
  const alternatives = schema.anyOf ?? schema.oneOf
  if (Array.isArray(alternatives)) return readAlternatives(read, alternatives, schema, spot, base)
  const named = types.filter(type => type !== 'null')
  if (named.length > 1) {
    const each = named.map(type => ({ ...schema, type, title: undefined, description: undefined, default: undefined }))
    return readAlternatives(read, each, schema, spot, base)
  }
  switch (named[0] ?? impliedType(schema)) {
    case 'string':
      return { kind: 'text', ...base, ...textRules(schema) }
    case 'integer':
    case 'number':
      return { kind: 'number', ...base, ...numberRules(schema) }
    case 'boolean':
      return flag(base)
    case 'array':
      if (!isObject(schema.items) || Array.isArray(schema.prefixItems)) break
      return {
        kind: 'list',
        ...base,
        item: read(schema.items, within(spot, { key: '', label: 'Item' })),
        minItems: least(schema.minItems),
        maxItems: most(schema.maxItems),
        isUnique: schema.uniqueItems === true,
      }
    case 'object': {
      const properties = propertiesOf(schema)
      const keys = Object.keys(properties)
      // A record, such as { [name]: number }, has any number of keys, of which none is known.
      if (keys.length === 0 && (schema.additionalProperties ?? false) !== false) break
      const required = new Set(requiredOf(schema))
      const fields = keys.map(key => read(properties[key], within(spot, { key, isRequired: required.has(key) })))
      return { kind: 'object', ...base, fields }
    }
    case undefined:
      if (isNullable) return constant(null, { ...base, isNullable: false })
  }
  return { kind: 'json', ...base }
}

function constant(value: Json, base: Common): ChoiceField {
  // One that may be left out is a choice: to send it, or not to.
  const kind = base.isRequired && !base.isNullable ? 'const' : 'choice'
  return { kind, ...base, options: [{ label: shortJson(value), value }] }
}

function choice(values: readonly unknown[], base: Common): Field {
  if (values.length > limits.options) return { kind: 'json', ...base }
  const options = values
    .filter(value => value !== null)
    .map(value => ({ label: shortJson(value), value: value as Json }))
  return options.length === 0 ? constant(null, { ...base, isNullable: false }) : { kind: 'choice', ...base, options }
}

const yesAndNo = [
  { label: 'Yes', value: true },
  { label: 'No', value: false },
]

/** An optional one has three states, where the schema does not say how it counts when left out: a checkbox has two. */
const flag = (base: Common): ChoiceField => ({
  kind: base.isRequired || typeof base.initial === 'boolean' ? 'flag' : 'choice',
  ...base,
  options: yesAndNo,
})

type Rules<F extends Field> = Omit<F, keyof Common | 'kind'>

/** A text that may have more characters than this is written in several lines. */
const oneLine = 1000

function textRules(schema: Schema): Rules<TextField> {
  const known = formatNamed(textOf(schema.format))
  const isLong =
    /^(text\/|application\/json)/.test(textOf(schema.contentMediaType)) ||
    (Number.isFinite(most(schema.maxLength)) && most(schema.maxLength) > oneLine)
  return {
    format: known ?? (isLong ? 'long' : 'plain'),
    minLength: least(schema.minLength),
    maxLength: most(schema.maxLength),
    // Schema libraries write their own pattern beside each format, which the input's own check stands for.
    pattern: known === undefined ? safePattern(schema.pattern) : undefined,
    example: words(listOf(schema.examples)[0], limits.title),
  }
}

function numberRules(schema: Schema): Rules<NumberField> {
  const multipleOf = finite(schema.multipleOf)
  return {
    isInteger: typesOf(schema).includes('integer'),
    min: bound(schema.minimum),
    max: bound(schema.maximum),
    above: bound(schema.exclusiveMinimum),
    below: bound(schema.exclusiveMaximum),
    multipleOf: multipleOf !== undefined && multipleOf > 0 ? multipleOf : undefined,
  }
}

const finite = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined
/** Libraries state the largest safe integers as bounds, which tell a person nothing. */
const bound = (value: unknown): number | undefined =>
  Math.abs(finite(value) ?? 0) >= Number.MAX_SAFE_INTEGER ? undefined : finite(value)
const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0
const least = (value: unknown): number => (isCount(value) ? value : 0)
const most = (value: unknown): number => (isCount(value) ? value : Number.POSITIVE_INFINITY)

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const propertiesOf = ({ properties }: Schema): Schema => (isObject(properties) ? properties : {})
const requiredOf = ({ required }: Schema): readonly unknown[] => listOf(required).slice(0, 10_000)
const typesOf = ({ type }: Schema): readonly unknown[] => (typeof type === 'string' ? [type] : listOf(type).slice(0, 7))

function impliedType(schema: Schema): string | undefined {
  if ('properties' in schema) return 'object'
  return 'items' in schema ? 'array' : undefined
}

/** An intersection of objects as one schema; anything else in `allOf` only narrows. */
function mergeAll(root: Schema, schema: Schema, trail: readonly string[]): Schema {
  if (!Array.isArray(schema.allOf)) return schema
  const parts = [
    ...schema.allOf
      .filter(isObject)
      .slice(0, 20)
      .map(part => {
        const followed = follow(root, part, trail)
        return followed === undefined ? part : mergeAll(root, followed.schema, followed.trail)
      }),
    schema,
  ]
  const properties = Object.assign({}, ...parts.map(propertiesOf))
  const merged = Object.assign({}, ...parts, { allOf: undefined })
  return Object.keys(properties).length === 0 ? merged : { ...merged, properties, required: parts.flatMap(requiredOf) }
}
