/**
 * Header lines of the broker's frames that are not passed on, because the reader's version cannot say them, or because
 * the reader could not send them back: a line break, NUL, a wrong escape, bytes that are no text. A plain program with the
 * broker's own login can write any of them, and a worker that copies one into its answer would be refused again and again.
 */
import type { ScannedFrame, StompVersion } from '../../shared/frames/mod.ts'
import { isUtf8, textAt } from '../../shared/frames/text.ts'

const BACKSLASH = 92
const LETTER_C = 99

/**
 * Which lines stay behind.
 * @param isOdd whether the scanner saw a character in the head that STOMP has not
 * @returns indexes into the frame's marks; `undefined` in the usual case
 */
export function unencodableLines(frame: ScannedFrame, isOdd: boolean): number[] | undefined {
  if (!isOdd && (!frame.hasBackslash || !hasOddEscape(frame.source, frame.start, frame.start + frame.bodyStart))) {
    return undefined
  }
  const { bytes, marks } = frame
  const lines: number[] = []
  for (let mark = 0; mark < marks.length; mark += 3) {
    const start = marks[mark]!
    const end = marks[mark + 2]!
    const line = bytes.subarray(start, end)
    if (line.includes(13) || line.includes(0) || hasOddEscape(bytes, start, end) || (isOdd && !isUtf8(line)))
      lines.push(mark)
  }
  return lines
}

/** Whether there is an escape other than `\c` and `\\`. */
function hasOddEscape(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    if (bytes[at] !== BACKSLASH) continue
    const next = ++at < to ? bytes[at] : undefined
    if (next !== LETTER_C && next !== BACKSLASH) return true
  }
  return false
}

/** Headers without which a frame of the broker's says nothing that its reader can use. */
const needed: Readonly<Record<string, readonly string[]>> = {
  MESSAGE: ['destination', 'message-id', 'subscription'],
  RECEIPT: ['receipt-id'],
}

/**
 * Whether the frame says something without those lines. One that does not is not passed on, and stays with the broker, since
 * nobody acknowledges it.
 */
export function isWholeWithout(frame: ScannedFrame, lines: readonly number[], version: StompVersion): boolean {
  const left = new Set<string>()
  for (let mark = 0; mark < frame.marks.length; mark += 3) if (!lines.includes(mark)) left.add(nameAt(frame, mark))
  const isAckGone = version === '1.2' && !left.has('ack') && lines.some(mark => nameAt(frame, mark) === 'ack')
  return !isAckGone && (needed[frame.command] ?? []).every(name => left.has(name))
}

/** A header's name as it stands there, for people and for looking it up. */
export function nameAt({ bytes, marks }: ScannedFrame, mark: number): string {
  return new TextDecoder().decode(bytes.subarray(marks[mark]!, marks[mark + 1]!))
}

/** Name and value of the lines that go on, as they stand there: those that do not may be no text. */
export function headersWithout(
  { bytes, marks }: ScannedFrame,
  lines: readonly number[],
): [name: string, value: string][] {
  const headers: [string, string][] = []
  for (let mark = 0; mark < marks.length; mark += 3) {
    if (lines.includes(mark)) continue
    const colon = marks[mark + 1]!
    headers.push([textAt(bytes, marks[mark]!, colon), textAt(bytes, colon + 1, marks[mark + 2]!)])
  }
  return headers
}
