/**
 * The store: it keeps the persistent messages of the embedded broker on disk, so that they outlive the process.
 *
 * - A row is one message in one place: the bytes of its MESSAGE frame, its place in the queue, whether it was handed out, when
 *   its delay is over. A topic's message has a row for each durable subscription. `persistent:false`, temporary queues and
 *   topics without a durable reader have none.
 * - Everything happens in memory first, in the order of frames, and each change is noted for the next batch. A frame is obeyed
 *   in one piece, so that all of a COMMIT is in one batch, and a batch is written whole or not at all. Batches are written one
 *   after another, so that the disk has always been a state of the memory.
 * - A RECEIPT leaves once the batch of its frame is on disk, and many share one. Readers do not wait: a message may be handed
 *   out before it is on disk. A crash in between loses a message that nobody was told is kept: its sender sends it again. Or it
 *   loses an ACK that nobody was told is done: the message comes again, marked. "At least once" allows both. Readers
 *   that waited would be safe from neither, since the RECEIPT or the answer may be lost as well.
 * - A reply is no proof that its job is kept. So it waits for the RECEIPT that its reader is owed of before it (`awaited.ts`).
 * - A message that is taken and acknowledged before its batch begins is never written.
 * - Changes that nobody waits for (an ACK without a receipt, the mark of a message that is handed out) go with the next batch,
 *   or after `lingerMs`.
 *
 * `Journal` has the order of all that; a `Disk` only writes, and may fail at each batch. Without a store there is neither.
 */
import type { Message } from '../message.ts'
import type { KeptContent } from '../message-content.ts'

/** Everything about a message but its bytes. */
export interface KeptFacts {
  readonly id: string
  /** As its reader knows the place. */
  readonly destination: string
  readonly owner: string
  readonly payer: string
  readonly priority: number
  /** ms since the epoch; `undefined` for never */
  readonly expiresAt: number | undefined
  /** Its size in every limit. */
  readonly bytes: number
}

export interface KeptMessage extends KeptFacts {
  readonly content: KeptContent
}

/** Where a row stands. */
export interface RowState {
  /** Its order in the queue; of a delayed message it says nothing. */
  readonly sequence: number
  /** When its delay is over, ms since the epoch; `undefined` when it waits for no delay. */
  readonly dueAt: number | undefined
  /** Whether it is marked `redelivered` should it be loaded so. */
  readonly isHandedOut: boolean
}

export interface KeptRow extends RowState, KeptFacts {
  readonly row: number
  /** A queue's route, `durable ` and the subscription's name, or the topic that a delayed message is to go to. */
  readonly place: string
}

export interface NewRow extends RowState {
  readonly row: number
  readonly place: string
  readonly message: Message
}

export interface KeptDurable {
  readonly name: string
  /** The topic, as its SUBSCRIBE named it. */
  readonly destination: string
  readonly owner: string
  /** Why it was ended, which its next SUBSCRIBE is told; `undefined` while it is kept. */
  readonly droppedBecause: string | undefined
}

/** Changes that are written together. */
export interface Changes {
  readonly added: ReadonlyMap<number, NewRow>
  readonly moved: ReadonlyMap<number, RowState>
  readonly removed: ReadonlySet<number>
  /** By name; `undefined` for one that has ended. */
  readonly durables: ReadonlyMap<string, KeptDurable | undefined>
}

export interface Disk {
  /** Names the store. It is the same in every process that opens it, and a new one has another. */
  readonly run: string
  /** Everything that is kept, rows in order of their numbers; called once, before anything is written. */
  load(): { readonly rows: Iterable<KeptRow>; readonly durables: readonly KeptDurable[] }
  /** Resolves when it is time to write, so that changes of the meantime go along. */
  turn(): Promise<void>
  /**
   * Writes all of it or nothing; resolves once it outlives a loss of power. May be called again with rows that it has already,
   * and with rows to remove that it has not.
   * @throws {Error} whose message says why, for people
   */
  write(changes: Changes): Promise<void>
  /** @throws {Error} when it cannot be read, or is not there */
  read(row: number): KeptMessage
  close(): void
}
