/**
 * A frame's head edited as bytes, because turning every header into text and back would cost more than all the checks
 * together. Only for heads whose lines end with LF; others are written anew.
 */
import type { ScannedFrame } from '../../../shared/frames/mod.ts'
import { allocate } from './allocate.ts'

const CR = 13

/** Whether the lines end with CR LF: the scanner has seen to it that all of them end alike. */
export const endsWithCr = (frame: ScannedFrame): boolean => frame.source[frame.start + frame.command.length] === CR

/**
 * The frame's bytes without some lines, and with others in front: of repeated headers the first counts.
 * @param inserted whole lines, LF included
 * @param dropped indexes into the frame's `marks`, ascending, each the start of a line
 */
export function editHead(frame: ScannedFrame, inserted: Uint8Array, dropped: readonly number[]): Uint8Array {
  const { bytes, marks, command } = frame
  const start = command.length + 1
  let length = bytes.length + inserted.length
  for (const mark of dropped) length -= marks[mark + 2]! + 1 - marks[mark]!
  const edited = allocate(length)
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
