/**
 * What to do with the ends of jobs that find no room: outcomes where their master reads its replies, dead letters. A reader that is
 * only slow gets them a moment later. One that does not read must not keep this worker from others, so that they wait for seconds
 * and few at a time; past that a stand-in says why each did not come. Whoever dispatches pays for all of one's reply queues
 * together. Promise 8.
 */
import { type BrokerSession, type Outgoing, readDestination } from '../../shared/stomp/mod.ts'
import { keepNewest } from './keep-newest.ts'

/** From the first outcome that found no room to the first that waits no longer. */
const patienceMs = 3_000
/** Outcomes that wait at a time. */
const maxWaiting = 16
/** Those who do not read that are remembered, the newest. */
const maxRemembered = 10_000

export class FullReplies {
  readonly #steady: () => number
  /** Since when there is no room, by who does not read. */
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

  /** What was to be sent found room as it is. */
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

/** Whose it is to read it. */
const readerOf = (destination: string): string =>
  /\.reply\.[a-z0-9_-]+(?=\.[A-Za-z0-9_-]+$)/.exec(destination)?.[0] ?? destination

/** Those of the messages that are jobs: they have to leave, whoever reads the others. */
export const jobsOf = (messages: readonly Outgoing[], session: BrokerSession): Outgoing[] =>
  messages.filter(message => isJob(message, session))

const isJob = ({ destination }: Outgoing, { namespace }: BrokerSession): boolean =>
  readDestination(namespace, destination)?.kind === 'job'

/** What is larger asks to be told that it does not fit: smaller ones find room in a reserve, or are dropped there. */
const smallCharacters = 1_000

/** Has a broker that can refuse by a RECEIPT, for an ERROR would end what this worker does for others. */
export function toldWhenFull(message: Outgoing, session: BrokerSession): Outgoing {
  const { onFull } = session.dialect
  if (onFull === undefined || message.body.length < smallCharacters || isJob(message, session)) return message
  return { ...message, headers: { ...message.headers, [onFull.header]: onFull.value } }
}
