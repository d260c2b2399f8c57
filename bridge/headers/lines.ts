/**
 * The header lines of a frame as places in its bytes. SENDs and MESSAGEs are edited as bytes, because turning every
 * header into text and back would cost more than all the checks together.
 */
import type { ScannedFrame } from '../frames/mod.ts'

const LF = 10
const CR = 13
const COLON = 58
const BACKSLASH = 92

export interface HeadLines {
  /** Start, colon and end (the LF) of each line: three numbers a header, offsets into the frame's bytes. */
  readonly marks: readonly number[]
  /** Where the first header line starts. */
  readonly start: number
  /** Whether some byte may need care: CR at a line's end, or an escape. */
  readonly hasCr: boolean
  readonly hasEscape: boolean
}

/** Finds the lines of a head that the scanner has found to be well-formed. */
export function readLines(frame: ScannedFrame): HeadLines {
  const { bytes, bodyStart, command } = frame
  const marks: number[] = []
  let hasCr = bytes[command.length] === CR
  let hasEscape = false
  const start = command.length + (hasCr ? 2 : 1)
  let lineStart = start
  let colon = -1
  for (let at = start; at < bodyStart; at++) {
    const byte = bytes[at]!
    if (byte === LF) {
      if (colon >= 0) marks.push(lineStart, colon, at)
      lineStart = at + 1
      colon = -1
    } else if (byte === COLON) {
      if (colon < 0) colon = at
    } else if (byte === BACKSLASH) hasEscape = true
    else if (byte === CR) hasCr = true
  }
  return { marks, start, hasCr, hasEscape }
}

/**
 * The frame's bytes without some lines, and with others in front: of repeated headers the first counts.
 * @param inserted whole lines, LF included
 * @param dropped indexes into `marks`, ascending, each the start of a line
 */
export function editHead(
  frame: ScannedFrame,
  lines: HeadLines,
  inserted: Uint8Array,
  dropped: readonly number[],
): Uint8Array {
  const { bytes } = frame
  const { marks, start } = lines
  let length = bytes.length + inserted.length
  for (const mark of dropped) length -= marks[mark + 2]! + 1 - marks[mark]!
  const edited = new Uint8Array(length)
  edited.set(bytes.subarray(0, start))
  edited.set(inserted, start)
  let to = start + inserted.length
  let from = start
  for (const mark of dropped) {
    const piece = bytes.subarray(from, marks[mark]!)
    edited.set(piece, to)
    to += piece.length
    from = marks[mark + 2]! + 1
  }
  edited.set(bytes.subarray(from), to)
  return edited
}
