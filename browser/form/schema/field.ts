/** The fields of a form: a tree read from a task's JSON Schema, plain data, with nothing of the schema left in it. */
import type { FormatName } from './formats.ts'
import type { Json } from './json.ts'

export interface Common {
  /** Property name, or `''` for an item of a list; paths are made of these. */
  readonly key: string
  readonly label: string
  readonly description: string | undefined
  /** Whether the value around it cannot do without. */
  readonly isRequired: boolean
  readonly isNullable: boolean
  /** Whether nobody may read it over a person's shoulder. */
  readonly isSecret: boolean
  readonly initial: Json | undefined
}

export interface TextField extends Common {
  readonly kind: 'text'
  readonly format: FormatName
  /** In characters as JSON Schema counts them: code points. */
  readonly minLength: number
  readonly maxLength: number
  /** Only one that cannot take long, for any text (pattern.ts). */
  readonly pattern: RegExp | undefined
  readonly example: string | undefined
}

export interface NumberField extends Common {
  readonly kind: 'number'
  readonly isInteger: boolean
  readonly min: number | undefined
  readonly max: number | undefined
  readonly above: number | undefined
  readonly below: number | undefined
  readonly multipleOf: number | undefined
}

export interface Option {
  readonly label: string
  readonly value: Json
}

/** One of the values that are known: a flag is yes or no, a constant the only one, which nobody has to choose. */
export interface ChoiceField extends Common {
  readonly kind: 'choice' | 'flag' | 'const'
  readonly options: readonly Option[]
}

export interface ListField extends Common {
  readonly kind: 'list'
  readonly item: Field
  readonly minItems: number
  readonly maxItems: number
  readonly isUnique: boolean
}

export interface ObjectField extends Common {
  readonly kind: 'object'
  readonly fields: readonly Field[]
}

/** One of several shapes, of which a person chooses one. */
export interface VariantField extends Common {
  readonly kind: 'variant'
  readonly variants: readonly Field[]
}

/** A value that a form has no fields for: written as JSON. */
interface JsonField extends Common {
  readonly kind: 'json'
}

export type Field = TextField | NumberField | ChoiceField | ListField | ObjectField | VariantField | JsonField

/** Something wrong with a value; `path` as a worker's issues have it: keys and positions with dots between. */
export interface FieldIssue {
  readonly path: string
  readonly message: string
}

/** The path of a part; `''` is the whole value. */
export const joined = (path: string, part: string | number): string => (path === '' ? `${part}` : `${path}.${part}`)

/** The expected value, in words. */
export function expected(field: Field): string {
  switch (field.kind) {
    case 'number':
      return field.isInteger ? 'a whole number' : 'a number'
    case 'const':
      return field.options[0]!.label
    case 'choice':
      return oneOf(field.options)
    case 'variant':
      return oneOf(field.variants)
    default:
      return { text: 'text', flag: 'true or false', list: 'a list', object: 'an object', json: 'JSON' }[field.kind]
  }
}

const oneOf = (all: readonly { readonly label: string }[]): string =>
  `one of ${all
    .slice(0, 10)
    .map(({ label }) => label)
    .join(', ')}${all.length > 10 ? ', …' : ''}`
