/** The kit that each part of the behaviour suite is given. */
import type { Dialect } from '../../../../../shared/stomp/dialects/mod.ts'
import type { Headers, RawStomp, RawStompOptions } from '../../../../support/raw-stomp.ts'

/** The ways of one broker beyond its dialect. True is the strictest reading, to which our own broker is held. */
export interface Traits {
  /** User foo owns `myapp.>` and nothing else. */
  boundsFoo: boolean
  /** A wrong login always gets an ERROR before the connection ends. */
  explainsBadLogin: boolean
  /** Who sends something else before CONNECT is let go. */
  closesOnStrangers: boolean
  /** An ERROR for a frame with a receipt names it in `receipt-id`. */
  namesReceiptInErrors: boolean
  /** A SEND in a transaction has its RECEIPT before COMMIT, not after it. */
  confirmsInTransaction: boolean
  /** An ACK in a transaction waits for COMMIT and is undone by ABORT. */
  acksInTransaction: boolean
  /** A transaction must have been begun. */
  needsBegin: boolean
  /** Whether all deliveries of a dead reader come again marked as redelivered, or surely only the first. */
  marksUnstartedRedelivered: 'always' | 'sometimes'
  /** UNSUBSCRIBE, not the end of the connection alone, gives back the unacknowledged messages. */
  givesBackOnUnsubscribe: boolean
  /** NACK puts a message back, and does not drop it or send it to a dead-letter queue. */
  nackRequeues: boolean
  /** Headers to a 1.0 peer are written without escapes. */
  writesPlain10: boolean
  /** Which of a header that is repeated counts, in the version that the suite speaks. */
  ofRepeated: 'first' | 'second'
}

export interface Kit {
  dialect: Dialect
  traits: Traits
  /** The broker's address, for things that `open` cannot say. */
  url(): string
  /** A connection of foo's. */
  open(headers?: Headers, options?: RawStompOptions): Promise<RawStomp>
}
