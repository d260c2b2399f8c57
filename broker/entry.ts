import type { Message } from './message.ts'

/** A message's place in one queue. */
export interface Entry {
  /** Absent while only the store has it. */
  message: Message | undefined
  readonly priority: number
  /** ms since the epoch; `Infinity` for never */
  readonly expiresAt: number
  readonly bytes: number
  readonly payer: string
  /** Order of arrival in the queue. */
  sequence: number
  isRedelivered: boolean
  /** The last reader to NACK it, which is only compared: it is offered to others first. */
  refusedBy: object | undefined
  /** Its number in the store; 0 where it is not kept. */
  row: number
  /** Of a reply, how many changes the store had when it came; else 0. */
  readonly changes: number
}

/** One whose message is in memory. */
export type LoadedEntry = Entry & { readonly message: Message }

/** The place of a message that has come to a queue. Each is named, since a spread takes three times as long. */
export function entryOf(
  message: Message,
  { sequence, row, isRedelivered, changes }: Pick<Entry, 'sequence' | 'row' | 'isRedelivered' | 'changes'>,
): LoadedEntry {
  const { priority, expiresAt, bytes, payer } = message
  return { message, priority, expiresAt, bytes, payer, sequence, isRedelivered, refusedBy: undefined, row, changes }
}
