/** A message between its SEND and its MESSAGE frames. */
import { DroverError } from '../shared/contract/errors.ts'
import { escapeHeader, type ScannedFrame, type StompVersion, unescapeHeader } from '../shared/frames/mod.ts'
import type { Destination } from './destination.ts'
import { isForEnds, payerOf, smallEndBytes } from './ends.ts'
import { onFullHeader } from './refusal-receipt.ts'
import type { Piece } from './write-buffer.ts'

// The cost of objects and maps beside the bytes of a message, roughly
const overheadBytes = 300
const encoder = new TextEncoder()

/** Headers that the broker says itself; a sender's are dropped, as are those that only concern the SEND. */
const notPassedOn = new Set([
  'receipt',
  onFullHeader,
  'transaction',
  'destination',
  'subscription',
  'message-id',
  'ack',
  'redelivered',
  'timestamp',
  'content-length',
])

/** Facts about a message that its SEND does not say. */
export interface MessageContext {
  readonly id: string
  /** When it came, ms since the epoch by the broker's clock: its `timestamp`, as other brokers have it. */
  readonly at: number
  /** Where it goes, as its reader knows the place. */
  readonly destination: Destination
  /** Where it goes, as the broker knows the place: `/queue/name`, `/topic/name` or `/temp-queue/name`. */
  readonly route: string
  readonly version: StompVersion
  /** Who sends it. */
  readonly owner: string
  readonly maxDelayMs: number
  /** The destination that others must write to answer. */
  readonly replyTo: (destination: string) => string
}

export class Message {
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
  /** Its sender said `persistent:false`: it may be lost when there is little room. */
  readonly mayBeDropped: boolean
  /** A reply or dead letter that finds room where a larger one does not. */
  readonly isSmallEnd: boolean
  /** Its size in every limit. */
  readonly bytes: number
  /** Its SEND was confirmed in an open transaction: its queue keeps room for it. */
  hasReservedRoom = false
  readonly #content: Content

  /** @throws {DroverError} `frame_invalid` for an escape, a number or a `reply-to` that cannot be read */
  constructor(frame: ScannedFrame, context: MessageContext) {
    this.id = context.id
    this.destination = context.destination
    this.route = context.route
    this.owner = context.owner
    const content = readPlain(frame, context) ?? readEscaped(frame, context)
    const header = (name: string) => (content.isPlain ? frame.header(name) : content.headers.get(name))
    this.payer = payerOf(context.route, header('drover-sender') || context.owner)
    this.priority = Math.min(9, wholeNumber('priority', header('priority'), 9_999) ?? 4)
    this.expiresAt = wholeNumber('expires', header('expires')) || Number.POSITIVE_INFINITY
    this.delayMs = wholeNumber('AMQ_SCHEDULED_DELAY', header('AMQ_SCHEDULED_DELAY'), context.maxDelayMs) ?? 0
    this.mayBeDropped = header('persistent') === 'false'
    this.bytes = content.bytes + overheadBytes
    this.isSmallEnd = this.bytes <= smallEndBytes && isForEnds(context.route)
    this.#content = content
  }

  /** A MESSAGE frame from its `destination` to its NUL. */
  tailFor(version: StompVersion): Piece[] {
    const content = this.#content
    if (content.isPlain) return [content.tail]
    content.heads[version] ??= encodeHead(this.destination, content, version)
    return [content.heads[version], content.body, '\0']
  }
}

/** Copies, in any case: the frame is a slice of a chunk that holds other people's frames as well. */
type Content =
  | { readonly isPlain: true; readonly tail: Uint8Array; readonly bytes: number }
  | {
      readonly isPlain: false
      readonly headers: ReadonlyMap<string, string>
      readonly heads: { [version in StompVersion]?: Uint8Array }
      readonly body: Uint8Array
      readonly bytes: number
    }

/** The usual case, without decoding. Readers of all versions get the same bytes. */
function readPlain(frame: ScannedFrame, { destination, at, replyTo }: MessageContext): Content | undefined {
  const wanted = frame.header('reply-to')
  if (wanted !== undefined && replyTo(wanted) !== wanted) return undefined
  if (/[:\\]/.test(destination.text)) return undefined
  const lines = frame.plainLines(name => notPassedOn.has(name))
  if (!lines) return undefined
  const { body } = frame
  const first = encoder.encode(`destination:${destination.text}\ntimestamp:${at}\n`)
  const last = encoder.encode(`content-length:${body.length}\n\n`)
  let length = first.length + last.length + body.length + 1
  for (const line of lines) length += line.length + 1
  const tail = new Uint8Array(length)
  tail.set(first)
  let end = first.length
  for (const line of lines) {
    tail.set(line, end)
    end += line.length
    tail[end++] = 10
  }
  tail.set(last, end)
  tail.set(body, end + last.length)
  return { isPlain: true, tail, bytes: tail.length }
}

function readEscaped(frame: ScannedFrame, { at, version, replyTo }: MessageContext): Content & { isPlain: false } {
  const headers = new Map([['timestamp', String(at)]])
  let headerBytes = 0
  for (const [rawName, rawValue] of frame.headers()) {
    const name = unescapeHeader(rawName, version)
    if (notPassedOn.has(name) || headers.has(name)) continue
    const value = unescapeHeader(rawValue, version)
    headers.set(name, name === 'reply-to' ? replyTo(value) : value)
    headerBytes += name.length + value.length
  }
  const body = frame.body.slice()
  // Header text counts three times: as text, and as the bytes of two versions
  return { isPlain: false, headers, heads: {}, body, bytes: body.length + headerBytes * 3 }
}

function encodeHead(
  destination: Destination,
  content: Content & { isPlain: false },
  version: StompVersion,
): Uint8Array {
  let head = `destination:${lenientEscape(destination.text, version)}\n`
  for (const [name, value] of content.headers) {
    const writtenName = version === '1.0' ? name.replaceAll(':', ' ') : name
    head += `${lenientEscape(writtenName, version)}:${lenientEscape(value, version)}\n`
  }
  return encoder.encode(`${head}content-length:${content.body.length}\n\n`)
}

/** An older version cannot write some characters. A reader of 1.0 gets a blank for a line feed, rather than no message. */
const lenientEscape = (value: string, version: StompVersion): string => {
  if (version === '1.2') return escapeHeader(value, version)
  return escapeHeader(value.replaceAll(version === '1.0' ? /[\r\n]/g : '\r', ' '), version)
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
