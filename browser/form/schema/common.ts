/** The facts that fields of every kind are read with, and their bounds. */
import { saysSecret } from '../../../shared/contract/secrets.ts'
import type { Common, Field } from './field.ts'
import type { Json } from './json.ts'
import type { Schema } from './refs.ts'
import { labelOf, words } from './words.ts'

export const limits = { depth: 10, fields: 300, options: 500, variants: 8, title: 120, description: 600 } as const

/** The facts of the place where a schema is read. */
export interface Spot {
  readonly key: string
  readonly isRequired: boolean
  readonly depth: number
  /** Its surroundings are secret as a whole. */
  readonly isSecret?: boolean
  /** References that led here. */
  readonly trail: readonly string[]
  /** When a schema has no title. Default: made from the key. */
  readonly label?: string
}

/** Reads the schema of a part. */
export type Read = (given: unknown, spot: Spot) => Field

/** Of an item or a shape, unless more is said. */
export const within = ({ key, depth, trail, isSecret = false }: Spot, more?: Partial<Spot>): Spot => ({
  key,
  isRequired: true,
  depth: depth + 1,
  trail,
  isSecret,
  ...more,
})

export const titleOf = (schema: Schema): string | undefined => words(schema.title, limits.title)

export const common = (schema: Schema, { key, label, isRequired, isSecret }: Spot, isNullable: boolean): Common => ({
  key,
  label: titleOf(schema) ?? label ?? labelOf(key),
  description: words(schema.description, limits.description),
  isRequired,
  isNullable,
  isSecret: isSecret === true || saysSecret(schema),
  initial: schema.default as Json | undefined,
})
