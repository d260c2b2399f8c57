/** What a SEND's head says, read in one pass over its bytes, with the lines that must not go on. */
import { DroverError } from '../../shared/contract/errors.ts'
import { encodeFrame, escapeHeader, type ScannedFrame, type StompVersion, unescapeHeader } from '../frames/mod.ts'
import { textAt } from '../frames/text.ts'
import { LastText } from './last-text.ts'
import { editHead, endsWithCr } from './lines.ts'
import { isControlHeader } from './rules.ts'

/** Headers that the bridge puts in front, made once where they stay the same for a session. */
export interface Stamp {
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly lines: Uint8Array
}

/**
 * @param headers unescaped
 * @param version of the session that they are written for
 */
export function createStamp(
  headers: readonly (readonly [name: string, value: string])[],
  version: StompVersion,
): Stamp {
  const lines = headers.map(([name, value]) => `${name}:${escapeHeader(value, version)}\n`).join('')
  return { headers, lines: encoder.encode(lines) }
}

/** Reads the SENDs of one session. */
export class SendReader {
  readonly version: StompVersion
  readonly delayHeader: string | undefined
  readonly #destination: LastText = new LastText()
  readonly #replyTo: LastText = new LastText()

  /**
   * @param version that the session speaks, and the broker is spoken to in
   * @param delayHeader of the dialect
   */
  constructor(version: StompVersion, delayHeader: string | undefined) {
    this.version = version
    this.delayHeader = delayHeader
  }

  /**
   * Reads a SEND.
   * @throws {DroverError} `frame_invalid` for a header name that peers read differently, or an escape that the version
   * does not have
   */
  read(frame: ScannedFrame): SendHead {
    const { bytes, marks } = frame
    const head = new SendHead(frame, this)
    const { first } = head
    for (let mark = 0; mark < marks.length; mark += 3) {
      const start = marks[mark]!
      const colon = marks[mark + 1]!
      let known = commonAt(bytes, start, colon)
      if (known > CORRELATION_ID) continue
      if (known < 0) {
        const name = checkName(bytes, start, colon)
        if (name === this.delayHeader) known = DELAY
        else if (!isControlHeader(name)) continue
        else {
          head.dropped.push(mark)
          if (name !== 'drover-pass') continue
          known = PASS
        }
      }
      if (first[known]! < 0) first[known] = mark
    }
    if (this.version !== '1.0' && bytes.subarray(0, frame.bodyStart).includes(BACKSLASH)) {
      checkEscapes(frame, this.version)
    }
    head.destination = head.value(DESTINATION, this.#destination)
    head.replyTo = head.value(REPLY_TO, this.#replyTo)
    return head
  }
}

/** A SEND that was read. A class, since an object with getters costs as much to make as all the reading. */
export class SendHead {
  destination: string | undefined
  replyTo: string | undefined
  readonly dropped: number[] = []
  /** The first mark of each header that is looked at, or -1. */
  readonly first: number[] = [-1, -1, -1, -1, -1]
  readonly #frame: ScannedFrame
  readonly #reader: SendReader

  constructor(frame: ScannedFrame, reader: SendReader) {
    this.#frame = frame
    this.#reader = reader
  }

  get correlationId(): string | undefined {
    return this.value(CORRELATION_ID)
  }

  /** A `drover-pass` that came with it; never passed on. */
  get pass(): string | undefined {
    return this.value(PASS)
  }

  /** Value of the dialect's delay header. */
  get delay(): string | undefined {
    return this.value(DELAY)
  }

  /** The first value of a header, unescaped. */
  value(known: number, memo?: LastText): string | undefined {
    const mark = this.first[known]!
    if (mark < 0) return undefined
    const { bytes, marks } = this.#frame
    const from = marks[mark + 1]! + 1
    const to = marks[mark + 2]!
    return unescapeHeader(memo ? memo.at(bytes, from, to) : textAt(bytes, from, to), this.#reader.version)
  }

  /**
   * The frame for the broker: control headers gone, nothing repeated.
   * @param stamp headers of the bridge, in front
   * @param keepsReplyTo whether that goes on as it came
   * @param keepsDelay whether that goes on as it came
   */
  write(stamp: Stamp, keepsReplyTo: boolean, keepsDelay: boolean): Uint8Array {
    const frame = this.#frame
    const { version, delayHeader } = this.#reader
    if (endsWithCr(frame) || hasRepeats(frame)) {
      return rewrite(frame, version, stamp, name =>
        name === 'reply-to' ? !keepsReplyTo : name === delayHeader ? !keepsDelay : isControlHeader(name),
      )
    }
    const { dropped, first } = this
    if (!keepsReplyTo && first[REPLY_TO]! >= 0) dropped.push(first[REPLY_TO]!)
    if (!keepsDelay && first[DELAY]! >= 0) dropped.push(first[DELAY]!)
    if (dropped.length > 1) dropped.sort((a, b) => a - b)
    return editHead(frame, stamp.lines, dropped)
  }
}

const encoder = new TextEncoder()

const DESTINATION = 0
const REPLY_TO = 1
const CORRELATION_ID = 2
const PASS = 3
const DELAY = 4
/** Headers that nearly every SEND has: the first three are looked at, the rest pass without being decoded. */
const commonNames = ['destination', 'reply-to', 'correlation-id', 'content-type', 'content-length', 'persistent']
commonNames.push('expires', 'priority', 'receipt', 'transaction', 'traceparent')
/** Indexes into `commonNames` by length. */
const commonByLength: number[][] = Array.from({ length: 15 }, (_, length) =>
  commonNames.flatMap((name, index) => (name.length === length ? [index] : [])),
)
const commonBytes = commonNames.map(name => encoder.encode(name))

/** Which of `commonNames` stands there, or -1. */
function commonAt(bytes: Uint8Array, start: number, colon: number): number {
  const length = colon - start
  if (length >= commonByLength.length) return -1
  const candidates = commonByLength[length]!
  for (let candidate = 0; candidate < candidates.length; candidate++) {
    const index = candidates[candidate]!
    const name = commonBytes[index]!
    let at = 0
    while (at < length && bytes[start + at] === name[at]) at++
    if (at === length) return index
  }
  return -1
}

function checkName(bytes: Uint8Array, start: number, colon: number): string {
  const name = textAt(bytes, start, colon)
  // A space at either end is trimmed by some brokers, and an escape undone by some
  if (/^[!-[\]-~]+$/.test(name)) return name
  throw new DroverError(
    'frame_invalid',
    `The header name ${JSON.stringify(name.slice(0, 100))} is not passed on: use visible ASCII without a backslash`,
  )
}

const BACKSLASH = 92

function checkEscapes({ bytes, marks }: ScannedFrame, version: StompVersion): void {
  for (let mark = 0; mark < marks.length; mark += 3) {
    unescapeHeader(textAt(bytes, marks[mark + 1]! + 1, marks[mark + 2]!), version)
  }
}

const keys = new Int32Array(512)

/** Whether a name may stand twice: first, last and middle letter and length agree. Wrong only towards yes. */
function hasRepeats({ bytes, marks }: ScannedFrame): boolean {
  const count = marks.length / 3
  if (count > keys.length) return true
  for (let header = 0; header < count; header++) {
    const start = marks[header * 3]!
    const colon = marks[header * 3 + 1]!
    const middle = bytes[(start + colon) >> 1]!
    const key = (bytes[start]! << 24) | (bytes[colon - 1]! << 16) | (middle << 8) | ((colon - start) & 255)
    for (let other = 0; other < header; other++) if (keys[other] === key) return true
    keys[header] = key
  }
  return false
}

function rewrite(
  frame: ScannedFrame,
  version: StompVersion,
  stamp: Stamp,
  isGone: (name: string) => boolean,
): Uint8Array {
  const headers = new Map<string, string>(stamp.headers)
  for (const [name, value] of frame.headers()) {
    if (!isGone(name) && !headers.has(name)) headers.set(name, unescapeHeader(value, version))
  }
  return encodeFrame(frame.command, headers, frame.body, version)
}
