/**
 * A token of the bridge's own secret, proved at once. `jose` asks Web Crypto, which hands each step to a thread: that costs a login
 * more than all else that the bridge does for it. Here only the right signature under the one plain kind of header is taken; every
 * other token goes to `jose`, which judges it.
 */
import { base64url, decodeProtectedHeader } from 'jose'
import { timingSafeEqualText } from '../../shared/timing-safe-equal.ts'
import type { Mac } from '../grants/passes.ts'
import { algorithm } from './signing-key.ts'

/**
 * The payload of a token that is surely by one of the secrets.
 * @param token three parts in base64url, each in its one right spelling
 * @param macs by each secret
 * @returns with the index of its secret; `undefined`: that is not said here
 */
export function readOwn(
  token: string,
  macs: readonly Mac[],
): { readonly payload: Uint8Array; readonly secret: number } | undefined {
  const end = token.lastIndexOf('.')
  const signed = token.slice(0, end)
  const signature = token.slice(end + 1)
  const secret = macs.findIndex(mac => timingSafeEqualText(mac(signed), signature))
  if (secret < 0) return undefined
  if (!hasPlainHeader(token)) return undefined
  return { payload: base64url.decode(signed.slice(signed.indexOf('.') + 1)), secret }
}

/** Who knows the secret wrote the header too, perhaps one that asks for more than a signature. */
function hasPlainHeader(token: string): boolean {
  try {
    const { alg, crit } = decodeProtectedHeader(token)
    return alg === algorithm && crit === undefined
  } catch {
    return false
  }
}
