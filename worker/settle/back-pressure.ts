/**
 * Back-pressure of masters that do not read: how the ends of jobs that find no room are sent, outcomes where their master reads
 * its replies, and dead letters. A reader that is only slow gets them a moment later. One that does not read must not keep this
 * worker from others, so that they wait for seconds and few at a time; past that a stand-in says why each did not come. The owner
 * that dispatches pays for all of its reply queues together. Promises 1 and 8.
 */
import type { WireError } from '../../shared/contract/mod.ts'
import type { BrokerSession, Outgoing, Stomp } from '../../shared/stomp/mod.ts'
import { keepNewest } from '../keep-newest.ts'
import { isFull, replyQueueFull } from './too-large.ts'
import { isJob, type Settled, type Settlement, type Transactions } from './transactions.ts'

/** The time from the first outcome that found no room to the first that waits no longer. */
const patienceMs = 3_000
/** Outcomes that wait at a time. */
const maxWaiting = 16
/** So many readers that do not read are remembered, the newest. */
const maxRemembered = 10_000

export class BackPressure {
  readonly #steady: () => number
  /** Since when there is no room, by reader. */
  readonly #since = new Map<string, number>()
  readonly #waiting = new Set<string>()
  #isHurried = false

  /** @param steady ms of a clock that nobody sets */
  constructor(steady: () => number) {
    this.#steady = steady
  }

  /** Whether an outcome of this job that found no room is to be tried once more in a moment. */
  waits(requestId: string, messages: readonly Outgoing[]): boolean {
    const now = this.#steady()
    const since = messages.map(message => this.#fullSince(readerOf(message.destination), now))
    const isPatient = !this.#isHurried && now - Math.max(...since) < patienceMs
    if (isPatient && (this.#waiting.has(requestId) || this.#waiting.size < maxWaiting)) {
      this.#waiting.add(requestId)
      return true
    }
    this.#waiting.delete(requestId)
    return false
  }

  /** It was sent, or is over here. */
  ended(requestId: string): void {
    this.#waiting.delete(requestId)
  }

  /** The messages found room as they are. */
  foundRoom(messages: readonly Outgoing[]): void {
    if (this.#since.size === 0) return
    for (const { destination } of messages) this.#since.delete(readerOf(destination))
  }

  /** Nothing is waited for any more: this worker leaves. */
  hurry(): void {
    this.#isHurried = true
  }

  #fullSince(reader: string, now: number): number {
    const found = this.#since.get(reader)
    if (found !== undefined) return found
    this.#since.set(reader, now)
    keepNewest(this.#since, maxRemembered)
    return now
  }
}

/**
 * Sends why the outcome did not come, and ACKs its job; where not even that finds room, it sends nothing to the master that
 * does not read, counts that, and the master ends its job by its time.
 * @param settlement found no room
 * @param refused names the full queue or quota
 * @returns how that went; `refused` for a job that is sent on, which has to wait for room
 */
export async function sendIntoFull(
  ports: { readonly stomp: Stomp; dropped(): void; problem(message: string, error?: unknown): void },
  transactions: Transactions,
  settlement: Settlement,
  refused: WireError,
): Promise<Settled> {
  const { messages, deliveries, smaller, marks } = settlement
  const told = smaller?.(replyQueueFull(refused)) ?? messages
  const settled: Settled = smaller
    ? await transactions.commit(told, deliveries, marks)
    : { is: 'refused', error: refused }
  const { state } = ports.stomp
  if (settled.is !== 'refused' || !isFull(settled.error) || state.at !== 'open') return settled
  const rest = jobsOf(told, state.session)
  if (rest.length === told.length) return settled
  const alone = await transactions.commit(rest, deliveries, marks)
  if (alone.is !== 'done') return alone
  for (let dropped = told.length - rest.length; dropped > 0; dropped--) ports.dropped()
  ports.problem(`The end of a job is dropped, since nobody makes room for it: ${refused.message}`, refused)
  return alone
}

/** Whose it is to read it. */
const readerOf = (destination: string): string =>
  /\.reply\.[a-z0-9_-]+(?=\.[A-Za-z0-9_-]+$)/.exec(destination)?.[0] ?? destination

/** Those of the messages that are jobs: they have to leave, also when nobody reads the others. */
const jobsOf = (messages: readonly Outgoing[], session: BrokerSession): Outgoing[] =>
  messages.filter(message => isJob(message, session))
