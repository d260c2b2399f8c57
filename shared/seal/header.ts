/**
 * The headers of a sealed body, read before anything is decrypted, since its sender chose them. A header that Drover does not
 * speak is refused here, so that no library is asked to obey it. RFC 7516, section 4; RFC 8725, section 3.
 */
import { DroverError } from '../contract/errors.ts'
import type { Recipient } from './crypto.ts'
import { readSealed, type Sealed } from './sealed.ts'

/** All that a protected header may have. */
const known: readonly string[] = ['alg', 'cty', 'drover', 'enc', 'epk', 'kid', 'typ']
/** All that the header of one of several recipients may have. */
const knownOfRecipient: readonly string[] = ['alg', 'epk', 'kid']

interface NamedRecipient {
  readonly kid: string
  readonly alg: string
}

/** Whom it is sealed for, as far as its headers can be read. Never throws. */
export function recipientsOf(sealed: Sealed): readonly NamedRecipient[] {
  const headers = sealed.recipients?.map(({ header }) => header) ?? [
    { ...readHeader(sealed.protected), ...sealed.header },
  ]
  return headers.flatMap(header => {
    const { kid, alg } = header ?? {}
    return typeof kid === 'string' && typeof alg === 'string' ? [{ kid, alg }] : []
  })
}

/**
 * Whom it is sealed for.
 * @returns at least one
 * @throws {DroverError} `seal_refused` where it names nobody
 */
export function someRecipients(sealed: Sealed): readonly NamedRecipient[] {
  const recipients = recipientsOf(sealed)
  if (recipients.length > 0) return recipients
  const found = 'This sealed body names no key that it is sealed for; expected "alg" and "kid"'
  throw new DroverError('seal_refused', found)
}

/**
 * Whom the `sealed` of a message is for. @returns at least one
 * @throws {DroverError} `seal_refused` for a value that is no sealed body, or names nobody
 */
export const readRecipients = (json: unknown): readonly NamedRecipient[] => someRecipients(readSealed(json))

/**
 * @param recipient the one whose key is to open it
 * @returns the protected header
 * @throws {DroverError} `seal_refused`
 */
export function checkHeader(sealed: Sealed, { kid, alg }: Recipient): Readonly<Record<string, unknown>> {
  const header = readHeader(sealed.protected)
  if (header === undefined) throw refused('its protected header is no JSON object')
  if (sealed.recipients !== undefined && (sealed.header ?? sealed.encrypted_key) !== undefined) {
    throw refused('it is written both flat and for several recipients')
  }
  const own = sealed.recipients?.find(one => one.header?.kid === kid)?.header ?? sealed.header ?? {}
  for (const name of Object.keys(header)) {
    if (!known.includes(name)) throw refused(`its header has "${name.slice(0, 50)}", which is not spoken here`)
  }
  for (const name of Object.keys(own)) {
    if (!knownOfRecipient.includes(name))
      throw refused(`its header has "${name.slice(0, 50)}", which is not spoken here`)
    if (Object.hasOwn(header, name)) throw refused(`its header has "${name}" twice`)
  }
  const both = { ...header, ...own }
  if (both.alg !== alg) throw refused(`its alg is ${short(both.alg)}; the key "${kid}" is for ${alg}`)
  if (header.enc !== 'A256GCM') throw refused(`its enc is ${short(header.enc)}; expected "A256GCM"`)
  if (header.cty !== undefined && header.cty !== 'JWS')
    throw refused(`its cty is ${short(header.cty)}; expected "JWS" or none`)
  return header
}

/** The JSON object in a header of JOSE; `undefined` for anything else. */
export function readHeader(base64url: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const bytes = Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), c => c.charCodeAt(0))
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof header === 'object' && header !== null && !Array.isArray(header) ? { ...header } : undefined
  } catch {
    return undefined
  }
}

const short = (value: unknown): string => (JSON.stringify(value) ?? 'absent').slice(0, 100)

const refused = (why: string): DroverError => new DroverError('seal_refused', `This sealed body is refused: ${why}`)
