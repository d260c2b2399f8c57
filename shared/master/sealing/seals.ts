/**
 * The seals of a master's jobs: it seals each as it leaves, opens the replies about it, and has the key by which it is stored.
 * Only `job-seals.ts` knows this file, and fetches it with `jose` for a master that seals.
 */
import type { Clock } from '../../clock.ts'
import { DroverError } from '../../contract/errors.ts'
import { openedReply, type Reply } from '../../contract/mod.ts'
import {
  createSeal,
  type ReplyJwk,
  type ReplyKey,
  type Seal,
  type Sealed,
  type SealOptions,
  type StorageKey,
} from '../../seal/mod.ts'
import type { Stomp } from '../../stomp/mod.ts'
import type { ChangeListeners } from '../changes.ts'
import type { JobState } from '../jobs/state/job.ts'
import type { JobStorage } from '../storage/storage.ts'
import type { Timeouts } from '../timeouts.ts'
import { closedJob, openedJob } from './stored-job.ts'
import { untilDone } from './until-done.ts'

export interface SealsPorts {
  readonly options: SealOptions
  readonly clock: Clock
  readonly stomp: Pick<Stomp, 'state'>
  readonly storage: Pick<JobStorage, 'storageKey'>
  readonly changes: ChangeListeners
  readonly timeouts: Pick<Timeouts, 'set'>
  /** Whether this master is disposed of, or will never send anything. */
  readonly isOver: () => boolean
  /** Reads a file of keys. Absent where there are no files. */
  readonly readText?: ((path: string) => Promise<string>) | undefined
}

/** Keys that could not be read are asked for again after so long, and each time that a job wants to leave. */
const againMs = 5000

interface HeldKey {
  readonly jwk: ReplyJwk
  readonly ready: Promise<ReplyKey>
}

export class Seals {
  readonly #ports: SealsPorts
  readonly #storageKey: () => Promise<StorageKey>
  readonly #seal: Seal
  /** By job. */
  readonly #replyKeys = new Map<string, HeldKey>()
  #problem: DroverError | undefined
  #isUnkept = false
  #namespace: string | undefined

  constructor(ports: SealsPorts) {
    this.#ports = ports
    const { options, clock, readText } = ports
    this.#seal = createSeal(options, {
      clock,
      ...(readText === undefined ? {} : { readText }),
      problem: (message, cause) => this.#tell(new DroverError('keys_unavailable', message, { cause })),
      read: () => this.#tell(undefined),
    })
    this.#storageKey = untilDone(() => this.#findStorageKey())
    void this.#ready()
  }

  /** The names of the keys that jobs are sealed to now; empty until they were read. */
  get recipients(): readonly string[] {
    return this.#seal.recipients
  }

  /** Why no keys are there, or why they stay as they were. */
  get problem(): DroverError | undefined {
    return this.#problem
  }

  /** Whether jobs that are stored show as sealed to the next master, since nothing keeps a key for them. */
  get isUnkept(): boolean {
    return this.#isUnkept
  }

  async #ready(): Promise<void> {
    try {
      await this.#seal.ready()
    } catch (error) {
      this.#tell(error as DroverError)
      if (this.#ports.isOver()) return
      this.#ports.timeouts.set('keys', againMs, () => void this.#ready())
    }
  }

  #tell(problem: DroverError | undefined): void {
    this.#problem = problem
    this.#ports.changes.tell({ type: 'seal' })
  }

  /**
   * Seals the input of a job that leaves.
   * @param expiresAt when it is over, ms since the epoch, in the broker's time
   * @throws {DroverError} `keys_unavailable` for now, `config_invalid` for good
   */
  async seal(
    { request_id, task, attempt }: JobState,
    input: unknown,
    namespace: string,
    expiresAt: number,
  ): Promise<Sealed> {
    const { jwk } = this.#replyKeyOf(request_id)
    return this.#seal.sealJob({ namespace, task, request_id, attempt, expires_at: Math.round(expiresAt) }, input, jwk)
  }

  /**
   * Opens a reply.
   * @returns the reply as it is where this master has no key for it
   * @throws {DroverError} `seal_refused` for a body that was not sealed as this reply, `message_invalid` for one that is none
   */
  async open(reply: Reply, { request_id, task }: JobState): Promise<Reply> {
    const { state } = this.#ports.stomp
    if (state.at === 'open') this.#namespace = state.session.namespace
    const { attempt, type, seq, worker_id } = reply
    const namespace = this.#namespace
    const held = this.#replyKeys.get(request_id)
    if (held === undefined || namespace === undefined) return reply
    if (seq === undefined || worker_id === undefined) {
      throw new DroverError('seal_refused', 'A sealed reply says neither its worker_id nor its seq; expected both')
    }
    const binding = { namespace, task, request_id, attempt, worker_id, type, seq }
    return openedReply(reply, await this.#seal.openReply(binding, reply.sealed, await held.ready))
  }

  /** Stored jobs, opened where that can be. */
  opened(jobs: readonly JobState[]): Promise<readonly JobState[]> {
    return Promise.all(jobs.map(job => openedJob(job, this)))
  }

  /** Jobs as they are stored. */
  closed(jobs: readonly JobState[]): Promise<readonly JobState[]> {
    return Promise.all(jobs.map(job => closedJob(job, this)))
  }

  /** A job as it is stored. */
  async store(job: JobState): Promise<Sealed> {
    const { jwk } = this.#replyKeyOf(job.request_id)
    return this.#seal.sealStored(job.request_id, { job, reply_key: jwk }, await this.#storageKey())
  }

  /** @throws {DroverError} `cannot_open`, `seal_refused`, or why there are no keys */
  async restore(requestId: string, sealed: unknown): Promise<JobState> {
    const { job, reply_key } = await this.#seal.openStored(requestId, sealed, await this.#storageKey())
    this.#hold(requestId, reply_key as ReplyJwk)
    return job as JobState
  }

  forget(requestId: string): void {
    this.#replyKeys.delete(requestId)
  }

  #replyKeyOf(requestId: string): HeldKey {
    return this.#replyKeys.get(requestId) ?? this.#hold(requestId, this.#seal.newReplyKey())
  }

  #hold(requestId: string, jwk: ReplyJwk): HeldKey {
    const held = { jwk, ready: this.#seal.replyKey(jwk) }
    held.ready.catch(() => {}) // the reply that is opened by it hears so
    this.#replyKeys.set(requestId, held)
    return held
  }

  /** The storage's own, else one of the set, else one that ends with this master. */
  async #findStorageKey(): Promise<StorageKey> {
    const { storage, changes } = this.#ports
    const seal = this.#seal
    const own = await storage.storageKey?.()
    if (own !== undefined) return { kid: 'storage', alg: 'A256KW', seals: own, opens: own }
    // Keys that are away for now may come, and jobs that another key sealed would be lost to the next master
    const ofSet = await seal.ownStorageKey().catch(error => {
      if ((error as DroverError).code === 'keys_unavailable') throw error
    })
    if (ofSet !== undefined) return ofSet
    this.#isUnkept = true
    changes.tell({ type: 'seal' })
    const { kid, key } = await seal.replyKey(seal.newReplyKey())
    return { kid, alg: 'A256KW', seals: key, opens: key }
  }
}
