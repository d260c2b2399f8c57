/** Follows `$ref` inside one schema. Nothing is ever fetched. */

export type Schema = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const maxHops = 10

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
  let present = schema
  let seen = trail
  for (let hops = 0; typeof present.$ref === 'string'; hops++) {
    const { $ref, ...beside } = present
    const target = seen.includes($ref) || hops >= maxHops ? undefined : lookUp(root, $ref)
    if (target === undefined) return undefined
    seen = [...seen, $ref]
    present = { ...target, ...beside }
  }
  return { schema: present, trail: seen }
}

/** Reads a JSON pointer written as a fragment. */
function lookUp(root: Schema, ref: string): Schema | undefined {
  if (ref === '#') return root
  if (!ref.startsWith('#/')) return undefined
  let at: unknown = root
  for (const part of ref.slice(2).split('/')) {
    const key = decode(part)?.replaceAll('~1', '/').replaceAll('~0', '~')
    if (key === undefined || typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
    at = (at as Record<string, unknown>)[key]
  }
  return isObject(at) ? at : undefined
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}
