/** Reads `anyOf`, `oneOf` and several types: a choice of values where it is one, else a choice of shapes. */
import { limits, type Read, type Spot, titleOf, within } from './common.ts'
import { type Common, expected, type Field, type Option } from './field.ts'
import { isObject, type Json } from './json.ts'
import type { Schema } from './refs.ts'
import { shortJson } from './words.ts'

export function readAlternatives(
  read: Read,
  given: readonly unknown[],
  schema: Schema,
  spot: Spot,
  common: Common,
): Field {
  const shapes = given.filter(one => !isObject(one) || (one.type !== 'null' && one.const !== null))
  const base = { ...common, isNullable: common.isNullable || shapes.length < given.length }
  const options = shapes.length > limits.options ? [] : shapes.flatMap(toOption)
  if (options.length > 0 && options.length === shapes.length) return { kind: 'choice', ...base, options }
  if (shapes.length === 0 || shapes.length > limits.variants) return { kind: 'json', ...base }
  if (shapes.length === 1) {
    const only = read(withoutAlternatives(schema, shapes[0]), { ...spot, depth: spot.depth + 1 })
    return { ...only, isNullable: only.isNullable || base.isNullable }
  }
  const variants = shapes.map(shape => {
    const field = read(shape, within(spot))
    return { ...field, label: (isObject(shape) && titleOf(shape)) || shapeWord(field) }
  })
  return { kind: 'variant', ...base, variants }
}

/** The words beside `anyOf` (title, description, default) belong to its only shape. */
function withoutAlternatives({ anyOf: _, oneOf: __, ...beside }: Schema, shape: unknown): unknown {
  return isObject(shape) ? { ...shape, ...beside } : shape
}

function toOption(shape: unknown): readonly Option[] {
  if (!isObject(shape) || !('const' in shape)) return []
  const value = shape.const as Json
  return [{ value, label: titleOf(shape) ?? shortJson(value) }]
}

/** A shape without a title is named by the constant that tells it apart, else by its type. */
function shapeWord(field: Field): string {
  const constant = field.kind === 'object' ? field.fields.find(({ kind }) => kind === 'const') : undefined
  const word = expected(constant ?? field)
  if (constant !== undefined || field.kind === 'const') return word
  const bare = word.replace(/^(an?|one of) /, '')
  return field.kind === 'choice' ? bare : bare.charAt(0).toUpperCase() + bare.slice(1)
}
