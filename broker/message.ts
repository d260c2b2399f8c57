/** A message between its SEND and its MESSAGE frames. */
import { DroverError } from '../shared/contract/errors.ts'
import type { ScannedFrame, StompVersion } from '../shared/frames/mod.ts'
import type { Destination } from './destination.ts'
import { isSmallEnd, payerOf } from './ends.ts'
import {
  type Content,
  type ContentContext,
  fromKept,
  headersOf,
  type KeptContent,
  readContent,
  tailOf,
  toKept,
  withHeaders,
} from './message-content.ts'
import type { Piece } from './write-buffer.ts'

// The cost of objects and maps beside the bytes of a message, roughly
const overheadBytes = 300

/** Facts about a message that its SEND does not say. */
export interface MessageContext extends ContentContext {
  readonly id: string
  /** Where it goes, as the broker knows the place: `/queue/name`, `/topic/name` or `/temp-queue/name`. */
  readonly route: string
  /** Who sends it. */
  readonly owner: string
  readonly maxDelayMs: number
}

export interface Message {
  readonly id: string
  readonly destination: Destination
  readonly route: string
  /** Who sent it: in whose share a queue is made for it. */
  readonly owner: string
  /**
   * Whose share of all bytes it uses: whose replies they are, or who dispatched the job that it is about, where a bridge says so.
   * Otherwise a master that lets replies pile up would use up the share of its worker.
   */
  readonly payer: string
  readonly priority: number
  /** ms since the epoch; `Infinity` for never */
  readonly expiresAt: number
  readonly delayMs: number
  /** Its sender said `persistent:false`: it may be lost when there is little room, and at the broker's end. */
  readonly mayBeDropped: boolean
  /** Its size in every limit. */
  readonly bytes: number
  /** A reply or dead letter that finds room where a larger one does not. */
  readonly isSmallEnd: boolean
  /** Its SEND was confirmed in an open transaction: its queue keeps room for it. */
  hasReservedRoom: boolean
  /** Absent while only the store has it. */
  content: Content | undefined
}

/** Its headers as they were sent, of a message whose bytes are in memory. */
export const headersFor = (message: Message): ReadonlyMap<string, string> => headersOf(loaded(message))

/**
 * The same for another queue. Its bytes are in memory.
 * @param delayMs how long it is still to wait
 * @param changed headers that are others there
 */
export function movedTo(
  message: Message,
  destination: Destination,
  delayMs: number,
  changed: ReadonlyMap<string, string>,
): Message {
  const content = withHeaders(loaded(message), changed)
  const bytes = content.bytes + overheadBytes
  const route = destination.text
  const isSmall = isSmallEnd(route, bytes)
  return { ...message, destination, route, delayMs, bytes, isSmallEnd: isSmall, hasReservedRoom: false, content }
}

/** The same for another place, whose store has its bytes as well. */
export const copyOf = (message: Message): Message => ({ ...message, hasReservedRoom: false })

/** As a store keeps its bytes, which are in memory. */
export const keptOf = (message: Message): KeptContent => toKept(loaded(message), message.destination)

/** The content of a message that counts with so many bytes, as a store kept it. */
export const contentOf = (kept: KeptContent, bytes: number): Content => fromKept(kept, bytes - overheadBytes)

/** A MESSAGE frame from its `destination` to its NUL, of a message whose bytes are in memory. */
export const tailFor = (message: Message, version: StompVersion): Piece[] =>
  tailOf(loaded(message), message.destination, version)

function loaded({ id, content }: Message): Content {
  if (content) return content
  throw new DroverError('store_failed', `The bytes of message ${id} were not loaded before it was handed out`)
}

/** @throws {DroverError} `frame_invalid` for an escape, a number or a `reply-to` that cannot be read */
export function readMessage(frame: ScannedFrame, context: MessageContext): Message {
  const { id, destination, route, owner } = context
  const content = readContent(frame, context)
  const header = (name: string) => (content.isPlain ? frame.header(name) : content.headers.get(name))
  const bytes = content.bytes + overheadBytes
  return {
    id,
    destination,
    route,
    owner,
    payer: payerOf(route, header('drover-sender') || owner),
    priority: Math.min(9, wholeNumber('priority', header('priority'), 9_999) ?? 4),
    expiresAt: wholeNumber('expires', header('expires')) || Number.POSITIVE_INFINITY,
    delayMs: wholeNumber('AMQ_SCHEDULED_DELAY', header('AMQ_SCHEDULED_DELAY'), context.maxDelayMs) ?? 0,
    mayBeDropped: header('persistent') === 'false',
    bytes,
    isSmallEnd: isSmallEnd(route, bytes),
    hasReservedRoom: false,
    content,
  }
}

function wholeNumber(
  name: string,
  value: string | undefined,
  most: number = Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (value === undefined) return undefined
  const digits = value.trim()
  if (/^[0-9]{1,16}$/.test(digits) && Number(digits) <= most) return Number(digits)
  const wanted = name === 'priority' ? 'an integer from 0 to 9' : `a whole number in digits, at most ${most}`
  throw new DroverError('frame_invalid', `The header ${name} is "${value.slice(0, 40)}"; expected was ${wanted}`)
}
