/** Messages and the ACKs that belong to them, sent together, and how that went. */
import { DroverError, type WireError } from '../../shared/contract/mod.ts'
import {
  type BrokerSession,
  type HowSent,
  type Outgoing,
  readDestination,
  type Stomp,
  saysNoRoom,
} from '../../shared/stomp/mod.ts'
import type { Delivery } from '../delivery.ts'
import { marksBeside, marksOf } from './marks.ts'
import { Semaphore } from './semaphore.ts'
import { toWireError } from './wire-error.ts'

/** Messages, and the ACKs that belong to them: they take a job off this worker's hands. */
export interface Settlement {
  readonly requestId: string
  readonly messages: readonly Outgoing[]
  /** Those that are ACKed, of each copy; none for a broadcast, and where its connection is gone. */
  readonly deliveries: readonly Delivery[]
  /** Makes the messages that are sent in the place of those with a payload that is too large, or finds no room. */
  readonly smaller?: ((refused: WireError) => readonly Outgoing[]) | undefined
  /** The marks of deliveries whose connection is gone. */
  readonly marks?: readonly Outgoing[] | undefined
}

/** How a transaction went: `unknown` when the connection went, or was silent, before its RECEIPT. */
export type Settled =
  | { readonly is: 'done' }
  /** Another settled the job before: of messages without an ACK, only those went out that a master has not been told. */
  | { readonly is: 'elsewhere' }
  /** `wasSent` says that it may be the reason for which the connection went. `why` is the error that told. */
  | { readonly is: 'unknown'; readonly wasSent: boolean; readonly why: string }
  | { readonly is: 'refused'; readonly error: WireError }

/** From here on a message counts as large. */
const largeCharacters = 64 * 1024
/** The most of large messages that wait for their RECEIPTs: a broker bounds how much a connection has in open transactions. */
const mostLargeCharacters = 8 * 1024 * 1024

export interface TransactionsPorts {
  readonly stomp: Stomp
  problem(message: string, error?: unknown, requestId?: string): void
  /** A UUID. */
  newId(): string
}

export class Transactions {
  readonly #stomp: Stomp
  readonly #problem: TransactionsPorts['problem']
  readonly #newId: TransactionsPorts['newId']
  readonly #pending = new Set<Promise<unknown>>()
  readonly #semaphore = new Semaphore(mostLargeCharacters)
  /** The latest commit by mark. A broker knows a mark only once its COMMIT is on disk: it would take two at the same time. */
  readonly #marked = new Map<string, Promise<unknown>>()

  constructor({ stomp, problem, newId }: TransactionsPorts) {
    this.#stomp = stomp
    this.#problem = problem
    this.#newId = newId
  }

  /**
   * Sends messages and, with `deliveries`, ACKs a job, together. Never rejects. A job that anybody settled before is done: then
   * only the ACKs are sent.
   * @param marks of the deliveries that are ACKed, or were to be by a connection that is gone: then a message that names itself
   * is sent alone
   * @param how apart from others, for one that a connection may have ended over
   */
  commit(
    messages: readonly Outgoing[],
    deliveries: readonly Delivery[],
    marks: readonly Outgoing[] = this.#marksOf(deliveries),
    how?: HowSent,
  ): Promise<Settled> {
    const committed = this.#inTurn(marks, () => this.#commit(messages, deliveries, marks, how))
    this.#pending.add(committed)
    void committed.finally(() => this.#pending.delete(committed))
    return committed
  }

  #inTurn(marks: readonly Outgoing[], commit: () => Promise<Settled>): Promise<Settled> {
    const ids = marks.flatMap(({ once }) => once ?? [])
    const before = ids.flatMap(id => this.#marked.get(id) ?? [])
    const committed = before.length === 0 ? commit() : Promise.all(before).then(commit)
    for (const id of ids) this.#marked.set(id, committed)
    void committed.finally(() => {
      for (const id of ids) if (this.#marked.get(id) === committed) this.#marked.delete(id)
    })
    return committed
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
  }

  #marksOf(deliveries: readonly Delivery[]): Outgoing[] {
    const { state } = this.#stomp
    return state.at === 'open' ? marksOf(state.session, deliveries) : []
  }

  async #commit(
    messages: readonly Outgoing[],
    deliveries: readonly Delivery[],
    marks: readonly Outgoing[],
    how?: HowSent,
  ): Promise<Settled> {
    const [mark] = marks
    if (mark === undefined || messages.length === 0) return await this.#send(messages, deliveries, how)
    const beside = marksBeside(messages, marks)
    const all = [...messages, ...beside]
    const settled = await this.#send(all, deliveries, how)
    if (!this.#saysTwice(settled)) {
      // A mark that may not be sent where the job is answered must not keep the rest.
      return settled.is === 'refused' && beside.length > 0 ? await this.#send(messages, deliveries) : settled
    }
    // It may say so since it can commit nothing at present.
    const fresh = [mark, mark].map(one => ({ ...one, once: this.#newId() }))
    const control = await this.#send(fresh, [])
    if (control.is !== 'done') return control
    const again = await this.#send(all, deliveries)
    return this.#saysTwice(again) ? await this.#rest(messages, deliveries) : again
  }

  /** Sends the rest, when some of the deliveries had been settled before. */
  async #rest(messages: readonly Outgoing[], deliveries: readonly Delivery[]): Promise<Settled> {
    if (deliveries.length === 1) {
      const id = deliveries[0]!.incoming.headers['correlation-id'] ?? ''
      this.#problem(
        `A job was settled before its last connection went, and nothing of it is sent twice: ${id}`,
        undefined,
        id,
      )
      return await this.#send([], deliveries)
    }
    const parts = deliveries.map((one, at) => ({
      messages: messages.slice(at, at === deliveries.length - 1 ? undefined : at + 1),
      deliveries: [one],
    }))
    const alone = messages.flatMap(one => (one.once === undefined ? [] : [{ messages: [one], deliveries: [] }]))
    for (const part of parts.length > 0 ? parts : alone) {
      const settled = await this.#commit(part.messages, part.deliveries, this.#marksOf(part.deliveries))
      if (settled.is !== 'done') return settled
    }
    return { is: deliveries.length === 0 ? 'elsewhere' : 'done' }
  }

  #saysTwice(settled: Settled): boolean {
    const { state } = this.#stomp
    if (settled.is !== 'refused' || state.at !== 'open') return false
    return state.session.dialect.once?.refusal.test(settled.error.message) === true
  }

  async #send(messages: readonly Outgoing[], deliveries: readonly Delivery[], how?: HowSent): Promise<Settled> {
    const size = messages.reduce((sum, { body }) => sum + body.length, 0)
    const { state } = this.#stomp
    if (size < largeCharacters || state.at !== 'open' || state.session.dialect.onFull === undefined) {
      return await this.#sendNow(messages, deliveries, how)
    }
    const release = await this.#semaphore.acquire(size)
    try {
      return await this.#sendNow(messages, deliveries, how)
    } finally {
      release()
    }
  }

  async #sendNow(
    unmarked: readonly Outgoing[],
    deliveries: readonly Delivery[],
    how: HowSent | undefined,
  ): Promise<Settled> {
    const stomp = this.#stomp
    const { state } = stomp
    const messages = state.at === 'open' ? unmarked.map(one => toldWhenFull(one, state.session)) : unmarked
    const [only] = messages
    if (only === undefined && deliveries.length === 0) return { is: 'done' }
    const wasSent = stomp.state.at === 'open'
    try {
      if (deliveries.length === 0 && messages.length === 1 && only !== undefined) {
        await stomp.publish(only, how)
      } else {
        await stomp.transaction(transaction => {
          for (const message of messages) transaction.publish(message)
          for (const one of deliveries) one.ack(transaction)
        }, how)
      }
      for (const one of deliveries) one.settled()
      return { is: 'done' }
    } catch (error) {
      if (!this.#isUnknown(error)) {
        for (const one of deliveries) one.refused()
        return { is: 'refused', error: toWireError(error) }
      }
      return { is: 'unknown', wasSent: wasSent && !isForNow(error), why: (error as Error).message }
    }
  }

  /**
   * A broker that closes with its ERROR may have been refusing for the moment only, as one does when a queue is first
   * used by two at once.
   */
  #isUnknown(error: unknown): boolean {
    if (!(error instanceof DroverError)) return false
    if (error.code === 'broker_error') return this.#stomp.state.at !== 'open'
    return error.code === 'connection_lost' || error.code === 'timed_out' || error.code === 'closed'
  }
}

/** Whether a broker, or a bridge, refused for want of room, or of a disk that can be written to, which comes back. */
export const hasNoRoom = ({ code, message }: Pick<WireError, 'code' | 'message'>): boolean =>
  code === 'queue_full' || code === 'store_failed' || saysNoRoom(message)

/**
 * A broker that is slow or has no room refuses nothing, also where that ended the connection for everything that was on its way:
 * a message that it does not confirm is tried for ever.
 */
function isForNow(error: unknown): boolean {
  if (!(error instanceof DroverError)) return false
  return error.code === 'timed_out' || hasNoRoom(error) || isForNow(error.cause)
}

/** Whether a message is a job that goes on, and not a reply about one. */
export const isJob = ({ destination }: Outgoing, { namespace }: BrokerSession): boolean =>
  readDestination(namespace, destination)?.kind === 'job'

/** A larger message asks to be told that it does not fit: smaller ones find room in a reserve, or are dropped there. */
const smallCharacters = 1_000

/** Has a broker that can refuse by a RECEIPT, for an ERROR would end the jobs that this worker runs for others. */
function toldWhenFull(message: Outgoing, session: BrokerSession): Outgoing {
  const { onFull } = session.dialect
  if (onFull === undefined || message.body.length < smallCharacters || isJob(message, session)) return message
  return { ...message, headers: { ...message.headers, [onFull.header]: onFull.value } }
}
