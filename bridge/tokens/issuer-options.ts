/** Identity providers whose tokens a bridge takes as they are, as they are configured. One schema checks them. */
import * as z from 'zod/mini'
import { DroverError } from '../../shared/contract/errors.ts'
import { Namespace } from '../../shared/contract/grants.ts'
import { isObject } from '../../shared/contract/json-values.ts'
import { issuesText } from '../../shared/contract/read-message.ts'
import { Grants, unknownGrants, unknownGrantText } from '../../shared/contract/token-grants.ts'
import { isLoopback } from '../../shared/hosts.ts'
import type { Keys } from '../../shared/seal/mod.ts'
import type { ClaimPath } from './claim-path.ts'

/** Signatures of key pairs alone. By a shared secret a bridge could sign tokens, too. */
export const issuerAlgorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const
export type IssuerAlgorithm = (typeof issuerAlgorithms)[number]

/** Of `toleranceMs`. */
export const maxToleranceMs = 600_000

export interface IssuerOptions {
  /** The `iss` of its tokens, letter by letter, such as `https://id.example/realms/shop`. */
  readonly issuer: string
  /** Its JWKS: an `https:` address (`http:` on this machine), a file, the set itself, or a function that gives it. */
  readonly jwks: Keys
  /** Of a token's `aud`, which is text or a list, one has to be among these. */
  readonly audience: string | readonly string[]
  /** Where the audience stands. Default `aud`; access tokens of Cognito have `client_id` alone. */
  readonly audienceClaim?: ClaimPath | undefined
  /** How its tokens are signed. Never read from a token. Default `RS256` alone. */
  readonly algorithms?: readonly IssuerAlgorithm[] | undefined
  /** The claim that says who it is, such as `email` or `preferred_username`. Default `sub`. */
  readonly owner?: ClaimPath | undefined
  /** Stands before each owner, such as `okta:`, so that two providers' people are never one. Several issuers have one each. */
  readonly ownerPrefix?: string | undefined
  /** The claim with grants as a bridge's own token has them. Default `drover`, where there are no `roles`. */
  readonly grants?: ClaimPath | undefined
  /** The claim, or the claims, with roles, groups or scopes: lists, or text with blanks between. */
  readonly roles?: string | readonly ClaimPath[] | undefined
  /** The grants of each role. Someone with several has all of theirs. */
  readonly roleGrants?: Readonly<Record<string, Partial<Omit<Grants, 'ns'>>>> | undefined
  /** Of the grants by roles. Default `myapp`. */
  readonly namespace?: string | undefined
  /** How far its clock and this one may differ, in ms. Default 60 000. */
  readonly toleranceMs?: number | undefined
}

const text = z.string('expected text').check(z.minLength(1, 'expected text that is not empty'))
const pathText = 'expected the name of a claim, names with dots between, or a list of names'
const Path = z.union([text, z.array(text).check(z.minLength(1, pathText))], pathText)

const isKeys = (value: unknown): boolean =>
  typeof value === 'function' ||
  value instanceof URL ||
  (typeof value === 'string' && value !== '') ||
  (typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys))

/** Who is on the way to it could give keys of their own. */
function isPlainHttp(keys: Keys): boolean {
  const url = typeof keys === 'string' || keys instanceof URL ? URL.parse(String(keys)) : null
  return url?.protocol === 'http:' && !isLoopback(url.hostname)
}

/** Such an address is never asked. */
function hasLogin(keys: Keys): boolean {
  const url = typeof keys === 'string' || keys instanceof URL ? URL.parse(String(keys)) : null
  return url !== null && /^https?:$/.test(url.protocol) && (url.username !== '' || url.password !== '')
}

const audienceText = 'expected text, or a list with some'
const rolesText = 'expected the name of a claim, or a list of such'
const toleranceText = `expected a whole number from 0 to ${maxToleranceMs}`
const algorithmsText = `expected a list of ${issuerAlgorithms.join(', ')}; a shared secret (HS256) is not among them`

/** A bound that is no grant, or a namespace that does not count, would be wider than it says. */
const GrantsOfRole = z.pipe(
  z.unknown().check(
    z.check(({ value, issues }) => {
      const problem = (name: string, message: string) =>
        issues.push({ code: 'custom', input: value, path: [name], message })
      for (const name of unknownGrants(value)) problem(name, unknownGrantText)
      if (isObject(value) && Object.hasOwn(value, 'ns'))
        problem('ns', 'expected none; namespace stands beside roleGrants')
    }),
  ),
  z.pipe(
    Grants,
    // Settings are read by the command and by the bridge
    z.transform(({ ns: _, ...grants }: Grants): Partial<Grants> => grants),
  ),
)

const fields = {
  issuer: text,
  jwks: z.custom<Keys>(isKeys, 'expected an address such as https://id.example/keys, a file, or {"keys":[…]}').check(
    z.refine(keys => !isPlainHttp(keys), {
      error: 'expected https://, or http:// on this machine; by http:// somebody on the way could give other keys',
      abort: true,
    }),
    z.refine(keys => !hasLogin(keys), 'expected an address without a login in it'),
  ),
  audience: z.union([text, z.array(text).check(z.minLength(1, audienceText))], audienceText),
  audienceClaim: z.optional(Path),
  algorithms: z.optional(
    z.array(z.enum(issuerAlgorithms, algorithmsText), algorithmsText).check(z.minLength(1, algorithmsText)),
  ),
  owner: z.optional(Path),
  ownerPrefix: z.optional(text),
  grants: z.optional(Path),
  roles: z.optional(z.union([text, z.array(Path).check(z.minLength(1, rolesText))], rolesText)),
  roleGrants: z.optional(z.record(z.string(), GrantsOfRole)),
  namespace: z.optional(Namespace),
  toleranceMs: z.optional(
    z.int(toleranceText).check(z.nonnegative(toleranceText), z.maximum(maxToleranceMs, toleranceText)),
  ),
}

/** A wrong name is a setting that would not count. */
const unknownField = `expected an object with some of ${Object.keys(fields).join(', ')}, and nothing else`

const Issuer: z.ZodMiniType<IssuerOptions> = z.strictObject(fields, unknownField).check(
  z.refine(({ roles, roleGrants }) => (roles === undefined) === (roleGrants === undefined), {
    path: ['roles'],
    message: 'expected roles, where they stand, together with roleGrants, what each grants',
  }),
)

const Issuers = z.array(Issuer, 'expected a list of issuers').check(
  z.check(context => {
    const { value, issues } = context
    for (const [at, { issuer, ownerPrefix = '' }] of value.entries()) {
      const others = value.slice(0, at)
      const problem = (key: string, message: string) =>
        issues.push({ code: 'custom', input: value, path: [at, key], message })
      if (others.some(other => other.issuer === issuer)) problem('issuer', `${issuer} stands twice`)
      const same = others.find(other => overlaps(other.ownerPrefix ?? '', ownerPrefix))
      if (same === undefined) continue
      const why = `people of ${same.issuer} and ${issuer} could be one owner; give each a prefix that does not begin another, such as "okta:"`
      problem('ownerPrefix', why)
    }
  }),
)

const overlaps = (one: string, other: string): boolean => one.startsWith(other) || other.startsWith(one)

/** A mistake, and where it stands in the list: `[0, 'ownerPrefix']`. */
interface IssuerFault {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

interface ReadIssuers {
  readonly issuers: readonly IssuerOptions[]
  readonly faults: readonly IssuerFault[]
}

/**
 * Reads issuers, and looks for mistakes, all at once.
 * @param own the bridge's own issuer, if it has one
 */
export function readIssuers(given: unknown, own?: string): ReadIssuers {
  const checked = Issuers.safeParse(given)
  if (!checked.success) return { issuers: [], faults: checked.error.issues }
  const at = checked.data.findIndex(({ issuer }) => issuer === own)
  const message = `${own} is the bridge's own issuer; give one of the two another`
  return { issuers: checked.data, faults: at < 0 ? [] : [{ path: [at, 'issuer'], message }] }
}

/**
 * Checks issuers, all at once.
 * @param own as `readIssuers`
 * @throws {DroverError} `config_invalid` with the path of each mistake
 */
export function checkIssuers(given: readonly IssuerOptions[], own?: string): readonly IssuerOptions[] {
  const { issuers, faults } = readIssuers(given, own)
  if (faults.length === 0) return issuers
  const found = issuesText(faults.map(({ path, message }) => ({ path: ['issuers', ...path], message })))
  throw new DroverError('config_invalid', `The issuers cannot be used. ${found}`)
}
