/** Follows `$ref` inside one schema. */
import { findReferred } from '../../../shared/contract/schema-refs.ts'

export type Schema = Readonly<Record<string, unknown>>

/** So many references lead to one place at most. */
const maxTrail = 100

/**
 * @param trail references that are being read, to notice one that leads into itself
 * @returns the schema with the keywords beside its `$ref`, and the longer trail; `undefined` for one that is elsewhere,
 * missing, or leads into itself
 */
export function follow(
  root: Schema,
  schema: Schema,
  trail: readonly string[],
): { readonly schema: Schema; readonly trail: readonly string[] } | undefined {
  const { $ref, ...beside } = schema
  if (typeof $ref !== 'string') return { schema, trail }
  const target = trail.includes($ref) || trail.length >= maxTrail ? undefined : findReferred(root, $ref)
  return target && follow(root, { ...target, ...beside }, [...trail, $ref])
}
