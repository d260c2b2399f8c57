/** What a SEND's head says, read in one pass over its bytes, with the lines that must not go on. */
import { DroverError } from '../../shared/contract/errors.ts'
import { encodeFrame, escapeHeader, type ScannedFrame, type StompVersion, unescapeHeader } from '../frames/mod.ts'
import { editHead, readLines } from './lines.ts'
import { isControlHeader } from './rules.ts'

export interface SendHead {
  readonly destination: string | undefined
  readonly replyTo: string | undefined
  readonly correlationId: string | undefined
  /** A `drover-pass` that came with it; never passed on. */
  readonly pass: string | undefined
  /** Value of the dialect's delay header. */
  readonly delay: string | undefined
  /**
   * The frame for the broker: control headers gone, nothing repeated.
   * @param stamp headers of the bridge, in front
   * @param keep which of the two headers that depend on a grant go on as they came
   */
  write(stamp: Stamp, keep: { readonly replyTo: boolean; readonly delay: boolean }): Uint8Array
}

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

/**
 * Reads a SEND.
 * @param version that the session speaks, and the broker is spoken to in
 * @param delayHeader of the dialect
 * @throws {DroverError} `frame_invalid` for a header name that peers read differently, or an escape that the version
 * does not have
 */
export function readSend(frame: ScannedFrame, version: StompVersion, delayHeader: string | undefined): SendHead {
  const lines = readLines(frame)
  const { bytes } = frame
  const { marks } = lines
  const dropped: number[] = []
  const values: (string | undefined)[] = []
  let isPlain = !lines.hasCr
  let replyToMark = -1
  let delayMark = -1
  for (let mark = 0; mark < marks.length; mark += 3) {
    const start = marks[mark]!
    const colon = marks[mark + 1]!
    const common = commonAt(bytes, start, colon)
    if (common > CORRELATION_ID) continue
    if (common >= 0) {
      values[common] ??= valueAt(bytes, colon + 1, marks[mark + 2]!, version)
      if (common === REPLY_TO) replyToMark = mark
      continue
    }
    const name = checkName(bytes, start, colon)
    if (name === delayHeader) {
      if (delayMark < 0) {
        delayMark = mark
        values[DELAY] = valueAt(bytes, colon + 1, marks[mark + 2]!, version)
      } else isPlain = false
    } else if (isControlHeader(name)) {
      if (name === 'drover-pass') values[PASS] ??= valueAt(bytes, colon + 1, marks[mark + 2]!, version)
      dropped.push(mark)
    }
  }
  if (lines.hasEscape && version !== '1.0') checkEscapes(bytes, marks, version)
  if (isPlain && hasRepeats(bytes, marks)) isPlain = false

  return {
    destination: values[DESTINATION],
    replyTo: values[REPLY_TO],
    correlationId: values[CORRELATION_ID],
    pass: values[PASS],
    delay: values[DELAY],
    write(stamp, keep) {
      const without = (name: string): boolean =>
        (name === 'reply-to' && !keep.replyTo) || (name === delayHeader && !keep.delay)
      if (!isPlain) {
        return rewrite(frame, version, stamp, name => without(name) || (name !== delayHeader && isControlHeader(name)))
      }
      let gone = dropped
      if (replyToMark >= 0 && !keep.replyTo) gone = [...gone, replyToMark]
      if (delayMark >= 0 && !keep.delay) gone = [...gone, delayMark]
      if (gone !== dropped) gone.sort((a, b) => a - b)
      return editHead(frame, lines, stamp.lines, gone)
    },
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
const commonByLength: (readonly { readonly index: number; readonly name: Uint8Array }[] | undefined)[] = []
for (const [index, name] of commonNames.entries()) {
  commonByLength[name.length] = [...(commonByLength[name.length] ?? []), { index, name: encoder.encode(name) }]
}

/** Which of `commonNames` stands there, or -1. */
function commonAt(bytes: Uint8Array, start: number, colon: number): number {
  const length = colon - start
  for (const { index, name } of commonByLength[length] ?? []) {
    let at = 0
    while (at < length && bytes[start + at] === name[at]) at++
    if (at === length) return index
  }
  return -1
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

function checkName(bytes: Uint8Array, start: number, colon: number): string {
  const name = decoder.decode(bytes.subarray(start, colon))
  // A space at either end is trimmed by some brokers, and an escape undone by some
  if (/^[!-[\]-~]+$/.test(name)) return name
  throw new DroverError(
    'frame_invalid',
    `The header name ${JSON.stringify(name.slice(0, 100))} is not passed on: use visible ASCII without a backslash`,
  )
}

function valueAt(bytes: Uint8Array, start: number, end: number, version: StompVersion): string {
  const stop = end > start && bytes[end - 1] === 13 ? end - 1 : end
  return unescapeHeader(decoder.decode(bytes.subarray(start, stop)), version)
}

function checkEscapes(bytes: Uint8Array, marks: readonly number[], version: StompVersion): void {
  for (let mark = 0; mark < marks.length; mark += 3) valueAt(bytes, marks[mark + 1]! + 1, marks[mark + 2]!, version)
}

/** Whether a name may stand twice: first, last and middle letter and length agree. Wrong only towards yes. */
function hasRepeats(bytes: Uint8Array, marks: readonly number[]): boolean {
  for (let mark = 3; mark < marks.length; mark += 3) {
    const key = keyAt(bytes, marks[mark]!, marks[mark + 1]!)
    for (let other = 0; other < mark; other += 3) {
      if (keyAt(bytes, marks[other]!, marks[other + 1]!) === key) return true
    }
  }
  return false
}

const keyAt = (bytes: Uint8Array, start: number, colon: number): number =>
  (bytes[start]! << 24) | (bytes[colon - 1]! << 16) | (bytes[(start + colon) >> 1]! << 8) | ((colon - start) & 255)

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
