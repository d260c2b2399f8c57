/**
 * Jobs that may be the reason why a session ended. Those that were under way at an ERROR that named no frame are sent again one
 * at a time, to find the culprit. Meanwhile they take turns with the other jobs, so that a steady load does not keep them for
 * ever. A large job is under suspicion by WebSocket, since some brokers close the connection for its size, without a word.
 */
import { DroverError, type ErrorCode } from '../../contract/errors.ts'
import { type BrokerSession, mayBeTooLarge } from '../../stomp/mod.ts'
import type { Timeouts } from '../timeouts.ts'

/** How often a session may end by an ERROR while a job is alone under way, until that job is taken for the reason. */
const maxSessions = 2
/** Characters below which no broker refuses a message for its size, as they are shipped. */
const largeCharacters = 60_000
/** How often the connection may go without a word while a large job is under way by WebSocket. */
const maxLost = 4
/** How long suspects wait at most while other jobs go out, and how long those then wait for them. */
const turnMs = 250

/** Ends that say nothing of the jobs under way: of a network that goes or is slow, an owner too fast, a token that expires. */
const saysNothing: readonly ErrorCode[] = [
  'broker_unreachable',
  'closed',
  'connection_lost',
  'not_authenticated',
  'session_replaced',
  'slow_reader',
  'timed_out',
  'too_many_messages',
]

export interface SuspectsPorts {
  readonly timeouts: Timeouts
  /** Whether a job is to be sent, now or later. */
  readonly isWaiting: (requestId: string) => boolean
  /** The turn went to the suspects, or back to the others: jobs may leave. */
  readonly onTurn: () => void
}

export class Suspects {
  readonly #ports: SuspectsPorts
  /** How many sessions ended while it was alone under way, by job. */
  readonly #sessions = new Map<string, number>()
  /** Large jobs by WebSocket, and how often the connection went as one was under way. */
  readonly #large = new Map<string, number>()
  #isTheirTurn = false
  #hasOneLeft = false

  constructor(ports: SuspectsPorts) {
    this.#ports = ports
  }

  has(requestId: string): boolean {
    return this.#sessions.has(requestId)
  }

  requestIds(): Iterable<string> {
    return this.#sessions.keys()
  }

  delete(requestId: string): void {
    this.#sessions.delete(requestId)
    this.#large.delete(requestId)
  }

  /** A job is about to leave by WebSocket. */
  noteSize(requestId: string, characters: number): void {
    if (characters > largeCharacters) this.#large.set(requestId, this.#large.get(requestId) ?? 0)
  }

  /**
   * The session ended while a job was under way.
   * @param cause of that end, where there is one
   * @returns why the job is taken for the reason; `undefined` when it may be sent again
   */
  sessionEnded(requestId: string, cause: unknown, { dialect }: BrokerSession): DroverError | undefined {
    const lost = this.#large.get(requestId)
    if (lost !== undefined && lost + 1 >= maxLost) {
      const found = `The connection ended each time (${maxLost}) that this job was sent`
      return new DroverError('frame_too_large', mayBeTooLarge(found, dialect.frameSetting))
    }
    if (lost !== undefined) this.#large.set(requestId, lost + 1)
    if (!(cause instanceof DroverError) || saysNothing.includes(cause.code)) return undefined
    const before = this.#sessions.get(requestId)
    const sessions = before === undefined ? 0 : before + 1
    if (sessions >= maxSessions) return cause
    this.#sessions.set(requestId, sessions)
    return undefined
  }

  /** Whether the other jobs wait for them. */
  get isTheirTurn(): boolean {
    return this.#isTheirTurn && this.#isAnyDue()
  }

  /** One of them is under way, alone. */
  oneHasLeft(): void {
    this.#hasOneLeft = true
  }

  /** Suspects and the others take turns from now on, while there are both. */
  takeTurns(): void {
    this.#isTheirTurn = false
    if (this.#sessions.size === 0) return
    this.#ports.timeouts.set('suspects', turnMs, () => {
      this.#isTheirTurn = true
      this.#hasOneLeft = false
      this.#ports.onTurn()
      this.#endTurn()
    })
  }

  away(): void {
    this.#isTheirTurn = false
    this.#ports.timeouts.delete('suspects')
  }

  /** Once one of them has left, however long the jobs before it take. */
  #endTurn(): void {
    this.#ports.timeouts.set('suspects', turnMs, () => {
      if (this.#isAnyDue() && !this.#hasOneLeft) return this.#endTurn()
      this.takeTurns()
      this.#ports.onTurn()
    })
  }

  #isAnyDue(): boolean {
    return [...this.#sessions.keys()].some(this.#ports.isWaiting)
  }
}
