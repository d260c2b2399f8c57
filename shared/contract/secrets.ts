/**
 * The secrets in an input, by its JSON Schema: `format: password`, `writeOnly: true`, or `x-secret` or `x-sensitive: true`,
 * at any depth. No schema is trusted. A value whose schema cannot be looked through in bounded time counts as secret.
 */

import { isObject } from './json-values.ts'
import { findReferred } from './schema-refs.ts'

/** Keys from the whole value to a part; none is the whole value. */
export type SecretPath = readonly string[]

/** Stands where a secret was. */
export const redacted = '••••••'

type Schema = Readonly<Record<string, unknown>>

/** Whether a schema by itself, without its references and parts, says that its value is secret. */
export const saysSecret = (schema: Schema): boolean =>
  schema.format === 'password' ||
  schema.writeOnly === true ||
  schema['x-secret'] === true ||
  schema['x-sensitive'] === true

/** So many schemas are looked at for one value at most. */
const maxSteps = 20_000
const maxReferences = 50

/**
 * Finds the secrets in a value.
 * @param schema JSON Schema of the value; anything else marks no secret
 * @returns where they are; `[[]]` when the whole value is one, or the schema says more than can be looked at
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { redact, secretsIn } from 'drover/contract'
 * const schema = { properties: { host: {}, password: { type: 'string', format: 'password' } } }
 * const input = { host: 'sw1', password: 'hunter2' }
 * assert.deepEqual(secretsIn(schema, input), [['password']])
 * assert.deepEqual(redact(input, [['password']]), { host: 'sw1', password: '••••••' })
 * ```
 */
export function secretsIn(schema: unknown, value: unknown): readonly SecretPath[] {
  if (!isObject(schema) || !mayHold(schema)) return []
  const found = new Map<string, SecretPath>()
  let steps = 0
  const look = (given: unknown, at: unknown, path: SecretPath, references: number, base: Schema): void => {
    if (!isObject(given) || at === undefined || at === null) return
    if (++steps > maxSteps) throw new TooMuch()
    const part = typeof given.$id === 'string' && !given.$id.startsWith('#') ? given : base
    const targets = referred(schema, part, given, references)
    // A schema that cannot be found may say anything; JSON inside a text is not read.
    const isUnseen = targets.includes(undefined) || (typeof at === 'string' && 'contentSchema' in given)
    if (saysSecret(given) || isUnseen) {
      found.set(JSON.stringify(path), path)
      return
    }
    for (const target of targets) look(target, at, path, references + 1, part)
    for (const word of ['allOf', 'anyOf', 'oneOf', 'then', 'else', 'if', 'not']) {
      const parts = given[word]
      for (const one of Array.isArray(parts) ? parts : [parts]) look(one, at, path, references, part)
    }
    for (const dependent of [given.dependentSchemas, given.dependencies]) {
      if (!isObject(dependent)) continue
      for (const one of Object.values(dependent)) look(one, at, path, references, part)
    }
    if (typeof at !== 'object') return
    for (const [key, one] of Object.entries(at)) {
      const isItem = Array.isArray(at)
      // A name that is secret leaves nothing of the object to be shown.
      if (!isItem) look(given.propertyNames, key, path, references, part)
      for (const inner of isItem ? schemasOfItem(given, Number(key)) : schemasOfKey(given, key)) {
        look(inner, one, [...path, key], references, part)
      }
    }
  }
  try {
    look(schema, value, [], 0, schema)
  } catch (error) {
    if (error instanceof TooMuch || error instanceof RangeError) return [[]]
    throw error
  }
  return [...found.values()]
}

class TooMuch extends Error {}

const scanned = new WeakMap<object, boolean>()

/** Whether anything in a schema says so: most do not, and cost nothing. */
function mayHold(schema: Schema): boolean {
  const known = scanned.get(schema)
  if (known !== undefined) return known
  let may = false
  const waiting: unknown[] = [schema]
  for (let steps = 0; waiting.length > 0 && !may; steps++) {
    const one = waiting.pop()
    if (typeof one !== 'object' || one === null) continue
    may = steps > maxSteps || (isObject(one) && saysSecret(one))
    for (const inner of Object.values(one)) waiting.push(inner)
  }
  scanned.set(schema, may)
  return may
}

/**
 * The schemas that one refers to, by pointer, anchor or id.
 * @param base the part that a mere fragment is about
 */
function referred(
  root: Schema,
  base: Schema,
  { $ref, $dynamicRef, $recursiveRef }: Schema,
  references: number,
): readonly (Schema | undefined)[] {
  const refs = [$ref, $dynamicRef, $recursiveRef].filter(ref => typeof ref === 'string')
  if (refs.length > 0 && references >= maxReferences) throw new TooMuch()
  return refs.map(ref => findReferred(ref.startsWith('#') ? base : root, ref))
}

function schemasOfItem({ items, prefixItems, additionalItems, contains, unevaluatedItems }: Schema, index: number) {
  const tuple = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : []
  const rest = Array.isArray(items) ? additionalItems : items
  return [index < tuple.length ? tuple[index] : rest, contains, unevaluatedItems]
}

function schemasOfKey(schema: Schema, key: string): readonly unknown[] {
  const { properties, patternProperties, additionalProperties, unevaluatedProperties } = schema
  const own = isObject(properties) && Object.hasOwn(properties, key) ? properties[key] : undefined
  // Patterns come from workers and are not run here: each is taken to match.
  const byPattern = isObject(patternProperties) ? Object.values(patternProperties) : []
  return own === undefined ? [...byPattern, additionalProperties, unevaluatedProperties] : [own, ...byPattern]
}

/** @returns a copy with `redacted` in place of each secret */
export const redact = (value: unknown, paths: readonly SecretPath[]): unknown => replaced(value, paths, () => redacted)

/** @returns a copy to be filled in again: secrets are left out of objects, and empty in lists */
export function withoutSecrets(value: unknown, paths: readonly SecretPath[]): unknown {
  return replaced(value, paths, () => undefined)
}

function replaced(value: unknown, paths: readonly SecretPath[], put: () => unknown): unknown {
  if (paths.length === 0) return value
  if (paths.some(path => path.length === 0)) return put()
  if (typeof value !== 'object' || value === null) return value
  const inside = Map.groupBy(paths, ([key]) => key!)
  const entries = Object.entries(value).map(([key, one]): [string, unknown] => {
    const rest = inside.get(key)?.map(path => path.slice(1))
    return [key, rest === undefined ? one : replaced(one, rest, put)]
  })
  if (Array.isArray(value)) return entries.map(([, one]) => (one === undefined ? '' : one))
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined))
}
