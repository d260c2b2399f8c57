/** Where a claim stands in a token: providers nest theirs, and namespace them by URLs. */

/**
 * The name of a claim, such as `sub` or `https://example.org/roles`; or names with dots between, such as `realm_access.roles`, where
 * no claim has that whole name; or a list of names, for those with dots in them.
 */
export type ClaimPath = string | readonly string[]

/** The value at a path; `undefined` where there is none. Only a token's own members count. */
export function claimAt(claims: Readonly<Record<string, unknown>>, path: ClaimPath): unknown {
  if (typeof path === 'string' && Object.hasOwn(claims, path)) return claims[path]
  let value: unknown = claims
  for (const name of typeof path === 'string' ? path.split('.') : path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
      return undefined
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  return value
}

/** As an error and a person read it. */
export const shownPath = (path: ClaimPath): string => (typeof path === 'string' ? path : path.join(' → '))
