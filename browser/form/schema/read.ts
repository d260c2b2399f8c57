/**
 * Reads a JSON Schema (draft 2020-12, the input side of a task) into fields. Workers announce these schemas, so nothing
 * in them is trusted: depth and number are bounded, nothing is fetched, patterns are looked at first (pattern.ts). What a
 * form has no fields for becomes a JSON field; keywords that only narrow what is allowed are left to the worker.
 */
import { readAlternatives } from './alternatives.ts'
import { type Common, chosenFrom, common, limits, type Spot } from './common.ts'
import { isDeeperThan, maxNesting } from './depth.ts'
import type { Field, Json } from './field.ts'
import { safePattern } from './pattern.ts'
import { follow, isObject, type Schema } from './refs.ts'
import { shortJson, words } from './words.ts'

const tooDeep = `The input schema of this task is nested more than ${limits.depth} levels deep: write the input as JSON.`

/** Says why a schema is not made into fields at all. */
class TooMuch extends Error {}

export type ReadResult =
  | { readonly field: Field; readonly problem?: undefined }
  /** A sentence on why the value has to be written as JSON. */
  | { readonly field?: undefined; readonly problem: string }

/**
 * @param schema of the input; anything at all
 * @example
 * ```ts ignore
 * readSchema({ type: 'object', properties: { width: { type: 'integer' } }, required: ['width'] })
 * // { field: { kind: 'object', fields: [{ kind: 'number', isInteger: true, key: 'width', label: 'Width', … }], … } }
 * ```
 */
export function readSchema(schema: unknown): ReadResult {
  if (schema === undefined || schema === null) {
    return { problem: 'No input schema is announced for this task: write the input as JSON.' }
  }
  if (!isObject(schema)) return { problem: 'This task takes any input: write it as JSON.' }
  if (isDeeperThan(schema, maxNesting)) return { problem: tooDeep }
  try {
    const field = new Reader(schema).read(schema, { key: '', isRequired: true, depth: 0, trail: [], label: 'Input' })
    if (field.kind !== 'json') return { field }
    return {
      problem: 'The input schema of this task says nothing that fields could be made of: write the input as JSON.',
    }
  } catch (error) {
    if (error instanceof TooMuch) return { problem: error.message }
    throw error
  }
}

export class Reader {
  readonly #root: Schema
  #count = 0

  constructor(root: Schema) {
    this.#root = root
  }

  read(given: unknown, spot: Spot): Field {
    if (spot.depth > limits.depth) {
      throw new TooMuch(tooDeep)
    }
    if (++this.#count > limits.fields) {
      throw new TooMuch(`The input schema of this task has more than ${limits.fields} fields: write the input as JSON.`)
    }
    const followed = isObject(given) ? follow(this.#root, given, spot.trail) : undefined
    if (followed === undefined) return { kind: 'json', ...common(isObject(given) ? given : {}, spot, false) }
    return this.#readShape(mergeAll(followed.schema), { ...spot, trail: followed.trail })
  }

  #readShape(schema: Schema, spot: Spot): Field {
    const types = typesOf(schema)
    const isNullable = types.includes('null') || (Array.isArray(schema.enum) && schema.enum.includes(null))
    const base = common(schema, spot, isNullable)
    if ('const' in schema) return constant(schema.const as Json, base)
    if (Array.isArray(schema.enum)) return choice(schema.enum, base)
    const alternatives = schema.anyOf ?? schema.oneOf
    if (Array.isArray(alternatives)) return readAlternatives(this, alternatives, schema, spot, base)
    const named = types.filter(type => type !== 'null')
    if (named.length > 1) {
      const each = named.map(type => ({
        ...schema,
        type,
        title: undefined,
        description: undefined,
        default: undefined,
      }))
      return readAlternatives(this, isNullable ? [...each, { type: 'null' }] : each, schema, spot, base)
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
        return this.#list(schema, spot, base)
      case 'object':
        return this.#object(schema, spot, base)
      case undefined:
        return isNullable ? constant(null, { ...base, isNullable: false }) : { kind: 'json', ...base }
      default:
        return { kind: 'json', ...base }
    }
  }

  #object(schema: Schema, spot: Spot, base: Common): Field {
    const properties = isObject(schema.properties) ? schema.properties : {}
    const keys = Object.keys(properties)
    // A record, such as { [name]: number }: any number of keys, of which none is known.
    if (keys.length === 0 && schema.additionalProperties !== undefined && schema.additionalProperties !== false) {
      return { kind: 'json', ...base }
    }
    const required = new Set(Array.isArray(schema.required) ? schema.required.slice(0, 10_000) : [])
    const fields = keys.map(key =>
      this.read(properties[key], { key, isRequired: required.has(key), depth: spot.depth + 1, trail: spot.trail }),
    )
    return { kind: 'object', ...base, fields }
  }

  #list(schema: Schema, spot: Spot, base: Common): Field {
    if (!isObject(schema.items) || Array.isArray(schema.prefixItems)) return { kind: 'json', ...base }
    const item = this.read(schema.items, {
      key: '',
      isRequired: true,
      depth: spot.depth + 1,
      trail: spot.trail,
      label: 'Item',
    })
    return {
      kind: 'list',
      ...base,
      item,
      minItems: whole(schema.minItems) ?? 0,
      maxItems: whole(schema.maxItems) ?? Number.POSITIVE_INFINITY,
      isUnique: schema.uniqueItems === true,
    }
  }
}

function constant(value: Json, base: Common): Field {
  // One that may be left out is a choice: to send it, or not to.
  if (base.isRequired && !base.isNullable) return { kind: 'const', ...base, value }
  return { kind: 'choice', ...base, options: [{ label: shortJson(value), value }] }
}

function choice(values: readonly unknown[], base: Common): Field {
  if (values.length > limits.options) return { kind: 'json', ...base }
  const options = values
    .filter(value => value !== null)
    .map(value => ({ label: shortJson(value), value: value as Json }))
  return options.length === 0 ? constant(null, { ...base, isNullable: false }) : chosenFrom(options, base)
}

/** One that may be left out, with nothing said of what that means, has three states: a checkbox has two. */
function flag(base: Common): Field {
  if (base.isRequired || typeof base.initial === 'boolean') return { kind: 'flag', ...base }
  const yesAndNo = [
    { label: 'Yes', value: true },
    { label: 'No', value: false },
  ]
  return chosenFrom(yesAndNo, base)
}

const textFormats = ['email', 'uri', 'uuid', 'date', 'date-time', 'time'] as const
const sameFormat: Readonly<Record<string, string>> = { url: 'uri', iri: 'uri', 'idn-email': 'email', guid: 'uuid' }

function textRules(schema: Schema) {
  const said = typeof schema.format === 'string' ? (sameFormat[schema.format] ?? schema.format) : ''
  const known = textFormats.find(format => format === said)
  const isLong = /^(text\/|application\/json)/.test(String(schema.contentMediaType ?? '')) || said === 'multi-line'
  const minLength = whole(schema.minLength)
  const maxLength = whole(schema.maxLength)
  // Schema libraries write their own pattern beside each format, which the input's own check stands for.
  const pattern = known === undefined ? safePattern(schema.pattern) : undefined
  const example = words(Array.isArray(schema.examples) ? schema.examples[0] : undefined, limits.title)
  return {
    format: known ?? (isLong ? ('long' as const) : ('plain' as const)),
    ...(minLength === undefined ? {} : { minLength }),
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(example === undefined ? {} : { example }),
  }
}

function numberRules(schema: Schema) {
  const isInteger = typesOf(schema).includes('integer')
  const rules = {
    min: bound(schema.minimum),
    max: bound(schema.maximum),
    above: bound(schema.exclusiveMinimum),
    below: bound(schema.exclusiveMaximum),
    multipleOf: finite(schema.multipleOf),
  }
  if (rules.multipleOf !== undefined && rules.multipleOf <= 0) rules.multipleOf = undefined
  const stated = Object.entries(rules).filter((rule): rule is [string, number] => rule[1] !== undefined)
  return { isInteger, ...(Object.fromEntries(stated) as { [rule in keyof typeof rules]?: number }) }
}

/** Libraries state the largest safe integers as bounds, which tell a person nothing. */
const bound = (value: unknown): number | undefined =>
  Math.abs(finite(value) ?? 0) >= Number.MAX_SAFE_INTEGER ? undefined : finite(value)
const finite = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined
const whole = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined

function typesOf({ type }: Schema): readonly string[] {
  if (typeof type === 'string') return [type]
  return Array.isArray(type) ? type.filter(one => typeof one === 'string').slice(0, 7) : []
}

function impliedType(schema: Schema): string | undefined {
  if ('properties' in schema) return 'object'
  if ('items' in schema) return 'array'
  return undefined
}

/** What an intersection of objects says together; anything else in `allOf` only narrows. */
function mergeAll(schema: Schema): Schema {
  if (!Array.isArray(schema.allOf)) return schema
  const parts = [...schema.allOf.filter(isObject).slice(0, 20), schema]
  const properties = Object.assign({}, ...parts.map(part => (isObject(part.properties) ? part.properties : {})))
  const required = parts.flatMap(part => (Array.isArray(part.required) ? part.required.slice(0, 1000) : []))
  const merged = Object.assign({}, ...parts, { allOf: undefined })
  return Object.keys(properties).length === 0 ? merged : { ...merged, properties, required }
}
