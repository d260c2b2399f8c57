/** The reply subscription: on every session one of its own, whose RECEIPT comes before any job leaves. Promise 4. */

import type { Clock } from '../../clock.ts'
import type { DroverError } from '../../contract/errors.ts'
import { type BrokerSession, destinationsOf, prefetchHeaders, type Stomp, type Subscription } from '../../stomp/mod.ts'
import { endSoon, isGone } from '../subscriptions.ts'
import { ReplyAcks } from './reply-acks.ts'
import type { ReplyReader } from './reply-reader.ts'

/** Replies handed out before the first of them is stored. */
const replyPrefetch = 100

export interface ReplySubscriptionPorts {
  readonly stomp: Stomp
  readonly clock: Clock
  readonly replyQueue: 'own' | 'single'
  readonly reader: Pick<ReplyReader, 'read'>
}

/** The part that opened it hears how it went. */
export interface ReplySubscriptionListener {
  /** Its RECEIPT is in. @param replyTo the queue that it reads */
  subscribed(session: BrokerSession, replyTo: string): void
  /** For good: replies may not be read. */
  refused(error: DroverError): void
}

interface Opened {
  readonly session: BrokerSession
  readonly masterId: string
  readonly listener: ReplySubscriptionListener
}

export class ReplySubscription {
  readonly #ports: ReplySubscriptionPorts
  #opened: Opened | undefined
  #isRenewed = false
  /** Whether the queue is one that an earlier version made. */
  #isOfBefore = false
  #subscription: Subscription | undefined
  #acks: ReplyAcks | undefined
  /** A reply that could not be stored kept others from being acknowledged: from now on each is by itself. */
  #acksEach = false

  constructor(ports: ReplySubscriptionPorts) {
    this.#ports = ports
  }

  open(session: BrokerSession, masterId: string, listener: ReplySubscriptionListener): void {
    this.#opened = { session, masterId, listener }
    this.#isRenewed = false
    this.#subscribe(this.#opened)
  }

  away(): void {
    this.#opened = undefined
    this.#acks?.stop()
    endSoon(this.#subscription, this.#ports.clock)
    this.#subscription = undefined
  }

  /** Subscribes again, once on each session: the queue may be gone, and its subscription with it. */
  renew(): void {
    if (this.#opened === undefined || this.#isRenewed) return
    this.#isRenewed = true
    this.#again(this.#opened)
  }

  #again(opened: Opened): void {
    this.#acks?.flush()
    this.#acks?.stop()
    endSoon(this.#subscription, this.#ports.clock)
    this.#subscribe(opened)
  }

  /** Sends the ACKs that wait. */
  flush(): void {
    this.#acks?.flush()
  }

  /** Ends the reading of replies on a connection that goes on without this master. */
  async leave(): Promise<void> {
    this.flush()
    await this.#subscription?.unsubscribe()
  }

  #subscribe(opened: Opened): void {
    const { stomp, replyQueue, reader } = this.#ports
    const { session, masterId, listener } = opened
    const to = destinationsOf(session.namespace)
    const isSingle = replyQueue === 'single'
    const replyTo = isSingle ? to.reply : to.replyOf(session.owner, masterId)
    const sharesAcks = session.dialect.acksCumulate === true && !session.bridged && !this.#acksEach
    const acks = sharesAcks ? new ReplyAcks(this.#ports.clock, () => this.#stuck(opened)) : undefined
    this.#acks = acks
    this.#subscription = stomp.subscribe(
      {
        destination: replyTo,
        ack: acks === undefined ? 'client-individual' : 'client',
        headers: ({ dialect }) => ({
          ...(isSingle ? {} : ((this.#isOfBefore ? dialect.replyReaderBefore : undefined) ?? dialect.replyReader)),
          ...prefetchHeaders(dialect, replyPrefetch),
        }),
      },
      message => reader.read(acks === undefined ? message : acks.take(message)),
    )
    this.#subscription.ready.then(
      () => {
        if (this.#opened === opened) listener.subscribed(session, replyTo)
      },
      (error: DroverError) => {
        if (isGone(error)) return
        const mayBeOfBefore = error.code === 'config_invalid' && session.dialect.replyReaderBefore !== undefined
        // The broker ends the session with that, and the next one reads the queue as it was made
        if (mayBeOfBefore && !isSingle && !this.#isOfBefore) this.#isOfBefore = true
        // Refused, even if the session has ended since: without replies nothing can be dispatched.
        else listener.refused(error)
      },
    )
  }

  #stuck(opened: Opened): void {
    if (this.#opened !== opened) return
    this.#acksEach = true
    this.#again(opened)
  }
}
