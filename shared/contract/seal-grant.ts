/** The keys that a page is to seal by, as a token or a bridge hands them on: public ones, or the address of a JWKS. Design section 4. */
import * as z from 'zod/mini'
import { isObject } from './json-values.ts'

export interface SealGrant {
  /** A JWKS of public keys, or its `https:` address (`http:` on this machine). */
  readonly keys: PublicKeySet | string
}

/** A JWKS (RFC 7517) without private parts. */
export interface PublicKeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[]
}

const maxKeys = 20
const maxBytes = 8_192
/** RFC 7518, section 6: of an EC or OKP key, of an RSA key, and of a shared one; `priv` is of an AKP key. */
const privateNames: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/** The fault of `seal` in words, which name no part of a key but its `kid`; `undefined` without one. */
function sealFault(seal: unknown): string | undefined {
  const keys = isObject(seal) ? seal.keys : undefined
  if (typeof keys === 'string') return addressFault(keys)
  const list = isObject(keys) ? keys.keys : undefined
  if (!Array.isArray(list) || list.length === 0) {
    return 'expected {"keys":…} with a JWKS of public keys, or its https: address'
  }
  if (list.length > maxKeys) return `it has ${list.length} keys; expected at most ${maxKeys}`
  for (const key of list as readonly unknown[]) {
    const fault = keyFault(key)
    if (fault !== undefined) return fault
  }
  if (new TextEncoder().encode(JSON.stringify(keys)).length > maxBytes) {
    return `its keys have over ${maxBytes} bytes; expected fewer, or the https: address of a JWKS`
  }
  return list.some(key => (key as { alg?: unknown }).alg === 'ECDH-ES+A256KW')
    ? undefined
    : 'none of its keys can be sealed to; expected one of "alg":"ECDH-ES+A256KW"'
}

function keyFault(key: unknown): string | undefined {
  if (!isObject(key)) return 'one of its keys is no object'
  const kid = key.kid
  if (typeof kid !== 'string' || kid === '' || kid.length > 200)
    return 'one of its keys has no kid of 1 to 200 characters'
  if (key.kty !== 'oct' && !privateNames.some(name => Object.hasOwn(key, name))) return undefined
  const found = key.kty === 'oct' ? 'is a shared secret' : 'has its private part with it'
  return `the key ${JSON.stringify(kid)} ${found}; expected public keys, as \`drover keys show FILE --public --json\` prints them`
}

function addressFault(text: string): string | undefined {
  const expected = 'expected the address of a JWKS by https: (by http: on this machine alone)'
  if (text.length > 2_000 || !URL.canParse(text)) return expected
  const { protocol, hostname, username, password } = new URL(text)
  if (username !== '' || password !== '')
    return 'its address has a name or a password in it, which everybody would read'
  const isLocal = /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
  return protocol === 'https:' || (protocol === 'http:' && isLocal) ? undefined : expected
}

export const SealGrant: z.ZodMiniType<SealGrant> = z.custom<SealGrant>().check(context => {
  const message = sealFault(context.value)
  if (message !== undefined) context.issues.push({ code: 'custom', input: context.value, message })
})

/** Whether both hand on the same keys. The order of members does not count. */
export const isSameSeal = (one: SealGrant | undefined, other: SealGrant | undefined): boolean =>
  ordered(one) === ordered(other)

const ordered = (seal: SealGrant | undefined): string | undefined =>
  JSON.stringify(seal, (_, value: unknown) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  )
