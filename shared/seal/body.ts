/** One sealed body: made of a payload and its binding, and opened after its headers and its binding were looked at. */
import { DroverError } from '../contract/errors.ts'
import { isTooDeep, tooDeep } from '../contract/nesting.ts'
import { type Binding, checkBinding, type ExpectedBinding } from './binding.ts'
import type { Recipient, SealCrypto } from './crypto.ts'
import { checkHeader, recipientsOf } from './header.ts'
import type { SignatureKey } from './key-set.ts'
import type { Sealed } from './sealed.ts'
import { readSigned, signed } from './signature.ts'

export type Payload = Readonly<Record<string, unknown>>

/** @param signer a private key, where the sender signs */
export async function sealBody(
  crypto: SealCrypto,
  binding: Binding,
  payload: Payload,
  recipients: readonly Recipient[],
  signer?: SignatureKey,
): Promise<Sealed> {
  const plain = new TextEncoder().encode(JSON.stringify(payload))
  if (signer === undefined) return crypto.encrypt(plain, { drover: binding }, recipients)
  return sealSigned(crypto, binding, await signed(crypto, signer, plain, binding), recipients)
}

/** Seals a payload with the signature that it has already. */
export function sealSigned(
  crypto: SealCrypto,
  binding: Binding,
  jws: string,
  recipients: readonly Recipient[],
): Promise<Sealed> {
  return crypto.encrypt(new TextEncoder().encode(jws), { drover: binding, cty: 'JWS' }, recipients)
}

export interface OpenedBody {
  readonly payload: Payload
  /** As the body has it. */
  readonly binding: Payload
  /** The payload with its sender's signature, where it has one. */
  readonly jws?: string
}

export interface OpenOptions {
  /** The key of that name, to verify by. */
  readonly signatureKey: (kid: string) => Promise<SignatureKey | undefined>
  readonly isSignatureRequired: boolean
}

/**
 * @param recipient whose key opens it
 * @param options absent for a body of one's own, which nobody signs
 * @throws {DroverError} `seal_refused`
 */
export async function openBody(
  crypto: SealCrypto,
  sealed: Sealed,
  recipient: Recipient,
  expected: ExpectedBinding,
  options?: OpenOptions,
): Promise<OpenedBody> {
  const header = checkHeader(sealed, recipient)
  checkBinding(header.drover, expected)
  const binding: Payload = { ...(header.drover as object) }
  const plain = await decrypted(crypto, sealed, recipient)
  if (header.cty === 'JWS' && options !== undefined) {
    const jws = new TextDecoder().decode(plain)
    const whole = expected.direction === 'job' ? { ...expected, expires_at: Number(binding.expires_at) } : expected
    return { payload: readPayload(await readSigned(crypto, jws, whole, options.signatureKey)), binding, jws }
  }
  if (options?.isSignatureRequired === true) {
    throw new DroverError('seal_refused', 'This body is not signed; expected the signature of its sender')
  }
  return { payload: readPayload(plain), binding }
}

async function decrypted(crypto: SealCrypto, sealed: Sealed, recipient: Recipient): Promise<Uint8Array> {
  try {
    return await crypto.decrypt(sealed, recipient)
  } catch (cause) {
    const found = 'This body is not what was sealed: its tag, its header or its key was changed on the way'
    throw new DroverError('seal_refused', found, { cause })
  }
}

function readPayload(plain: Uint8Array): Payload {
  const text = new TextDecoder().decode(plain)
  if (isTooDeep(text)) throw new DroverError('seal_refused', `This body ${tooDeep}`)
  try {
    const payload: unknown = JSON.parse(text)
    if (typeof payload === 'object' && payload !== null && !Array.isArray(payload)) return { ...payload }
  } catch {
    // told below
  }
  throw new DroverError('seal_refused', 'This body is sealed and holds no JSON object')
}

/** Why a body stays closed here. */
export function cannotOpen(sealed: Sealed): DroverError {
  const kids = recipientsOf(sealed).map(({ kid }) => `"${kid.slice(0, 100)}"`)
  const names = kids.length > 3 ? `${kids.slice(0, 3).join(', ')} and ${kids.length - 3} more` : kids.join(' or ')
  return new DroverError(
    'cannot_open',
    `This body is sealed for ${names || 'nobody that it names'}, and that key is not here`,
  )
}
