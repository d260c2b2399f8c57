/**
 * Seals jobs and replies, and opens them. A job is sealed to the keys that the set has for that time. With its input goes a key
 * of its own, made for it, by which the replies about it are sealed: a worker that could open the job can answer, and nobody else.
 * docs/protocol.md, "Sealed jobs".
 */
import { DroverError } from '../contract/errors.ts'
import type { JobBinding, ReplyBinding } from './binding.ts'
import { cannotOpen, type OpenOptions, openBody, type Payload, sealBody, sealSigned } from './body.ts'
import type { KeyAlgorithm, Recipient, SealCrypto, SealKey } from './crypto.ts'
import { recipientsOf, someRecipients } from './header.ts'
import { KeySet } from './key-set.ts'
import { KeySource, type KeySourcePorts, type Keys } from './key-source.ts'
import { importReplyKey, isReplyJwk, newReplyJwk, type ReplyJwk, type ReplyKey } from './reply-key.ts'
import { readSealed, type Sealed } from './sealed.ts'

export interface SealOptions {
  /** The keys that jobs are sealed to, and those that open them. */
  readonly keys: Keys
  /** The `kid` of a private key of the set (`use: sig`) with which everything is signed that is sealed here. Default: none. */
  readonly sign?: string | undefined
  /** Whether an unsigned body is refused. A signature is verified wherever there is one. */
  readonly signed?: 'required' | undefined
  /** How far the clocks of master and worker may differ when a job's time is over. Default 300 000. */
  readonly clockToleranceMs?: number | undefined
  /** JOSE and randomness, which a simulation replays. Default: `jose` and the platform's. */
  readonly crypto?: SealCrypto | undefined
}

export interface OpenedJob {
  readonly input: unknown
  readonly replyKey: ReplyKey
  /** As it came, to seal the job again. */
  readonly replyJwk: ReplyJwk
  /** When the job is over, ms since the epoch, in the broker's time. */
  readonly expiresAt: number
  /** The signature of its sender, with all that it covers. Absent where nobody signed it. */
  readonly jws?: string
}

/** The key that seals a master's stored jobs: one key, or both parts of a pair. */
export interface StorageKey {
  readonly kid: string
  readonly alg: KeyAlgorithm
  readonly seals: SealKey
  readonly opens: SealKey
}

export interface SealPorts extends KeySourcePorts {
  readonly crypto: SealCrypto
}

const defaultToleranceMs = 300_000

export class Seal {
  readonly #options: SealOptions
  readonly #ports: SealPorts
  readonly #source: KeySource<KeySet>

  constructor(options: SealOptions, ports: SealPorts) {
    this.#options = options
    this.#ports = ports
    this.#source = new KeySource(options.keys, (json, where) => KeySet.read(json, where, ports.crypto), ports)
  }

  /**
   * Reads the keys.
   * @throws {DroverError} `keys_unavailable` when their place cannot be read, `config_invalid` when it has none, or lacks the
   * one to sign by
   */
  async ready(): Promise<void> {
    await this.#signer()
  }

  /** The keys' names that jobs are sealed to now. Empty while none is read. */
  get recipients(): readonly string[] {
    return this.#source.latest?.sealing(this.#ports.clock.now()).map(({ kid }) => kid) ?? []
  }

  /** The names of the keys that open here. Empty while none is read. */
  get openers(): readonly string[] {
    return this.#source.latest?.openers ?? []
  }

  /** Whether a body without its sender's signature is refused. */
  get isSignatureRequired(): boolean {
    return this.#options.signed === 'required'
  }

  /** A key for the replies to one job. */
  newReplyKey(): ReplyJwk {
    return newReplyJwk(this.#ports.crypto)
  }

  /** A reply key for use. */
  replyKey(jwk: ReplyJwk): Promise<ReplyKey> {
    return importReplyKey(this.#ports.crypto, jwk)
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
    const recipients = await this.#recipients(kids)
    const payload = { input, reply_key: replyJwk }
    return sealBody(this.#ports.crypto, { ...binding, direction: 'job' }, payload, recipients, await this.#signer())
  }

  /**
   * Seals a job for another attempt. A signature of its sender stays on it.
   * @param kids whom to, as far as they are known here
   * @throws {DroverError} `config_invalid` when none of them is
   */
  async sealAgain(
    binding: Omit<JobBinding, 'direction'>,
    { input, replyJwk, jws }: OpenedJob,
    kids: readonly string[],
  ): Promise<Sealed> {
    if (jws === undefined) return this.sealJob(binding, input, replyJwk, kids)
    const recipients = await this.#recipients(kids)
    return sealSigned(this.#ports.crypto, { ...binding, direction: 'job' }, jws, recipients)
  }

  /**
   * Whether a key of a sealed job is here, as far as is known without a wait.
   * @throws {DroverError} `seal_refused` for a value that is no sealed body
   */
  canOpen(json: unknown): boolean {
    return this.#openerOf(readSealed(json)) !== undefined
  }

  /** Whether a key of a sealed job is here; the keys are read anew where none is. */
  async canOpenRenewed(json: unknown): Promise<boolean> {
    const sealed = readSealed(json)
    if (this.#openerOf(sealed) !== undefined) return true
    await this.#source.renewed()
    return this.#openerOf(sealed) !== undefined
  }

  /**
   * Opens a job.
   * @throws {DroverError} `cannot_open` without its key, `seal_refused` when it was not sealed for this job, its time is over,
   * or the signature that it needs is missing
   */
  async openJob(expected: Omit<JobBinding, 'direction' | 'expires_at'>, json: unknown): Promise<OpenedJob> {
    const sealed = readSealed(json)
    await this.#source.current()
    const recipient = this.#openerOf(sealed) ?? (await this.#renewedOpenerOf(sealed))
    const { payload, binding, jws } = await this.#open(sealed, recipient, { ...expected, direction: 'job' })
    const expiresAt = this.#checkTime(binding.expires_at)
    const { input, reply_key } = payload
    if (!isReplyJwk(reply_key)) {
      const found = 'This job has no reply_key in its seal; expected a JWK of kty "oct" with 32 bytes'
      throw new DroverError('seal_refused', found)
    }
    const replyKey = await this.replyKey(reply_key)
    return { input, replyKey, replyJwk: reply_key, expiresAt, ...(jws === undefined ? {} : { jws }) }
  }

  /** Seals a reply's payload, for each master that waits. */
  async sealReply(
    binding: Omit<ReplyBinding, 'direction'>,
    payload: Payload,
    replyKeys: readonly ReplyKey[],
  ): Promise<Sealed> {
    const recipients = replyKeys.map(({ kid, key }): Recipient => ({ kid, alg: 'A256KW', key }))
    return sealBody(this.#ports.crypto, { ...binding, direction: 'reply' }, payload, recipients, await this.#signer())
  }

  /**
   * Opens a reply's payload.
   * @throws {DroverError} `cannot_open` when it is sealed by another key, `seal_refused` when it was not sealed as this reply
   */
  async openReply(expected: Omit<ReplyBinding, 'direction'>, json: unknown, { kid, key }: ReplyKey): Promise<Payload> {
    const sealed = readSealed(json)
    if (!isFor(sealed, kid)) throw cannotOpen(sealed)
    return (await this.#open(sealed, { kid, alg: 'A256KW', key }, { ...expected, direction: 'reply' })).payload
  }

  /** Seals a reply of one's own once more, for another master as well. @throws {DroverError} as `openReply` */
  async sealReplyAgain(
    binding: Omit<ReplyBinding, 'direction'>,
    json: unknown,
    own: ReplyKey,
    other: ReplyKey,
  ): Promise<Sealed> {
    const recipient = { ...own, alg: 'A256KW' } as const
    const { payload } = await this.#open(readSealed(json), recipient, { ...binding, direction: 'reply' }, false)
    return this.sealReply(binding, payload, [own, other])
  }

  /**
   * The key that a master seals its own store by: of the set, the first that opens.
   * @returns `undefined` when there is none
   */
  async ownStorageKey(): Promise<StorageKey | undefined> {
    const set = await this.#source.current()
    const [kid] = set.openers
    const key = kid === undefined ? undefined : set.opening(kid)
    return key && { kid: key.kid, alg: key.alg, seals: key.seals, opens: key.opens }
  }

  /** Seals a job for the store of its own master. */
  sealStored(requestId: string, payload: Payload, { kid, alg, seals }: StorageKey): Promise<Sealed> {
    const binding = { direction: 'stored', request_id: requestId } as const
    return sealBody(this.#ports.crypto, binding, payload, [{ kid, alg, key: seals }])
  }

  /**
   * Opens a job of the store.
   * @throws {DroverError} `cannot_open` when another key sealed it, `seal_refused` when this master did not store it
   */
  async openStored(requestId: string, json: unknown, { kid, alg, opens }: StorageKey): Promise<Payload> {
    const sealed = readSealed(json)
    if (!isFor(sealed, kid)) throw cannotOpen(sealed)
    const binding = { direction: 'stored', request_id: requestId } as const
    return (await openBody(this.#ports.crypto, sealed, { kid, alg, key: opens }, binding)).payload
  }

  async #recipients(kids: readonly string[] | undefined): Promise<readonly Recipient[]> {
    const set = await this.#source.current()
    const keys = kids?.flatMap(kid => set.encryption(kid) ?? []) ?? set.sealing(this.#ports.clock.now())
    if (keys.length > 0) return keys.map(({ kid, alg, seals }) => ({ kid, alg, key: seals }))
    const found = 'None of the keys seals at present: each is before its "nbf" or past its "exp"'
    throw new DroverError('config_invalid', `${found}; add one by \`drover keys rotate\``)
  }

  /** The private key to sign by; `undefined` where nothing is signed. */
  async #signer() {
    const set = await this.#source.current()
    const { sign } = this.#options
    if (sign === undefined) return undefined
    const key = set.signature(sign)
    if (key?.signs !== undefined) return key
    throw new DroverError(
      'config_invalid',
      `There is no private key "${sign}" to sign by; expected one with "use":"sig"`,
    )
  }

  #open(
    sealed: Sealed,
    recipient: Recipient,
    expected: Parameters<typeof openBody>[3],
    isSignatureRequired = this.isSignatureRequired,
  ) {
    const options: OpenOptions = {
      signatureKey: async kid => {
        const set = await this.#source.current()
        return set.signature(kid) ?? (await this.#source.renewed()).signature(kid)
      },
      isSignatureRequired,
    }
    return openBody(this.#ports.crypto, sealed, recipient, expected, options)
  }

  /** Also where it names another algorithm than the key's: it is refused for that, and no other worker could open it. */
  #openerOf(sealed: Sealed): Recipient | undefined {
    for (const { kid } of someRecipients(sealed)) {
      const key = this.#source.latest?.opening(kid)
      if (key !== undefined) return { kid, alg: key.alg, key: key.opens }
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
  #checkTime(expiresAt: unknown): number {
    const { clockToleranceMs = defaultToleranceMs } = this.#options
    const now = this.#ports.clock.now()
    if (typeof expiresAt === 'number' && now < expiresAt + clockToleranceMs) return expiresAt
    const was = typeof expiresAt === 'number' ? `at ${instant(expiresAt)}` : 'at a time that is not said'
    throw new DroverError(
      'seal_refused',
      `This job was sealed to be over ${was}, and here it is ${instant(now)}; it came again after its time, or a clock is wrong`,
    )
  }
}

const isFor = (sealed: Sealed, kid: string): boolean => recipientsOf(sealed).some(one => one.kid === kid)

/** `Date` has no words for an instant beyond the year 275760. */
function instant(at: number): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString()
}
