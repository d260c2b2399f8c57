/**
 * A SEND as the broker gets it. The bridge's stamp stands in front, since the first of equal headers counts. Headers that only
 * the bridge may write are gone, and no header stands twice.
 */
import { escapeHeader, type ScannedFrame, type StompVersion, unescapeHeader } from '../../../shared/frames/mod.ts'
import { isReservedHeader } from './allowed-headers.ts'
import { known } from './common-names.ts'
import { editHead, endsWithCr } from './edit-head.ts'
import { rewriteFrame } from './rewrite.ts'
import type { SendHead } from './send-head.ts'

/** Headers that the bridge puts in front. Those that stay the same for a session are made once. */
export interface Stamp {
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly lines: Uint8Array
  /** One more, for this message. */
  readonly added?: readonly [name: string, value: string]
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

/** All headers of a stamp. */
export const headersOf = ({ headers, added }: Stamp): Stamp['headers'] => (added ? [...headers, added] : headers)

/**
 * A stamp with one header more.
 * @param value of ASCII that no version escapes
 */
export function stampWith({ headers, lines }: Stamp, name: string, value: string): Stamp {
  return { headers, lines, added: [name, value] }
}

/** A frame, in parts where it is large. */
export type Written = Uint8Array | Uint8Array[]

/** From here on a body is not copied behind its head. */
const largeBytes = 16_384

/**
 * Writes a SEND that was read, once.
 * @param stamp headers of the bridge, in front
 * @param keepsReplyTo whether that goes on as it came
 * @param keepsDelay whether that goes on as it came
 */
export function writeSend(head: SendHead, stamp: Stamp, keepsReplyTo: boolean, keepsDelay: boolean): Written {
  const { frame, reader } = head
  if (frame.length < largeBytes || reader.oneFrameASend) return edit(head, frame, stamp, keepsReplyTo, keepsDelay)
  return [edit(head, frame.head, stamp, keepsReplyTo, keepsDelay), ...frame.bodyParts]
}

/** @param frame all of the SEND, or its head alone */
function edit(
  head: SendHead,
  frame: ScannedFrame,
  stamp: Stamp,
  keepsReplyTo: boolean,
  keepsDelay: boolean,
): Uint8Array {
  const { dropped, first, isTransientLeftOut } = head
  const { version, dialect } = head.reader
  if (head.isLoose || endsWithCr(frame) || hasRepeats(frame)) {
    return rewrite(frame, version, stamp, name =>
      name === 'reply-to'
        ? !keepsReplyTo
        : name === dialect.delayHeader
          ? !keepsDelay
          : isReservedHeader(name, dialect.name) || (name === 'persistent' && isTransientLeftOut),
    )
  }
  if (!keepsReplyTo && first[known.replyTo]! >= 0) dropped.push(first[known.replyTo]!)
  if (!keepsDelay && first[known.delay]! >= 0) dropped.push(first[known.delay]!)
  if (isTransientLeftOut) dropped.push(head.persistentMark)
  if (dropped.length > 1) dropped.sort((a, b) => a - b)
  const { added } = stamp
  return editHead(frame, stamp.lines, dropped, added && `${added[0]}:${added[1]}`)
}

const encoder = new TextEncoder()
const keys = new Int32Array(512)

/** Whether a name may stand twice: first, last and middle letter and length agree. Wrong only towards yes. */
function hasRepeats({ source, start: origin, marks }: ScannedFrame): boolean {
  const count = marks.length / 3
  if (count > keys.length) return true
  for (let header = 0; header < count; header++) {
    const start = origin + marks[header * 3]!
    const colon = origin + marks[header * 3 + 1]!
    const middle = source[(start + colon) >> 1]!
    const key = (source[start]! << 24) | (source[colon - 1]! << 16) | (middle << 8) | ((colon - start) & 255)
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
  const headers = new Map<string, string>(headersOf(stamp))
  for (const [name, value] of frame.headers()) {
    if (!isGone(name) && !headers.has(name)) headers.set(name, unescapeHeader(value, version))
  }
  return rewriteFrame(frame, headers, version)
}
