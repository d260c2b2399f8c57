/**
 * The open sessions, and whose reply queues they read: a new session of the same owner and master id ends the older one
 * before its own SUBSCRIBE goes on, so that a half-open socket steals no replies. Design section 2.
 */
import type { Clock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/errors.ts'
import { type BufferingSession, boundKept, boundUnfinished } from '../../shared/frames/unfinished-frames.ts'
import { LimitReached } from '../limit-reached.ts'
import type { Limits } from '../limits.ts'
import type { SessionShare, ShareLimits } from './shares/session-share.ts'
import { Shares } from './shares/shares.ts'
import { type UnauthenticatedConnection, UnauthenticatedConnections } from './unauthenticated.ts'

/** A session as the others see it. */
export interface RegisteredSession extends UnauthenticatedConnection, BufferingSession {
  /** Bytes that the two sides have yet to take. */
  readonly unsentBytes: { readonly browser: number; readonly broker: number }
  /** Tells it why it ends, and lets all that it sent reach the broker. Resolves when the broker has let go of it. */
  retire(error: DroverError): Promise<void>
  /** @param elapsedMs since the last call */
  tick(elapsedMs: number): void
}

type SessionLimits = ShareLimits &
  Pick<
    Limits,
    | 'maxUnauthenticated'
    | 'maxUnauthenticatedOfAddress'
    | 'maxUnfinishedBytes'
    | 'maxOwnerUnfinishedBytes'
    | 'maxUnsentBytes'
  >

export class SessionRegistry {
  readonly #open: Set<RegisteredSession> = new Set()
  readonly #unauthenticated: UnauthenticatedConnections
  /** By the reply queue that it reads. */
  readonly #readers: Map<string, RegisteredSession> = new Map()
  readonly #shareOf: Map<RegisteredSession, SessionShare> = new Map()
  readonly #shares: Shares
  /** For whom more waited at the last tick than may. */
  #unread: ReadonlyMap<RegisteredSession, number> = new Map()
  #limits: SessionLimits
  #isDraining = false

  constructor(limits: SessionLimits, clock: Pick<Clock, 'steady'>) {
    const { maxUnauthenticated, maxUnauthenticatedOfAddress } = limits
    this.#limits = limits
    this.#shares = new Shares(limits, clock)
    this.#unauthenticated = new UnauthenticatedConnections(maxUnauthenticated, maxUnauthenticatedOfAddress)
  }

  /** Sessions that are open stay, also where they are too many now. */
  setLimits(limits: SessionLimits): void {
    this.#limits = limits
    this.#shares.limits = limits
    this.#unauthenticated.setLimits(limits.maxUnauthenticated, limits.maxUnauthenticatedOfAddress)
  }

  /** Of those of which it is known whose they are. */
  get size(): number {
    return this.#shares.sessions
  }

  /** How full each limit of owners and addresses is, from 0 to 1. Walks over all of them. */
  get limitsFullness(): IterableIterator<readonly [limit: keyof Limits, part: number]> {
    return this.#shares.fullness()
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
   * Refuses a session that would be one too many, or too late.
   * @throws {DroverError} `queue_full` or `closed`
   */
  checkRoom(): void {
    if (this.#isDraining) throw shuttingDown()
    const { maxSessions } = this.#limits
    if (this.size < maxSessions) return
    throw new LimitReached(
      'maxSessions',
      'queue_full',
      `The bridge has ${maxSessions} sessions, which is the limit; try later`,
    )
  }

  /** A connection of which it is not known yet whose it is. */
  add(session: RegisteredSession): void {
    this.#unauthenticated.add(session)
    this.#open.add(session)
  }

  /**
   * It is known now whose it is.
   * @returns its part of the shares of its owner and its address
   * @throws {DroverError} `queue_full`
   */
  admit(session: RegisteredSession, owner: string): SessionShare {
    this.checkRoom()
    const share = this.#shares.join(owner, session.address)
    this.#shareOf.set(session, share)
    this.#unauthenticated.remove(session)
    return share
  }

  /** @param replyQueues that it read */
  remove(session: RegisteredSession, replyQueues: Iterable<string>): void {
    this.#open.delete(session)
    this.#unauthenticated.remove(session)
    for (const queue of replyQueues) if (this.#readers.get(queue) === session) this.#readers.delete(queue)
    this.#shareOf.get(session)?.leave()
    this.#shareOf.delete(session)
  }

  /**
   * Makes `session` the reader of a master's replies.
   * @returns resolves when the older reader has ended; `undefined`: there is none
   * @throws {DroverError} `queue_full`
   */
  takeOver(session: RegisteredSession, replyQueue: string): Promise<void> | undefined {
    const older = this.#readers.get(replyQueue)
    if (older === session) return undefined
    this.#shareOf.get(session)?.takeFrom(older && this.#shareOf.get(older), 'replyQueues')
    this.#readers.set(replyQueue, session)
    return older?.retire(replaced())
  }

  tick(elapsedMs: number): void {
    for (const session of this.#open) session.tick(elapsedMs)
    boundUnfinished(this.#open, this.#limits)
    this.#boundUnread()
    this.#shares.sweep()
  }

  /** One frame may be larger than `maxUnsentBytes`, and each session may have one. Who reads has less of it at the next tick. */
  #boundUnread(): void {
    const before = this.#unread
    const unread = new Map<RegisteredSession, number>()
    this.#unread = unread
    const bytesOf = (session: RegisteredSession): number => {
      const bytes = session.unsentBytes.browser - this.#limits.maxUnsentBytes
      if (bytes <= 0) return 0
      unread.set(session, bytes)
      return Math.min(bytes, before.get(session) ?? 0)
    }
    boundKept(this.#open, this.#limits, { bytesOf, fault: unreadFault })
  }

  /** Whether it takes no sessions any more. */
  get isDraining(): boolean {
    return this.#isDraining
  }

  /**
   * Takes no more sessions, and tells those that are open, one after the other, so that they do not all connect elsewhere at
   * once. Each ends at the broker in order, with all that it sent.
   * @param withinMs for all of it; half of that, at most, for telling them
   * @returns resolves when the broker has let go of all, or when that took too long
   */
  async drain(withinMs: number, clock: Clock): Promise<void> {
    this.#isDraining = true
    const since = clock.steady()
    let stopTimer = (): void => {}
    const wait = (untilMs: number): Promise<void> =>
      new Promise(resolve => {
        stopTimer = clock.timer(untilMs - (clock.steady() - since), resolve)
      })
    const sessions = [...this.#open]
    const stepMs = Math.min(longestStepMs, withinMs / 2 / sessions.length)
    const retired: Promise<void>[] = []
    for (const [at, session] of sessions.entries()) {
      if (at * stepMs > clock.steady() - since) await wait(at * stepMs)
      retired.push(session.retire(shuttingDown()))
    }
    await Promise.race([Promise.all(retired), wait((withinMs * 3) / 4)])
    stopTimer()
  }

  /** Takes no more sessions either: one that came now would keep its socket, and nobody would look at it. */
  stop(): void {
    this.#isDraining = true
    for (const session of this.#open) session.end(shuttingDown())
  }
}

const unreadFault = (bytes: number): DroverError =>
  new LimitReached(
    'maxUnfinishedBytes',
    'slow_reader',
    `Too many large messages wait here for sessions that read slowly (${bytes} bytes for this one); read faster`,
  )

/** Between two sessions that are told of the end: few sessions need no long time. */
const longestStepMs = 50

const shuttingDown = (): DroverError => new DroverError('closed', 'The bridge is shutting down; connect again')

const replaced = (): DroverError => new DroverError('session_replaced', 'A newer session of this master took its place')
