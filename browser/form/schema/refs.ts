/** Follows `$ref` inside one schema. Nothing is ever fetched. */
import { isObject } from './json.ts'

export type Schema = Readonly<Record<string, unknown>>

/** So many references lead to one place at most. */
const maxTrail = 100

/**
 * @param trail references that are being read, to notice one that leads into itself
 * @returns the schema with what stands beside its `$ref`, and the longer trail; `undefined` for one that is elsewhere,
 * missing, or leads into itself
 */
export function follow(
  root: Schema,
  schema: Schema,
  trail: readonly string[],
): { readonly schema: Schema; readonly trail: readonly string[] } | undefined {
  const { $ref, ...beside } = schema
  if (typeof $ref !== 'string') return { schema, trail }
  const target = trail.includes($ref) || trail.length >= maxTrail ? undefined : lookUp(root, $ref)
  return target && follow(root, { ...target, ...beside }, [...trail, $ref])
}

/** Reads a JSON pointer written as a fragment. */
function lookUp(root: Schema, ref: string): Schema | undefined {
  const [start, ...parts] = ref.split('/')
  if (start !== '#') return undefined
  let at: unknown = root
  for (const part of parts) {
    const key = decode(part).replaceAll('~1', '/').replaceAll('~0', '~')
    if (!Object.hasOwn(Object(at), key)) return undefined
    at = (at as Schema)[key]
  }
  return isObject(at) ? at : undefined
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
