/**
 * The line to the broker: on every session a reply subscription of its own, whose RECEIPT comes before any job leaves.
 * Promise 4.
 */

import type { Clock } from '../../clock.ts'
import type { DroverError } from '../../contract/errors.ts'
import {
  destinationsOf,
  type Incoming,
  prefetchHeaders,
  type Session,
  type Stomp,
  type StompState,
  type Subscription,
} from '../../stomp/mod.ts'

/** Replies handed out before the first of them is stored. */
const replyPrefetch = 100

export interface ReplySubscriptionPorts {
  readonly stomp: Stomp
  readonly clock: Clock
  readonly replyQueue: 'own' | 'single'
  /** The reply subscription's RECEIPT is in. */
  readonly onReady: (session: Session) => void
  readonly onAway: () => void
  /** For good: the connection is closed, or replies may not be read. */
  readonly onClosed: (reason: Error | undefined) => void
  readonly onMessage: (message: Incoming) => void
}

export class ReplySubscription {
  /** Where replies are read on this session. */
  replyTo = ''
  readonly #ports: ReplySubscriptionPorts
  #session: Session | undefined
  #isRenewed = false
  /** Whether the queue is one that an earlier version made. */
  #isOfBefore = false
  #replies: Subscription | undefined

  constructor(ports: ReplySubscriptionPorts) {
    this.#ports = ports
  }

  follow(state: StompState, masterId: string): void {
    if (state.at === 'open') this.#open(state.session, masterId)
    else if (state.at === 'closed') this.#ports.onClosed(state.reason)
    else this.away()
  }

  away(): void {
    this.#session = undefined
    letGo(this.#replies, this.#ports.clock)
    this.#replies = undefined
    this.#ports.onAway()
  }

  /** Subscribes again, once on each session: the queue may be gone, and its subscription with it. */
  renew(masterId: string): void {
    const session = this.#session
    if (session === undefined || this.#isRenewed) return
    this.#isRenewed = true
    letGo(this.#replies, this.#ports.clock)
    this.#subscribe(session, masterId)
  }

  /** Ends the reading of replies on a connection that goes on without this master. */
  async leave(): Promise<void> {
    await this.#replies?.unsubscribe()
  }

  #open(session: Session, masterId: string): void {
    if (this.#session !== undefined) this.away()
    this.#session = session
    this.#isRenewed = false
    this.#subscribe(session, masterId)
  }

  #subscribe(session: Session, masterId: string): void {
    const { stomp, replyQueue, onMessage, onReady, onClosed } = this.#ports
    const to = destinationsOf(session.namespace)
    const isSingle = replyQueue === 'single'
    this.replyTo = isSingle ? to.reply : to.replyOf(session.owner, masterId)
    this.#replies = stomp.subscribe(
      {
        destination: this.replyTo,
        ack: 'client-individual',
        headers: ({ dialect }) => ({
          ...(isSingle ? {} : ((this.#isOfBefore ? dialect.replyReaderBefore : undefined) ?? dialect.replyReader)),
          ...prefetchHeaders(dialect, replyPrefetch),
        }),
      },
      onMessage,
    )
    this.#replies.ready.then(
      () => {
        if (this.#session === session) onReady(session)
      },
      (error: DroverError) => {
        if (isGone(error)) return
        const mayBeOfBefore = error.code === 'config_invalid' && session.dialect.replyReaderBefore !== undefined
        // The broker ends the session with that, and the next one reads the queue as it was made
        if (mayBeOfBefore && !isSingle && !this.#isOfBefore) this.#isOfBefore = true
        // Refused, whatever became of the session since: without replies nothing can be dispatched.
        else onClosed(error)
      },
    )
  }
}

/** Whether a subscription ended because its connection or its holder did, and not because it was refused. */
export const isGone = ({ code }: DroverError): boolean => code === 'connection_lost' || code === 'closed'

/**
 * Ends a subscription whose session is gone: each session has its own, for the RECEIPT of each. In a turn of its own,
 * since why it was refused, if it was, is to be heard first.
 */
export function letGo(subscription: Subscription | undefined, clock: Clock): void {
  if (subscription !== undefined) clock.timer(0, () => void subscription.unsubscribe())
}
