/**
 * A dialect: the ways of one broker, as data. Code that uses it never asks which broker it is; observations of a broker
 * stand beside the data, with its version.
 */
export type DialectName = 'classic' | 'artemis' | 'rabbitmq' | 'embedded'

export interface Dialect {
  readonly name: DialectName
  /** Matches the `server` header of the broker's own CONNECTED. */
  readonly serverPattern: RegExp
  /** The newest version of STOMP to speak to it. */
  readonly newestVersion: '1.2' | '1.1'
  /** The setting that bounds the messages of its WebSocket endpoint, and where it stands. */
  readonly frameSetting?: string
  /** How a subscription bounds the messages that are handed out unacknowledged. */
  readonly prefetch: {
    readonly header: string
    /** `bytes`: the header counts bytes, and 0 means one message at a time. */
    readonly unit: 'messages' | 'bytes'
    /** The value of the header in ack mode `auto`, where nothing gives back the used part of a count. */
    readonly auto?: string
  }
  /** Headers that make a destination a queue, or a topic, where its name and the configuration need not. */
  readonly kinds?: Readonly<
    Record<'queue' | 'topic', Readonly<Record<'send' | 'subscribe', Readonly<Record<string, string>>>>>
  >
  /** How it drops a second copy of a message, where it can; it remembers ids for each address apart, and some thousands of them. */
  readonly once?: {
    /** Of a SEND: the id of the message, the same for each copy. */
    readonly header: string
    /** Finds the part of a `message-id` that stays the same when the message is handed out again. */
    readonly delivery: RegExp
    /** Its ERROR for a COMMIT with such a copy, which takes place in no part. It is the same when it cannot commit at all. */
    readonly refusal: RegExp
  }
  /** The setting that mixes up a queue and a topic of one name, and is to go. */
  readonly mixingSetting?: string
  /** Headers of a topic subscription: a reader that stands still must not fill the broker's memory. */
  readonly topicReader: Readonly<Record<string, string>>
  /** Headers of a subscription to a master's own reply queue: it leaves nothing behind when its reader goes for good. */
  readonly replyReader: Readonly<Record<string, string>>
  /**
   * The same as earlier versions had it, where a queue cannot change: one that they made is read with these as long as it lives.
   */
  readonly replyReaderBefore?: Readonly<Record<string, string>>
  /** How a message expires: by an absolute instant or by a time from now, both in ms; and the most that it takes of the latter. */
  readonly expiry: { readonly header: string; readonly base: 'epoch' | 'now'; readonly mostMs?: number }
  /** Header that delays a SEND by ms; absent where the broker cannot. */
  readonly delayHeader?: string
  /** The most that it takes of it, where it says so. */
  readonly mostDelayMs?: number
  /** Whether a delayed SEND is part of its transaction as any other is, also when the broker is killed after COMMIT. */
  readonly delaysInTransaction: boolean
  /** Wildcards of a subscription: one part, and all parts below. */
  readonly wildcards: { readonly one: string; readonly rest: string }
  /** Headers that make a topic subscription durable; `{name}` is filled in. CONNECT carries `client-id` too where it says. */
  readonly durable: { readonly headers: Readonly<Record<string, string>>; readonly needsClientId: boolean }
  /** Prefix by which replies are sent to a reply queue, in place of `/queue/`. */
  readonly replySendPrefix: string
  /**
   * Whether a SEND to `/queue/x` with `persistent:false` makes x a queue of its connection alone, and is refused where x is there
   * already. Without the header it says the same of the message, and nothing of the queue.
   */
  readonly claimsByTransient?: true
  /** Destinations besides the contract's reply queues that a worker may answer. */
  readonly temporaryReply: RegExp | undefined
  /** Why `priority` may not order a queue, told to senders of jobs with one; absent where it always does. */
  readonly unordered?: string
  /** Whether a colon in a value is lost unless it is escaped, as STOMP says, though others mind it not. */
  readonly dropsColons?: boolean
  /** Ids of subscriptions whose messages cannot be acknowledged there, though STOMP allows the ids. */
  readonly unusableIds?: { readonly pattern: RegExp; readonly says: string }
  /** Whether persistent messages of a queue are handed out before others that came earlier. */
  readonly persistentOvertakes: boolean
  /**
   * Whether messages that an ended subscription had in hand, or that were on their way to it, are handed out again at once and
   * without a mark. Elsewhere they come again as `redelivered`, as if their reader had died, at once or when the connection ends.
   */
  readonly unsubscribeReturns: boolean
  /**
   * Whether they come again at once there, with the mark: a subscription that brought nothing for long may end, and a message
   * that was sent to it at that very moment is counted as a loss.
   */
  readonly unsubscribeMarks?: true
  /**
   * Header of a SEND whose RECEIPT says so when it does not fit, in place of an ERROR: nothing of it took place then, and the
   * session goes on. Absent where the broker has no such thing.
   */
  readonly onFull?: { readonly header: string; readonly value: string }
  /** Whether the connection survives an ERROR for a refused SEND. */
  readonly survivesRefusal: boolean
  /**
   * Whether COMMIT has to wait for the RECEIPT of each step, since it is confirmed even after a refused one. Not so where
   * the ERROR ends the session first, nor where a SEND's RECEIPT comes only after COMMIT.
   */
  readonly confirmsBeforeCommit: boolean
  /** Whether an ACK in a transaction waits for COMMIT. */
  readonly acksInTransaction: boolean
  /**
   * Whether its TCP connections keep a small frame back until the packet before it is acknowledged (Nagle's algorithm),
   * unless it is configured otherwise.
   */
  readonly holdsSmallWrites: boolean
  /**
   * Whether each persistent SEND and each COMMIT of a connection waits for a write to disk of its own before the next is read;
   * many in one transaction wait for one.
   */
  readonly writesEachCommit: boolean
  /**
   * Whether a message is handed out before it is on disk, and replies to it do not wait for that. A kill of the broker then takes it
   * back from under its reader, and no other reader gets it.
   */
  readonly handsOutUnstored?: true
  /**
   * Whether a RECEIPT says that every frame of the connection before its own went well too: frames are obeyed in order, the first
   * that is refused ends the session, and its ERROR names a RECEIPT that it asked for.
   */
  readonly receiptCovers?: true
  /** Whether an ACK of `ack:client` settles the messages of its own subscription, up to the one that it names, and no others. */
  readonly acksCumulate?: true
  /** How one subscription reads several queues, which share its prefetch then; absent where it cannot. */
  readonly composite?: {
    /** Between the destinations. */
    readonly separator: string
    /**
     * Headers of a second subscription to the same queues, which is handed nothing and ends at once: without it the first may
     * not see the messages that wait in them already.
     */
    readonly waker: Readonly<Record<string, string>>
    /**
     * Whether messages of two queues can be given to one that has room for a single one, and the second then waits for it
     * at the broker, though others are free. An ACK in a transaction that is aborted has it handed out.
     */
    readonly keepsBack: boolean
  }
  /**
   * How a subscription looks at a queue without taking anything from it, and how it says that it has seen all; absent where it
   * cannot. It sees no more than the first so many.
   */
  readonly browse?: { readonly header: string; readonly value: string; readonly end: string; readonly most: number }
  /**
   * Headers of a subscription that gets all of a queue while it is the first of its kind: two readers at the same time do not share the
   * messages. Absent where the broker has no such thing.
   */
  readonly soleReader?: Readonly<Record<string, string>>
  /** A message unacknowledged for longer than this is taken back, in ms, unless the broker is configured otherwise. */
  readonly maxUnackedMs?: number
  /** How it does that, where it does. */
  readonly takesBack?: {
    /** The setting that allows more. */
    readonly setting: string
    /** Finds the ms that it allows in the ERROR with which it ends all subscriptions of the connection. */
    readonly saysMs: RegExp
  }
}
