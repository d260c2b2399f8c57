/**
 * `POST /token`: a password (HTTP Basic) or a sign-in link gives a token; a token, in a header or a cookie, gives a
 * narrower one. Design sections 6 and 8.
 */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import * as z from 'zod/mini'
import { DroverError } from '../../shared/contract/errors.ts'
import { isLoopback } from '../../shared/hosts.ts'
import { identifyRequest, verifyForRequest } from '../access/authenticate.ts'
import type { Caller } from '../access/caller.ts'
import type { SignInLink } from '../access/sign-in-link.ts'
import type { Users } from '../access/users.ts'
import type { OnEvent } from '../events.ts'
import type { HandOnSeal } from '../grants/hand-on-seal.ts'
import type { Identity } from '../identity.ts'
import type { Limits } from '../limits.ts'
import { Bounds, mostOrigins, mostUses, ownerOf } from '../tokens/bounds.ts'
import { mintToken } from '../tokens/mint.ts'
import { narrow } from '../tokens/narrow.ts'
import { childJti } from '../tokens/revocations.ts'
import type { VerifyToken } from '../tokens/verify.ts'
import { checkBody, readBody } from './read-body.ts'

export interface TokenOptions {
  /** The path before that of the request; empty for none. */
  readonly base: string
  /** By which it was asked. It was on the list. */
  readonly host: string
  /** The first signs, but for a token that comes from one of the bridge's own. */
  readonly secrets: readonly [string, ...string[]]
  readonly issuer: string | undefined
  readonly users: Users
  readonly verifyToken: VerifyToken
  readonly handOnSeal: HandOnSeal
  /** Absent: there is no sign-in link. */
  readonly signIn: SignInLink | undefined
  /** Whether somebody may log in with the password that everybody knows. */
  readonly hasDefaultPassword: boolean
  readonly limits: Limits
  readonly onEvent: OnEvent
  now(): number
}

/** With the port, where the address has one: browsers give a cookie to each port of a host. */
function cookieNameOf({ host }: TokenOptions): string {
  const port = /:(\d+)$/.exec(host)?.[1]
  return port === undefined ? 'drover' : `drover-${port}`
}

/** Strict: a bound that is misspelled would be none. */
const TokenRequest = z.strictObject({
  uses: z.optional(z.unknown()),
  origin: z.optional(z.unknown()),
  job: z.optional(z.unknown()),
  sign_in: z.optional(z.string().check(z.maxLength(500))),
  /** Absent: those of the caller. */
  grants: z.optional(z.record(z.string(), z.unknown())),
  expires_in_ms: z.optional(z.int().check(z.minimum(1_000))),
  /** Keeps this browser signed in: the token goes into a cookie too. */
  remember: z.optional(z.boolean()),
})
type TokenRequest = Omit<z.infer<typeof TokenRequest>, keyof Bounds> & { readonly bounds: Bounds }

/**
 * Answers `POST /token`.
 * @param caller who asks
 * @returns `{ token, expires_at, owner, namespace }`, and the bounds of the token
 */
export async function issueToken(context: Context, caller: Caller, options: TokenOptions): Promise<Response> {
  const { address, scheme } = caller
  const { limits, secrets, issuer, onEvent, now } = options
  const request = await readTokenRequest(context)
  const { identity, by } = await identify(context, address, request, options)
  const { subject } = identity
  const { grants: own } = by === 'token' ? identity : options.handOnSeal(identity)
  const asked = { grants: request.grants, bounds: request.bounds }
  const { grants, bounds } = narrow({ subject, own, ownBounds: identity.bounds, ...asked })
  const isRemembered = by === 'sign_in' || (by === 'password' && request.remember === true)
  if (isRemembered && (bounds.uses !== undefined || bounds.job !== undefined)) {
    throw new DroverError(
      'message_invalid',
      'A browser is not kept signed in by a token with uses, or for one job; leave out remember, and ask for it with a token',
    )
  }
  const expiresInMs = Math.min(
    request.expires_in_ms ?? limits.tokenMs,
    limits.maxTokenMs,
    (identity.expiresAt ?? Number.POSITIVE_INFINITY) - now(),
  )
  // Clocks may differ when a token is verified, but none comes of one that is over
  if (expiresInMs <= 0) throw new DroverError('not_authenticated', 'The token has expired; get a new one')
  // A token's expiry is in whole seconds
  const expiresAt = Math.floor((now() + expiresInMs) / 1000) * 1000
  const { token: parent } = identity
  // Revoked with the one that it comes from, which was issued no later, and refused with its secret or identity provider
  const secret = secrets[parent?.secret ?? 0] ?? secrets[0]
  const from = { secret, jti: childJti(parent?.jti), issuedAt: parent && (parent.issuedAt ?? 0), from: parent?.from }
  const minting = { issuer, sub: subject, expiresInMs, now: now(), ...from, ...bounds }
  const token = await mintToken({ ...minting, grants })
  // Last, since a refused request must not use it up; two that came at once are told apart here
  if (by === 'sign_in') options.signIn?.use()
  onEvent({ type: 'token_given', owner: identity.owner, address, by, http_request_id: context.get('requestId') })
  if (isRemembered) {
    // Without the bridge's keys: it has little room, and they may be others when it is exchanged
    setCookie(
      context,
      cookieNameOf(options),
      await mintToken({ ...minting, grants: { ...grants, seal: identity.grants.seal } }),
      {
        httpOnly: true,
        sameSite: 'Strict',
        path: `${options.base}/token`,
        secure: `${scheme}:` === 'https:' || (scheme === undefined && new URL(context.req.url).protocol === 'https:'),
        expires: new Date(expiresAt),
      },
    )
  }
  context.header('cache-control', 'no-store')
  const owner = ownerOf(subject, bounds)
  return context.json({ token, expires_at: expiresAt, owner, namespace: grants.ns, ...bounds })
}

/**
 * Answers `GET /token`: how a person can sign in here. Of the password that everybody knows it tells where only this machine
 * asks: a bridge on loopback may have a proxy before it that the world can reach.
 * @returns `{ sign_in_link, default_password }`
 */
export function describeSignIn(context: Context, { host, signIn, hasDefaultPassword }: TokenOptions): Response {
  const { hostname } = new URL(`http://${host}`)
  context.header('cache-control', 'no-store')
  return context.json({
    sign_in_link: signIn !== undefined,
    default_password: hasDefaultPassword && isLoopback(hostname),
  })
}

/** Answers `DELETE /token`: this browser is not signed in any more. Tokens that it was given last as long as they say. */
export function clearCookie(context: Context, options: TokenOptions): Response {
  deleteCookie(context, cookieNameOf(options), { path: `${options.base}/token` })
  context.header('cache-control', 'no-store')
  return context.body(null, 204)
}

async function readTokenRequest(context: Context): Promise<TokenRequest> {
  const body = await readBody(context)
  if (body === undefined) return { bounds: {} }
  const { uses, origin, job, ...request } = checkBody(body, TokenRequest, expected)
  return { ...request, bounds: checkBody({ uses, origin, job }, Bounds, expected) }
}

const expected = `grants (an object), expires_in_ms (an integer from 1000), uses (1 to ${mostUses}), origin (such as "https://shop.example", or a list of 1 to ${mostOrigins}), job ({"task":TEXT,"request_id":UUID}), remember (true or false) or sign_in (text), each of which may be absent, and nothing else`

async function identify(
  context: Context,
  address: string,
  request: TokenRequest,
  options: TokenOptions,
): Promise<{ identity: Identity; by: 'sign_in' | 'password' | 'token' | 'cookie' }> {
  const { users, verifyToken, signIn } = options
  if (request.sign_in !== undefined) {
    if (signIn === undefined) throw new DroverError('not_authenticated', 'This bridge has no sign-in link')
    return { identity: signIn.identify(request.sign_in), by: 'sign_in' }
  }
  const origin = context.req.header('origin')
  const said = await identifyRequest(context.req.header('authorization'), { address, origin }, { users, verifyToken })
  if (said !== undefined) return said
  const cookie = getCookie(context, cookieNameOf(options))
  if (cookie !== undefined) return { identity: await verifyForRequest(cookie, origin, verifyToken), by: 'cookie' }
  throw new DroverError(
    'not_authenticated',
    'This request says nobody: give login and password by HTTP Basic, or a token by `authorization: Bearer TOKEN`',
  )
}
