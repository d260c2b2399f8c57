/** The headers and the body of a message, as they are written for a reader of any version. */
import {
  escapeHeader,
  FrameScanner,
  type ScannedFrame,
  type StompVersion,
  unescapeHeader,
} from '../shared/frames/mod.ts'
import type { Destination } from './destination.ts'
import { onFullHeader } from './refusal-receipt.ts'
import type { Piece } from './write-buffer.ts'

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

/** Facts that are in the content of a message and not in its SEND. */
export interface ContentContext {
  /** When it came, ms since the epoch by the broker's clock: its `timestamp`, as other brokers have it. */
  readonly at: number
  /** Where it goes, as its reader knows the place. */
  readonly destination: Destination
  readonly version: StompVersion
  /** The destination that others must write to answer. */
  readonly replyTo: (destination: string) => string
}

/** The bytes of a message in a store, and whether all versions of STOMP get the same. */
export interface KeptContent {
  /** From `destination` to the NUL, as STOMP 1.2 writes it. */
  readonly tail: Uint8Array
  readonly isPlain: boolean
}

/** Copies, in any case: the frame is a slice of a chunk that holds other people's frames as well. */
export type Content =
  | { readonly isPlain: true; readonly tail: Uint8Array; readonly bytes: number }
  | {
      readonly isPlain: false
      readonly headers: ReadonlyMap<string, string>
      readonly heads: { [version in StompVersion]?: Uint8Array }
      readonly body: Uint8Array
      readonly bytes: number
    }

/** @throws {DroverError} `frame_invalid` for an escape or a `reply-to` that cannot be read */
export const readContent = (frame: ScannedFrame, context: ContentContext): Content =>
  readPlain(frame, context) ?? readEscaped(frame, context)

/** A MESSAGE frame from its `destination` to its NUL. */
export function tailOf(content: Content, destination: Destination, version: StompVersion): Piece[] {
  if (content.isPlain) return [content.tail]
  content.heads[version] ??= encodeHead(destination, content, version)
  return [content.heads[version], content.body, '\0']
}

/** Its headers as they were sent, unescaped; of equal ones the first. */
export function headersOf(content: Content | KeptContent): ReadonlyMap<string, string> {
  return 'headers' in content ? content.headers : readTail(content.tail).headers
}

/**
 * The same message with other headers, for a place that its reader knows by another name.
 * @param changed by name
 */
export function withHeaders(content: Content, changed: ReadonlyMap<string, string>): Content {
  const { headers: before, body } = content.isPlain ? readTail(content.tail) : content
  const headers = new Map([...before, ...changed])
  return { isPlain: false, headers, heads: {}, body, bytes: escapedBytes(headers, body) }
}

/** As a store keeps it. */
export function toKept(content: Content, destination: Destination): KeptContent {
  if (content.isPlain) return { isPlain: true, tail: content.tail }
  const head = encodeHead(destination, content, '1.2')
  const tail = new Uint8Array(head.length + content.body.length + 1)
  tail.set(head)
  tail.set(content.body, head.length)
  return { isPlain: false, tail }
}

/** As a store kept it. */
export function fromKept({ isPlain, tail }: KeptContent, bytes: number): Content {
  if (isPlain) return { isPlain, tail, bytes }
  return { isPlain, ...readTail(tail), heads: {}, bytes }
}

function readTail(tail: Uint8Array): { headers: Map<string, string>; body: Uint8Array } {
  const frameBytes = new Uint8Array(messageLine.length + tail.length)
  frameBytes.set(messageLine)
  frameBytes.set(tail, messageLine.length)
  const frame = new FrameScanner(unbounded).push(frameBytes)[0]!
  const headers = new Map<string, string>()
  for (const [name, value] of frame.headers()) {
    const said = unescapeHeader(name, '1.2')
    if (said !== 'destination' && said !== 'content-length' && !headers.has(said))
      headers.set(said, unescapeHeader(value, '1.2'))
  }
  return { headers, body: frame.body.slice() }
}

const messageLine = encoder.encode('MESSAGE\n')
/** It was let in once, and escaping makes it longer. */
const unbounded = {
  maxHeaders: Number.POSITIVE_INFINITY,
  maxHeaderBytes: Number.POSITIVE_INFINITY,
  maxBodyBytes: Number.POSITIVE_INFINITY,
}

/** The usual case, without decoding. Readers of all versions get the same bytes. */
function readPlain(frame: ScannedFrame, { destination, at, replyTo }: ContentContext): Content | undefined {
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

function readEscaped(frame: ScannedFrame, { at, version, replyTo }: ContentContext): Content & { isPlain: false } {
  const headers = new Map([['timestamp', String(at)]])
  for (const [rawName, rawValue] of frame.headers()) {
    const name = unescapeHeader(rawName, version)
    if (notPassedOn.has(name) || headers.has(name)) continue
    const value = unescapeHeader(rawValue, version)
    headers.set(name, name === 'reply-to' ? replyTo(value) : value)
  }
  const body = frame.body.slice()
  return { isPlain: false, headers, heads: {}, body, bytes: escapedBytes(headers, body) }
}

/** Header text counts three times: as text, and as the bytes of two versions. */
function escapedBytes(headers: ReadonlyMap<string, string>, body: Uint8Array): number {
  let headerBytes = 0
  for (const [name, value] of headers) if (name !== 'timestamp') headerBytes += name.length + value.length
  return body.length + headerBytes * 3
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
