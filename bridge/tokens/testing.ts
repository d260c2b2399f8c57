/** For tests of tokens that come from programs, which have no origin. */
import type { Identity } from '../identity.ts'
import { createVerifier } from './verify.ts'

export function verifierForPrograms(...by: Parameters<typeof createVerifier>): (token: string) => Promise<Identity> {
  const verify = createVerifier(...by)
  return token => verify(token, undefined)
}
