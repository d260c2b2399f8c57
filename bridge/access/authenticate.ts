/** Who is behind a CONNECT or a request: a token, or login and password of a configured user. Design section 4. */
import { DroverError } from '../../shared/contract/errors.ts'
import type { Credentials, Identity } from '../identity.ts'
import type { VerifyToken } from '../tokens/verify.ts'
import { readAuthorization } from './authorization.ts'
import type { Users } from './users.ts'

/** Three parts in base64url, of which the first is a JSON object's. */
const tokenShape = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/

/**
 * Makes what authenticates.
 * @returns rejects with `not_authenticated` or `too_many_attempts`
 */
export function createAuthenticate(
  users: Users,
  verifyToken: VerifyToken,
): (credentials: Credentials, address: string) => Promise<Identity> {
  return async ({ authorization, login, passcode }, address) => {
    const given = readAuthorization(authorization)
    if (given?.scheme === 'bearer') return verifyToken(given.token)
    if (passcode !== undefined && tokenShape.test(passcode)) return verifyToken(passcode)
    if (login !== undefined && passcode !== undefined) return users.logIn(login, passcode, address)
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
