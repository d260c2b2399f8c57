/** A message between its SEND and its MESSAGE frames. */
import { DroverError } from '../../shared/contract/errors.ts'
import { escapeHeader, type ScannedFrame, type StompVersion, unescapeHeader } from '../frames/mod.ts'
import type { Destination } from './destination.ts'

// What objects and maps cost beside the bytes of a message, roughly
const overheadBytes = 300
const encoder = new TextEncoder()

/** Headers that the broker says itself; a sender's are dropped, as are those that only concern the SEND. */
const notPassedOn = new Set([
  'receipt',
  'transaction',
  'destination',
  'subscription',
  'message-id',
  'ack',
  'redelivered',
  'content-length',
])

/** What a SEND's surroundings say about its message. */
export interface MessageContext {
  readonly id: string
  /** Where it goes, as its reader knows the place. */
  readonly destination: Destination
  /** Where it goes, as the broker knows the place: `/queue/name`, `/topic/name` or `/temp-queue/name`. */
  readonly route: string
  readonly version: StompVersion
  readonly maxDelayMs: number
  /** What others must write to answer. */
  readonly replyTo: (destination: string) => string
}

export class Message {
  readonly id: string
  readonly destination: Destination
  readonly route: string
  readonly body: Uint8Array
  readonly priority: number
  /** ms since the epoch; `Infinity` for never */
  readonly expiresAt: number
  readonly delayMs: number
  /** What it counts for in every limit. */
  readonly bytes: number
  readonly #headers: ReadonlyMap<string, string>
  readonly #heads: { [version in StompVersion]?: Uint8Array } = {}

  /** @throws {DroverError} `frame_invalid` for an escape, a number or a `reply-to` that cannot be read */
  constructor(frame: ScannedFrame, { id, destination, route, version, maxDelayMs, replyTo }: MessageContext) {
    this.id = id
    this.destination = destination
    this.route = route
    // A copy: the frame is a slice of a chunk that holds other people's frames as well
    this.body = frame.body.slice()
    const headers = new Map<string, string>()
    let headerBytes = 0
    for (const [rawName, rawValue] of frame.headers()) {
      const name = unescapeHeader(rawName, version)
      if (notPassedOn.has(name) || headers.has(name)) continue
      const value = unescapeHeader(rawValue, version)
      headers.set(name, name === 'reply-to' ? replyTo(value) : value)
      headerBytes += name.length + value.length
    }
    this.#headers = headers
    this.priority = Math.min(9, wholeNumber(headers, 'priority', 9_999) ?? 4)
    this.expiresAt = wholeNumber(headers, 'expires') || Number.POSITIVE_INFINITY
    this.delayMs = wholeNumber(headers, 'AMQ_SCHEDULED_DELAY', maxDelayMs) ?? 0
    // Header text counts three times: as text, and as the bytes of two versions
    this.bytes = this.body.length + headerBytes * 3 + overheadBytes
  }

  /** The head from `destination` to the blank line; made once a version. */
  headFor(version: StompVersion): Uint8Array {
    this.#heads[version] ??= this.#encodeHead(version)
    return this.#heads[version]
  }

  #encodeHead(version: StompVersion): Uint8Array {
    let head = `destination:${lenientEscape(this.destination.text, version)}\n`
    for (const [name, value] of this.#headers) {
      const writtenName = version === '1.0' ? name.replaceAll(':', ' ') : name
      head += `${lenientEscape(writtenName, version)}:${lenientEscape(value, version)}\n`
    }
    return encoder.encode(`${head}content-length:${this.body.length}\n\n`)
  }
}

/** An older version cannot write what a newer one can: a reader of 1.0 gets a blank for a line feed, not no message. */
const lenientEscape = (value: string, version: StompVersion): string => {
  if (version === '1.2') return escapeHeader(value, version)
  return escapeHeader(value.replaceAll(version === '1.0' ? /[\r\n]/g : '\r', ' '), version)
}

function wholeNumber(
  headers: ReadonlyMap<string, string>,
  name: string,
  most: number = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const value = headers.get(name)
  if (value === undefined) return undefined
  if (/^[0-9]{1,16}$/.test(value) && Number(value) <= most) return Number(value)
  const wanted = `a whole number in digits, at most ${most}`
  throw new DroverError('frame_invalid', `The header ${name} is "${value.slice(0, 40)}"; expected was ${wanted}`)
}
