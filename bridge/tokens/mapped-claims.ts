/** Owner and grants by the claims of an identity provider, as a bridge's configuration maps them. */
import type { Grants } from '../../shared/contract/grants.ts'
import { Grants as GrantsOfToken, grantsTogether } from '../../shared/contract/token-grants.ts'
import { type ClaimPath, claimAt, shownPath } from './claim-path.ts'
import type { IssuerOptions } from './issuer-options.ts'
import { type AnyClaims, ClaimFault, kindOf, readGrants } from './read-claims.ts'
import { subjectFault } from './subject.ts'

/** At some providers people can name any address as theirs, until they prove it. OpenID Connect Core, section 5.1. */
const proofs: ReadonlyMap<string, string> = new Map([
  ['email', 'email_verified'],
  ['phone_number', 'phone_number_verified'],
])

/** @throws {ClaimFault} */
export function mappedOwner(claims: AnyClaims, { owner = 'sub', ownerPrefix = '' }: IssuerOptions): string {
  const found = claimAt(claims, owner)
  if (typeof found !== 'string') {
    const what =
      found === undefined ? `it has no "${shownPath(owner)}"` : `its "${shownPath(owner)}" is ${kindOf(found)}`
    throw new ClaimFault(`${what}; expected text that says whom it is for`)
  }
  const proof = typeof owner === 'string' ? proofs.get(owner) : owner.length === 1 ? proofs.get(owner[0]!) : undefined
  const proved = proof === undefined ? undefined : claims[proof]
  // Some providers write it as text
  if (proved !== undefined && !/^true$/i.test(String(proved))) {
    throw new ClaimFault(`its "${shownPath(owner)}" is not verified ("${proof}" is not true)`)
  }
  const subject = ownerPrefix + found
  const fault = subjectFault(subject)
  if (fault !== undefined) throw new ClaimFault(`its "${shownPath(owner)}" ${fault}`)
  return subject
}

/**
 * Those of its `grants` claim, and of each of its roles.
 * @throws {ClaimFault} also where it has none
 */
export function mappedGrants(claims: AnyClaims, options: IssuerOptions): Grants {
  const { roles, roleGrants = {}, namespace = 'myapp', grants: path } = options
  if (roles === undefined) return grantsAt(claims, path ?? 'drover')
  const given = path === undefined || claimAt(claims, path) === undefined ? [] : [grantsAt(claims, path)]
  const paths = typeof roles === 'string' ? [roles] : roles
  for (const role of new Set(paths.flatMap(one => rolesOf(claimAt(claims, one), one)))) {
    if (Object.hasOwn(roleGrants, role)) given.push(GrantsOfToken.parse({ ...roleGrants[role], ns: namespace }))
  }
  const [first, ...others] = given
  if (first !== undefined) return others.reduce(together, first)
  throw new ClaimFault(
    `none of its roles (in ${paths.map(one => `"${shownPath(one)}"`).join(', ')}) grants something here`,
  )
}

/** Bounds stand beside grants; roles have none. */
export const boundsAt = (claims: AnyClaims, { roles, grants: path }: IssuerOptions): unknown =>
  path === undefined && roles !== undefined ? undefined : claimAt(claims, path ?? 'drover')

const grantsAt = (claims: AnyClaims, path: ClaimPath): Grants => readGrants(claimAt(claims, path), shownPath(path))

/** RFC 8693, section 4.2: a scope is text with blanks between; some providers have lists of the same. */
function rolesOf(value: unknown, path: ClaimPath): readonly string[] {
  if (value === undefined || value === null) return []
  if (typeof value === 'string') return value.split(/ +/).filter(role => role !== '')
  if (Array.isArray(value)) return value.filter(role => typeof role === 'string')
  throw new ClaimFault(
    `its "${shownPath(path)}" is ${kindOf(value)}; expected a list of roles, or text with blanks between`,
  )
}

/** @throws {ClaimFault} for another namespace */
function together(one: Grants, other: Grants): Grants {
  if (one.ns === other.ns) return grantsTogether(one, other)
  throw new ClaimFault(`its grants are of the namespace "${one.ns}", and those of its roles of "${other.ns}"`)
}
