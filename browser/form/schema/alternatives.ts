/** Reads `anyOf`, `oneOf` and several types: a choice of values where it is one, else a choice of shapes. */
import { type Common, chosenFrom, limits, type Spot } from './common.ts'
import type { Field, Json, Option } from './field.ts'
import type { Reader } from './read.ts'
import { isObject, type Schema } from './refs.ts'
import { shortJson, words } from './words.ts'

const maxVariants = 8

export function readAlternatives(
  reader: Reader,
  given: readonly unknown[],
  schema: Schema,
  spot: Spot,
  base: Common,
): Field {
  const isNull = (one: unknown): boolean => isObject(one) && (one.type === 'null' || one.const === null)
  const shapes = given.filter(one => !isNull(one))
  const here: Common = { ...base, isNullable: base.isNullable || shapes.length < given.length }
  if (shapes.length === 0 || shapes.length > limits.options) return { kind: 'json', ...here }
  const options = shapes.map(toOption)
  if (options.every(option => option !== undefined)) return chosenFrom(options, here)
  if (shapes.length > maxVariants) return { kind: 'json', ...here }
  if (shapes.length === 1) {
    const only = reader.read(withoutAlternatives(schema, shapes[0]), { ...spot, depth: spot.depth + 1 })
    return { ...only, isNullable: only.isNullable || here.isNullable }
  }
  const variants = shapes.map((shape, index) => {
    const field = reader.read(shape, {
      key: spot.key,
      isRequired: true,
      depth: spot.depth + 1,
      trail: spot.trail,
      label: `Shape ${index + 1}`,
    })
    const hasTitle = isObject(shape) && words(shape.title, limits.title) !== undefined
    return hasTitle ? field : { ...field, label: shapeWord(field) }
  })
  return { kind: 'variant', ...here, variants }
}

/** What stands beside `anyOf` (title, description, default) belongs to its only shape. */
function withoutAlternatives({ anyOf: _, oneOf: __, ...beside }: Schema, shape: unknown): unknown {
  return isObject(shape) ? { ...shape, ...beside } : shape
}

function toOption(shape: unknown): Option | undefined {
  if (!isObject(shape) || !('const' in shape)) return undefined
  const value = shape.const as Json
  return { value, label: words(shape.title, limits.title) ?? shortJson(value) }
}

/** A shape without a title is named by the constant that tells it apart, else by what it is. */
function shapeWord(field: Field): string {
  switch (field.kind) {
    case 'object': {
      const constant = field.fields.find(one => one.kind === 'const')
      return constant?.kind === 'const' ? shortJson(constant.value) : 'Object'
    }
    case 'const':
      return shortJson(field.value)
    case 'number':
      return field.isInteger ? 'Whole number' : 'Number'
    case 'choice':
      return field.options.map(({ label }) => label).join(', ')
    default:
      return { text: 'Text', flag: 'Yes or no', list: 'List', json: 'JSON', variant: 'One of several' }[field.kind]
  }
}
