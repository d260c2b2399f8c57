/** What fields of every kind are read from, and what bounds them. */
import type { Field, Json, Option } from './field.ts'
import type { Schema } from './refs.ts'
import { labelOf, words } from './words.ts'

export const limits = { depth: 10, fields: 300, options: 500, title: 120, description: 600 } as const

/** What is known where a schema is read. */
export interface Spot {
  readonly key: string
  readonly isRequired: boolean
  readonly depth: number
  /** References that led here. */
  readonly trail: readonly string[]
  /** When a schema has no title. Default: made from the key. */
  readonly label?: string
}

export type Common = ReturnType<typeof common>

export function common(schema: Schema, spot: Spot, isNullable: boolean) {
  const description = words(schema.description, limits.description)
  return {
    key: spot.key,
    label: words(schema.title, limits.title) ?? spot.label ?? labelOf(spot.key),
    isRequired: spot.isRequired,
    isNullable,
    ...(description === undefined ? {} : { description }),
    ...(schema.default === undefined ? {} : { initial: schema.default as Json }),
  }
}

export const chosenFrom = (options: readonly Option[], base: Common): Field => ({ kind: 'choice', ...base, options })
