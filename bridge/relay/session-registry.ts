/**
 * The open sessions, and whose reply queues they read: a new session of the same owner and master id ends the older one
 * before its own SUBSCRIBE goes on, so that a half-open socket steals no replies. Design section 2.
 */
import { DroverError } from '../../shared/contract/errors.ts'
import { type BufferingSession, boundUnfinished } from '../../shared/frames/unfinished-frames.ts'
import { Quota, type QuotaBounds } from '../../shared/quota.ts'
import type { Limits } from '../limits.ts'
import { type UnauthenticatedConnection, UnauthenticatedConnections } from './unauthenticated.ts'

/** A session as the others see it. */
export interface RegisteredSession extends UnauthenticatedConnection, BufferingSession {
  /** Ends it for a newer one; resolves when the broker has let go of it. */
  replace(): Promise<void>
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
  #limits: SessionLimits

  constructor(limits: SessionLimits) {
    const { maxUnauthenticated, maxUnauthenticatedOfAddress } = limits
    this.#limits = limits
    this.#quota = new Quota(boundsOf(limits))
    this.#unauthenticated = new UnauthenticatedConnections(maxUnauthenticated, maxUnauthenticatedOfAddress)
  }

  /** Sessions that are open stay, also where they are too many now. */
  setLimits(limits: SessionLimits): void {
    this.#limits = limits
    this.#quota.bounds = boundsOf(limits)
    this.#unauthenticated.setLimits(limits.maxUnauthenticated, limits.maxUnauthenticatedOfAddress)
  }

  /** Of those of which it is known whose they are. */
  get size(): number {
    return this.#quota.used
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
    return older === undefined || older === session ? undefined : older.replace()
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

const boundsOf = ({ maxSessions, maxOwnerSessions }: SessionLimits): QuotaBounds => ({
  what: 'sessions',
  inAll: maxSessions,
  ofOwner: maxOwnerSessions,
})
