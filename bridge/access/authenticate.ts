/** Who is behind a CONNECT or a request: a token, or login and password of a configured user. Design section 4. */
import { DroverError } from '../../shared/contract/errors.ts'
import type { HandOnSeal } from '../grants/hand-on-seal.ts'
import type { Credentials, Identity } from '../identity.ts'
import type { VerifyToken } from '../tokens/verify.ts'
import type { Users } from './users.ts'

/** Where a CONNECT or a request comes from. */
export interface Sender {
  readonly address: string
  /** The page's, where it is one. */
  readonly origin?: string | undefined
}

export interface Authenticators {
  readonly users: Users
  readonly verifyToken: VerifyToken
  readonly handOnSeal: HandOnSeal
}

/** Three parts in base64url, of which the first is a JSON object's. */
const tokenShape = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/

/**
 * Makes the function that authenticates.
 * @returns rejects with `not_authenticated`, `too_many_attempts`, or `forbidden` for a token of other pages
 */
export function createAuthenticate({
  users,
  verifyToken,
  handOnSeal,
}: Authenticators): (credentials: Credentials, sender: Sender) => Promise<Identity> {
  return async ({ authorization, login, passcode }, { address, origin }) => {
    const given = readAuthorization(authorization)
    if (given?.scheme === 'bearer') return verifyToken(given.token, origin)
    if (passcode !== undefined && tokenShape.test(passcode)) return verifyToken(passcode, origin)
    if (login !== undefined && passcode !== undefined) return handOnSeal(await users.logIn(login, passcode, address))
    if (passcode !== undefined && passcode !== '') {
      throw new DroverError(
        'not_authenticated',
        'The passcode is not a token, and CONNECT has no login that it could be for; give a whole token, or login and passcode',
      )
    }
    throw new DroverError(
      'not_authenticated',
      'CONNECT says nobody: give a token as passcode or as `authorization: Bearer TOKEN`, or login and passcode',
    )
  }
}

/**
 * Who a request is of, as its `authorization` says.
 * @returns `undefined` where it says nobody
 * @throws {DroverError} `not_authenticated`, `too_many_attempts`, `forbidden`
 */
export async function identifyRequest(
  authorization: string | undefined,
  { address, origin }: Sender,
  { users, verifyToken }: { readonly users: Users; readonly verifyToken: VerifyToken },
): Promise<{ readonly identity: Identity; readonly by: 'token' | 'password' } | undefined> {
  const given = readAuthorization(authorization)
  if (given === undefined) return undefined
  if (given.scheme === 'bearer')
    return { identity: await verifyForRequest(given.token, origin, verifyToken), by: 'token' }
  return { identity: await users.logIn(given.login, given.password, address), by: 'password' }
}

/**
 * Whom the token of a request is of.
 * @throws {DroverError} `not_authenticated`; `forbidden` for one whose uses are sessions
 */
export async function verifyForRequest(
  token: string,
  origin: string | undefined,
  verifyToken: VerifyToken,
): Promise<Identity> {
  const identity = await verifyToken(token, origin)
  if (identity.bounds?.uses === undefined) return identity
  throw new DroverError('forbidden', 'A token with uses opens sessions at /stomp, and counts for no other request')
}

/** Makes the function that tells who a request is of. It rejects also where the request says nobody. */
export const createIdentify =
  (by: { readonly users: Users; readonly verifyToken: VerifyToken }) =>
  async (authorization: string | undefined, sender: Sender): Promise<Identity> => {
    const found = await identifyRequest(authorization, sender, by)
    if (found !== undefined) return found.identity
    throw new DroverError(
      'not_authenticated',
      'This request says nobody: give a token by `authorization: Bearer TOKEN`, or login and password by HTTP Basic',
    )
  }

/** The `authorization` of a request or a CONNECT: a token, or login and password. RFC 7617 and RFC 6750. */
export type Authorization =
  | { readonly scheme: 'bearer'; readonly token: string }
  | { readonly scheme: 'basic'; readonly login: string; readonly password: string }

/**
 * @param text of the header
 * @returns `undefined` where it is absent, blank or of another scheme
 * @throws {DroverError} `not_authenticated` for one of these schemes that is written wrongly
 */
export function readAuthorization(text: string | undefined): Authorization | undefined {
  const given = text?.trim() ?? ''
  if (given === '') return undefined
  const [scheme = '', ...rest] = given.split(/ +/)
  const [value = ''] = rest
  switch (scheme.toLowerCase()) {
    case 'bearer':
      if (rest.length === 1) return { scheme: 'bearer', token: value }
      throw refusedAuthorization('after Bearer it needs one token without blanks in it')
    case 'basic':
      if (rest.length === 1) return { scheme: 'basic', ...readBasic(value) }
      throw refusedAuthorization('after Basic it needs login:password in base64, without blanks in it')
    default:
      return undefined // a proxy's own, such as Negotiate: who asks may be said elsewhere
  }
}

function readBasic(encoded: string): { login: string; password: string } {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Uint8Array.from(atob(encoded), char => char.charCodeAt(0)),
    )
  } catch {
    throw refusedAuthorization('after Basic it needs login:password as UTF-8 in base64')
  }
  const colon = text.indexOf(':')
  if (colon < 0) throw refusedAuthorization('after Basic it needs login:password in base64; there is no colon')
  return { login: text.slice(0, colon), password: text.slice(colon + 1) }
}

const refusedAuthorization = (why: string): DroverError =>
  new DroverError('not_authenticated', `The authorization is refused: ${why}`)
