/** What a form is made of: a tree read from a task's JSON Schema, plain data, with nothing of the schema left in it. */

/** Every value that JSON carries. Unlike `unknown`, it says what a form may hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

interface Common {
  /** Property name, or the position in a list's place of `''`; what paths are made of. */
  readonly key: string
  readonly label: string
  readonly description?: string
  /** Whether the value around it may do without. */
  readonly isRequired: boolean
  readonly isNullable: boolean
  readonly initial?: Json
}

/** Formats that have an input of their own, or a check. All others are plain text, and the worker's to judge. */
type TextFormat = 'plain' | 'long' | 'email' | 'uri' | 'uuid' | 'date' | 'date-time' | 'time'

export interface TextField extends Common {
  readonly kind: 'text'
  readonly format: TextFormat
  /** In characters as JSON Schema counts them: code points. */
  readonly minLength?: number
  readonly maxLength?: number
  /** Only one that cannot take long, whatever the text (pattern.ts). */
  readonly pattern?: RegExp
  readonly example?: string
}

export interface NumberField extends Common {
  readonly kind: 'number'
  readonly isInteger: boolean
  readonly min?: number
  readonly max?: number
  readonly above?: number
  readonly below?: number
  readonly multipleOf?: number
}

export interface FlagField extends Common {
  readonly kind: 'flag'
}

export interface Option {
  readonly label: string
  readonly value: Json
}

export interface ChoiceField extends Common {
  readonly kind: 'choice'
  readonly options: readonly Option[]
}

interface ConstField extends Common {
  readonly kind: 'const'
  readonly value: Json
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

/** What a form has no fields for: written as JSON. */
interface JsonField extends Common {
  readonly kind: 'json'
}

export type Field =
  | TextField
  | NumberField
  | FlagField
  | ChoiceField
  | ConstField
  | ListField
  | ObjectField
  | VariantField
  | JsonField

/** Something wrong with a value; `path` as a worker's issues have it: keys and positions with dots between. */
export interface FieldIssue {
  readonly path: string
  readonly message: string
}

export type Path = readonly (string | number)[]

export const pathText = (path: Path): string => path.join('.')
