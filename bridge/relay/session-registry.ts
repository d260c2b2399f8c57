/**
 * The open sessions, and whose reply queues they read: a new session of the same owner and master id ends the older one
 * before its own SUBSCRIBE goes on, so that a half-open socket steals no replies. Design section 2.
 */
import { DroverError } from '../../shared/contract/errors.ts'
import { type BufferingSession, boundUnfinished } from '../../shared/frames/unfinished-frames.ts'
import { Quota } from '../../shared/quota.ts'
import type { Limits } from '../limits.ts'
import { type UnauthenticatedConnection, UnauthenticatedConnections } from './unauthenticated.ts'

/** A session as the others see it. */
export interface RegisteredSession extends UnauthenticatedConnection, BufferingSession {
  /** Bytes that the two sides have yet to take. */
  readonly unsentBytes: { readonly browser: number; readonly broker: number }
  /** Tells it why it ends, and lets what it sent reach the broker. Resolves when the broker has let go of it. */
  retire(error: DroverError): Promise<void>
  /** @param elapsedMs since the last call */
  tick(elapsedMs: number): void
}

type SessionLimits = Pick<
  Limits,
  | 'maxSessions'
  | 'maxOwnerSessions'
  | 'maxUnauthenticated'
  | 'maxUnauthenticatedOfAddress'
  | 'maxUnfinishedBytes'
  | 'maxOwnerUnfinishedBytes'
>

export class SessionRegistry {
  readonly #open: Set<RegisteredSession> = new Set()
  readonly #unauthenticated: UnauthenticatedConnections
  /** By the reply queue that it reads. */
  readonly #readers: Map<string, RegisteredSession> = new Map()
  readonly #owners: Map<RegisteredSession, string> = new Map()
  readonly #quota: Quota
  readonly #limits: SessionLimits

  constructor(limits: SessionLimits) {
    const { maxSessions, maxOwnerSessions, maxUnauthenticated, maxUnauthenticatedOfAddress } = limits
    this.#limits = limits
    this.#quota = new Quota({ what: 'sessions', inAll: maxSessions, ofOwner: maxOwnerSessions })
    this.#unauthenticated = new UnauthenticatedConnections(maxUnauthenticated, maxUnauthenticatedOfAddress)
  }

  /** Of those of which it is known whose they are. */
  get size(): number {
    return this.#quota.used
  }

  /** Bytes that wait in memory for who is to take them, of all connections. Walks over all of them. */
  get bufferedBytes(): { browser: number; broker: number; unfinished: number } {
    const sum = { browser: 0, broker: 0, unfinished: 0 }
    for (const session of this.#open) {
      const { browser, broker } = session.unsentBytes
      sum.browser += browser
      sum.broker += broker
      sum.unfinished += session.unfinishedBytes
    }
    return sum
  }

  /** Connections, also those of which it is not known yet whose they are. */
  get connections(): number {
    return this.#open.size
  }

  /**
   * Refuses a session that would be one too many.
   * @throws {DroverError} `queue_full`
   */
  checkRoom(): void {
    const { maxSessions } = this.#limits
    if (this.size < maxSessions) return
    throw new DroverError('queue_full', `The bridge has ${maxSessions} sessions, which is the limit; try later`)
  }

  /** A connection of which it is not known yet whose it is. */
  add(session: RegisteredSession): void {
    this.#unauthenticated.add(session)
    this.#open.add(session)
  }

  /**
   * It is known now whose it is.
   * @throws {DroverError} `queue_full`
   */
  admit(session: RegisteredSession, owner: string): void {
    this.checkRoom()
    this.#quota.acquire(owner, 1)
    this.#owners.set(session, owner)
    this.#unauthenticated.remove(session)
  }

  /** @param replyQueues that it read */
  remove(session: RegisteredSession, replyQueues: Iterable<string>): void {
    this.#open.delete(session)
    this.#unauthenticated.remove(session)
    const owner = this.#owners.get(session)
    if (owner !== undefined) this.#quota.release(owner, 1)
    this.#owners.delete(session)
    for (const queue of replyQueues) if (this.#readers.get(queue) === session) this.#readers.delete(queue)
  }

  /**
   * Makes `session` the reader of a master's replies.
   * @returns resolves when the older reader has ended; `undefined`: there is none
   */
  takeOver(session: RegisteredSession, replyQueue: string): Promise<void> | undefined {
    const older = this.#readers.get(replyQueue)
    this.#readers.set(replyQueue, session)
    return older === undefined || older === session ? undefined : older.retire(replaced())
  }

  tick(elapsedMs: number): void {
    for (const session of this.#open) session.tick(elapsedMs)
    boundUnfinished(this.#open, this.#limits)
  }

  stop(): void {
    const closed = new DroverError('closed', 'The bridge is shutting down; connect again')
    for (const session of this.#open) session.end(closed)
  }
}

const replaced = (): DroverError => new DroverError('session_replaced', 'A newer session of this master took its place')
