/**
 * Seals jobs and replies, and opens them. A job is sealed to the keys that the set has for that time. With its input goes a key
 * of its own, made for it, by which the replies about it are sealed: a worker that could open the job can answer, and nobody else.
 * docs/protocol.md, "Sealed jobs".
 */
import type { Clock } from '../clock.ts'
import { DroverError } from '../contract/errors.ts'
import { isTooDeep, tooDeep } from '../contract/nesting.ts'
import { checkBinding, type ExpectedBinding, type JobBinding, type ReplyBinding } from './binding.ts'
import type { Recipient, SealCrypto, SealKey } from './crypto.ts'
import { checkHeader, recipientsOf } from './header.ts'
import { KeySource, type KeySourcePorts, type Keys } from './key-source.ts'
import { readSealed, type Sealed } from './sealed.ts'
import { readSigned, signed } from './signature.ts'

export interface SealOptions {
  /** Whom jobs are sealed to, and what opens them. */
  readonly keys: Keys
  /** The `kid` of a private key of the set (`use: sig`) with which everything is signed that is sealed here. Default: none. */
  readonly sign?: string | undefined
  /** Whether what nobody signed is refused. What is signed is always verified. */
  readonly signed?: 'required' | undefined
  /** How far the clocks of master and worker may differ when a job's time is over. Default 300 000. */
  readonly clockToleranceMs?: number | undefined
}

export interface SealPorts extends KeySourcePorts {
  readonly clock: Clock
  readonly crypto: SealCrypto
}

/** The key that replies to one job are sealed by. */
export interface ReplyKey {
  readonly kid: string
  readonly key: SealKey
}

/** A reply key as it travels inside of a sealed job, and as a master keeps it: a JWK of type `oct`. */
export interface ReplyJwk {
  readonly kty: 'oct'
  readonly alg: 'A256KW'
  readonly kid: string
  /** 32 bytes in base64url. */
  readonly k: string
}

export interface OpenedJob {
  readonly input: unknown
  readonly replyKey: ReplyKey
  /** As it came, to seal the job again. */
  readonly replyJwk: ReplyJwk
}

const defaultToleranceMs = 300_000

export class Seal {
  readonly #options: SealOptions
  readonly #ports: SealPorts
  readonly #source: KeySource

  constructor(options: SealOptions, ports: SealPorts) {
    this.#options = options
    this.#ports = ports
    this.#source = new KeySource(options.keys, ports)
  }

  /** Reads the keys. @throws {DroverError} `config_invalid` when they cannot be had, or the one to sign by is not there */
  async ready(): Promise<void> {
    const set = await this.#source.current()
    const { sign } = this.#options
    if (sign === undefined || set.signature(sign)?.signs !== undefined) return
    throw new DroverError(
      'config_invalid',
      `There is no private key "${sign}" to sign by; expected one with "use":"sig"`,
    )
  }

  /** The keys' names that jobs are sealed to now. Empty while none is read. */
  get recipients(): readonly string[] {
    return this.#source.latest?.sealing(this.#ports.clock.now()).map(({ kid }) => kid) ?? []
  }

  /** The names of the keys that open here. Empty while none is read. */
  get openers(): readonly string[] {
    return this.#source.latest?.openers ?? []
  }

  /** A key for the replies to one job. */
  newReplyKey(): ReplyJwk {
    const { crypto } = this.#ports
    const text = (bytes: number): string => toBase64url(crypto.random(bytes))
    return { kty: 'oct', alg: 'A256KW', kid: text(9), k: text(32) }
  }

  /**
   * Seals the input of a job.
   * @param kids whom to; default: the keys that seal now
   * @throws {DroverError} `config_invalid` when no key seals now
   */
  async sealJob(
    binding: Omit<JobBinding, 'direction'>,
    input: unknown,
    replyJwk: ReplyJwk,
    kids?: readonly string[],
  ): Promise<Sealed> {
    const set = await this.#source.current()
    const keys = kids?.flatMap(kid => set.encryption(kid) ?? []) ?? set.sealing(this.#ports.clock.now())
    if (keys.length === 0) {
      const found = 'None of the keys seals at present: each is before its "nbf" or past its "exp"'
      throw new DroverError('config_invalid', `${found}; add one by \`drover keys rotate\``)
    }
    const recipients = keys.map(({ kid, alg, seals }) => ({ kid, alg, key: seals }))
    return this.#seal({ ...binding, direction: 'job' }, { input, reply_key: replyJwk }, recipients)
  }

  /**
   * Whether a key of a sealed job is here, as far as is known without a wait.
   * @throws {DroverError} `seal_refused` for what is no sealed body
   */
  canOpen(sealed: unknown): boolean {
    return this.#openerOf(readSealed(sealed)) !== undefined
  }

  /** Whether a key of a sealed job is here; the keys are read anew where none is. */
  async canOpenRenewed(sealed: unknown): Promise<boolean> {
    if (this.canOpen(sealed)) return true
    await this.#source.renewed()
    return this.canOpen(sealed)
  }

  /**
   * Opens a job.
   * @throws {DroverError} `cannot_open` without its key, `seal_refused` when it is not what was sealed for this job, or its time
   * is over, or nobody signed it who should have
   */
  async openJob(expected: Omit<JobBinding, 'direction' | 'expires_at'>, json: unknown): Promise<OpenedJob> {
    const sealed = readSealed(json)
    await this.#source.current()
    const recipient = this.#openerOf(sealed) ?? (await this.#renewedOpenerOf(sealed))
    const { payload, binding } = await this.#open(sealed, recipient, { ...expected, direction: 'job' })
    this.#checkTime(binding.expires_at)
    const { input, reply_key } = payload
    if (!isReplyJwk(reply_key)) {
      throw new DroverError(
        'seal_refused',
        'This job has no reply_key in its seal; expected a JWK of kty "oct" with 32 bytes',
      )
    }
    return { input, replyKey: await this.replyKey(reply_key), replyJwk: reply_key }
  }

  /** A reply key for use. */
  async replyKey(jwk: ReplyJwk): Promise<ReplyKey> {
    return { kid: jwk.kid, key: await this.#ports.crypto.importKey({ ...jwk }, 'open') }
  }

  /** Seals a reply's payload, for each master that waits. */
  sealReply(
    binding: Omit<ReplyBinding, 'direction'>,
    payload: Readonly<Record<string, unknown>>,
    replyKeys: readonly ReplyKey[],
  ): Promise<Sealed> {
    const recipients = replyKeys.map(({ kid, key }): Recipient => ({ kid, alg: 'A256KW', key }))
    return this.#seal({ ...binding, direction: 'reply' }, payload, recipients)
  }

  /**
   * Opens a reply's payload.
   * @throws {DroverError} `cannot_open` when it is sealed by another key, `seal_refused` when it is not what was sealed as this
   * reply
   */
  async openReply(
    expected: Omit<ReplyBinding, 'direction'>,
    json: unknown,
    { kid, key }: ReplyKey,
  ): Promise<Readonly<Record<string, unknown>>> {
    const sealed = readSealed(json)
    if (!recipientsOf(sealed).some(one => one.kid === kid)) throw cannotOpen(sealed)
    const { payload } = await this.#open(sealed, { kid, alg: 'A256KW', key }, { ...expected, direction: 'reply' })
    return payload
  }

  async #seal(
    drover: JobBinding | ReplyBinding,
    payload: Readonly<Record<string, unknown>>,
    recipients: readonly Recipient[],
  ): Promise<Sealed> {
    const { crypto } = this.#ports
    const plain = new TextEncoder().encode(JSON.stringify(payload))
    const key =
      this.#options.sign === undefined ? undefined : (await this.#source.current()).signature(this.#options.sign)
    if (key === undefined) return crypto.encrypt(plain, { drover }, recipients)
    const jws = await signed(crypto, key, plain, drover)
    return crypto.encrypt(new TextEncoder().encode(jws), { drover, cty: 'JWS' }, recipients)
  }

  async #open(
    sealed: Sealed,
    recipient: Recipient,
    expected: ExpectedBinding,
  ): Promise<{
    readonly payload: Readonly<Record<string, unknown>>
    readonly binding: Readonly<Record<string, unknown>>
  }> {
    const header = checkHeader(sealed, recipient)
    checkBinding(header.drover, expected)
    let plain: Uint8Array
    try {
      plain = await this.#ports.crypto.decrypt(sealed, recipient)
    } catch (cause) {
      const found = 'This body is not what was sealed: its tag, its header or its key was changed on the way'
      throw new DroverError('seal_refused', found, { cause })
    }
    if (header.cty === 'JWS') plain = await this.#verified(plain, expected)
    else if (this.#options.signed === 'required') {
      throw new DroverError('seal_refused', 'This body is not signed; expected the signature of its sender')
    }
    return { payload: readPayload(plain), binding: { ...(header.drover as object) } }
  }

  async #verified(plain: Uint8Array, expected: ExpectedBinding): Promise<Uint8Array> {
    const set = await this.#source.current()
    return readSigned(this.#ports.crypto, new TextDecoder().decode(plain), expected, async kid => {
      return set.signature(kid) ?? (await this.#source.renewed()).signature(kid)
    })
  }

  #openerOf(sealed: Sealed): Recipient | undefined {
    for (const { kid, alg } of recipientsOf(sealed)) {
      const key = this.#source.latest?.opening(kid)
      if (key !== undefined && key.alg === alg) return { kid, alg: key.alg, key: key.opens }
    }
    return undefined
  }

  async #renewedOpenerOf(sealed: Sealed): Promise<Recipient> {
    await this.#source.renewed()
    const opener = this.#openerOf(sealed)
    if (opener === undefined) throw cannotOpen(sealed)
    return opener
  }

  /** By the wall clock: nobody on the way can be asked, since they could say anything. */
  #checkTime(expiresAt: unknown): void {
    const { clockToleranceMs = defaultToleranceMs } = this.#options
    const now = this.#ports.clock.now()
    if (typeof expiresAt === 'number' && now < expiresAt + clockToleranceMs) return
    const was = typeof expiresAt === 'number' ? `at ${instant(expiresAt)}` : 'at a time that is not said'
    throw new DroverError(
      'seal_refused',
      `This job was sealed to be over ${was}, and here it is ${instant(now)}; it came again after its time, or a clock is wrong`,
    )
  }
}

function readPayload(plain: Uint8Array): Readonly<Record<string, unknown>> {
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

function cannotOpen(sealed: Sealed): DroverError {
  const kids = recipientsOf(sealed).map(({ kid }) => `"${kid.slice(0, 100)}"`)
  const names = kids.length > 3 ? `${kids.slice(0, 3).join(', ')} and ${kids.length - 3} more` : kids.join(' or ')
  return new DroverError(
    'cannot_open',
    `This body is sealed for ${names || 'nobody that it names'}, and that key is not here`,
  )
}

function isReplyJwk(value: unknown): value is ReplyJwk {
  if (typeof value !== 'object' || value === null) return false
  const { kty, kid, k } = value as Record<string, unknown>
  return (
    kty === 'oct' &&
    typeof kid === 'string' &&
    kid !== '' &&
    kid.length <= 200 &&
    typeof k === 'string' &&
    /^[\w-]{43}$/.test(k)
  )
}

/** `Date` has no words for an instant beyond the year 275760. */
function instant(at: number): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString()
}

function toBase64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
