/**
 * The messages in flight: those that a session was handed and may acknowledge. Brokers answer an ACK of anything else in ways of
 * their own: some close without a word, which looks like a lost connection, and the program tries it again and again. So such an ACK
 * is refused here, by name.
 */
import { DroverError } from '../../shared/contract/errors.ts'
import type { StompVersion } from '../../shared/frames/mod.ts'
import { LazyMap, LazySet } from '../../shared/lazy-collections.ts'
import { type Letter, Letters } from './letters.ts'
import { RepublishQuota } from './republish-quota.ts'

const maxEnded = 100
/** In no transaction: those have names. */
const free = ''

/** One subscription's messages by their ids in an ACK, oldest first, each with the transaction that its ACK waits in, or `free`. */
interface Messages {
  readonly subscription: string
  readonly waiting: Map<string, string>
  /** Its ACK is also one of all before it: ack mode `client`. */
  isCumulative: boolean
}

/** An ACK or NACK that waits for COMMIT. */
interface PendingAck {
  readonly messages: Messages
  readonly id: string
  readonly isAck: boolean
}

/** The content of an ACK or NACK. */
export interface Acknowledgement {
  readonly command: string
  /** Its `id` in 1.2, its `message-id` before. */
  readonly id: string
  /** Before 1.2. */
  readonly subscription: string | undefined
  readonly transaction: string | undefined
}

export class InFlight {
  /** Whether there was a subscription whose messages are acknowledged: before, nothing is to be added. */
  isWanted = false
  /** Which of them may be republished. */
  readonly republishQuota: RepublishQuota = new RepublishQuota()
  /** Which of them are dead letters that may be sent again. */
  readonly letters: Letters = new Letters()
  readonly #version: StompVersion
  readonly #most: number
  readonly #bySubscription = new LazyMap<string, Messages>()
  /** In 1.2, where an ACK does not say which subscription its message came by. */
  readonly #byId = new LazyMap<string, Messages>()
  /** Open subscriptions whose messages are acknowledged by being sent. */
  readonly #autos = new LazySet<string>()
  /** Subscriptions that have ended and left something, the oldest first. */
  readonly #ended = new LazySet<string>()
  readonly #pendingAcks = new LazyMap<string, PendingAck[]>()
  #count = 0
  #isIncomplete = false

  /**
   * @param version spoken to the broker
   * @param most messages that are remembered: past it the broker alone judges the others
   */
  constructor(version: StompVersion, most: number) {
    this.#version = version
    this.#most = most
  }

  /** Whether messages that this subscription brings are to be added. One that has ended may still bring some. */
  counts(subscription: string): boolean {
    return this.isWanted && !this.#autos.has(subscription)
  }

  /** The header of a MESSAGE that its ACK repeats. */
  get idHeader(): 'ack' | 'message-id' {
    return this.#version === '1.2' ? 'ack' : 'message-id'
  }

  /** @param ack of the SUBSCRIBE */
  subscribed(id: string, ack: string | undefined): void {
    if (ack === undefined || ack === 'auto') {
      this.#autos.add(id)
      return
    }
    this.isWanted = true
    this.#messagesOf(id).isCumulative = ack === 'client'
    this.#ended.delete(id)
  }

  /**
   * Its messages may still be acknowledged. Some brokers take that, and the others say the fault.
   * @returns whether that had to be acknowledged
   */
  unsubscribed(id: string): boolean {
    this.letters.ended(id)
    if (this.#autos.delete(id)) return false
    if (this.#bySubscription.get(id)?.waiting.size === 0) this.#bySubscription.delete(id)
    else this.#keepEnded(id)
    return true
  }

  /**
   * Whether a message of the subscription that does not go on may be acknowledged: where an ACK is also one of all before it,
   * only while none of those waits.
   */
  mayPassOver(subscription: string): boolean {
    const messages = this.#bySubscription.get(subscription)
    return messages === undefined || !messages.isCumulative || messages.waiting.size === 0
  }

  /**
   * A message goes on to the session.
   * @param pass of the job that it is
   * @param letter that it is
   */
  add(subscription: string, id: string, pass?: string, letter?: Letter): void {
    if (this.#count >= this.#most) {
      this.#isIncomplete = true
      return
    }
    let messages = this.#bySubscription.get(subscription)
    if (messages === undefined) {
      this.#keepEnded(subscription)
      messages = this.#messagesOf(subscription)
    }
    const { waiting } = messages
    const before = waiting.size
    waiting.set(id, free)
    if (waiting.size > before) this.#count++
    else {
      // Handed out once more, it is behind the others now
      waiting.delete(id)
      waiting.set(id, free)
    }
    if (this.#version === '1.2') this.#byId.set(id, messages)
    if (pass !== undefined) this.republishQuota.handed(id, pass)
    if (letter !== undefined) this.letters.handed(id, letter)
  }

  /**
   * @returns the subscription whose earlier messages it settles as well, or may
   * @throws {DroverError} `frame_invalid` for a message that does not wait for it, or waits for the end of a transaction
   */
  acknowledge({ command, id, subscription, transaction }: Acknowledgement): string | undefined {
    const messages = this.#version === '1.2' ? this.#byId.get(id) : this.#bySubscription.get(subscription ?? '')
    const before = messages?.waiting.get(id)
    if (messages === undefined || before === undefined) {
      if (this.#isIncomplete) return undefined
      const from = subscription === undefined ? '' : ` of subscription ${shown(subscription)}`
      throw new DroverError(
        'frame_invalid',
        `A frame ${command} names message ${shown(id)}${from}, which does not wait for one: it was not handed to this session, or was acknowledged or given back before`,
      )
    }
    if (before !== free) {
      throw new DroverError(
        'frame_invalid',
        `A frame ${command} names message ${shown(id)}, which has one in transaction ${shown(before)} already; end that first`,
      )
    }
    const pending = { messages, id, isAck: command === 'ACK' }
    const upTo = messages.isCumulative ? messages.subscription : undefined
    if (transaction === undefined) {
      this.#settle(pending)
      return upTo
    }
    messages.waiting.set(id, transaction)
    const pendingAcks = this.#pendingAcks.get(transaction)
    if (pendingAcks === undefined) this.#pendingAcks.set(transaction, [pending])
    else pendingAcks.push(pending)
    return upTo
  }

  /** @param isCommit with ABORT all that it had acknowledged waits as before */
  transactionEnded(transaction: string, isCommit: boolean): void {
    for (const pending of this.#pendingAcks.get(transaction) ?? []) {
      if (pending.messages.waiting.get(pending.id) !== transaction) continue
      if (isCommit) this.#settle(pending)
      else pending.messages.waiting.set(pending.id, free)
    }
    this.#pendingAcks.delete(transaction)
    this.republishQuota.transactionEnded(transaction, isCommit)
    this.letters.transactionEnded(transaction, isCommit)
  }

  #keepEnded(subscription: string): void {
    this.#ended.add(subscription)
    const [oldest] = this.#ended
    if (this.#ended.size <= maxEnded || oldest === undefined) return
    this.#ended.delete(oldest)
    const messages = this.#messagesOf(oldest)
    this.#bySubscription.delete(oldest)
    for (const id of messages.waiting.keys()) this.#forget(messages, id)
  }

  #messagesOf(subscription: string): Messages {
    const found = this.#bySubscription.get(subscription)
    if (found !== undefined) return found
    const made = { subscription, waiting: new Map(), isCumulative: false }
    this.#bySubscription.set(subscription, made)
    return made
  }

  #settle({ messages, id, isAck }: PendingAck): void {
    if (!isAck || !messages.isCumulative) {
      this.#forget(messages, id)
      return
    }
    for (const earlier of messages.waiting.keys()) {
      this.#forget(messages, earlier)
      if (earlier === id) return
    }
  }

  #forget(messages: Messages, id: string): void {
    messages.waiting.delete(id)
    this.#byId.delete(id)
    this.republishQuota.settled(id)
    this.letters.settled(id)
    this.#count--
  }
}

const shown = (id: string): string => JSON.stringify(id.slice(0, 200))
