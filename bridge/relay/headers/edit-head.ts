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
 * @param line one more behind those, of ASCII that no version escapes, without its LF
 */
export function editHead(frame: ScannedFrame, inserted: Uint8Array, dropped: readonly number[], line = ''): Uint8Array {
  const { source, start, marks, command } = frame
  let from = start + command.length + 1
  let length = frame.length + inserted.length + (line === '' ? 0 : line.length + 1)
  for (const mark of dropped) length -= marks[mark + 2]! + 1 - marks[mark]!
  const edited = allocate(length)
  let to = copy(source, start, from, edited, 0)
  to = copy(inserted, 0, inserted.length, edited, to)
  // To write text as bytes costs a third of encoding it
  for (let at = 0; at < line.length; at++) edited[to++] = line.charCodeAt(at)
  if (line !== '') edited[to++] = LF
  for (const mark of dropped) {
    to = copy(source, from, start + marks[mark]!, edited, to)
    from = start + marks[mark + 2]! + 1
  }
  to = copy(source, from, Math.min(start + frame.length, source.length), edited, to)
  for (const part of frame.rest) to = copy(part, 0, part.length, edited, to)
  return edited
}

const LF = 10
/** Up to so many bytes a loop beats `set`, which needs a view of them. */
const fewBytes = 64

/** @returns where the copy of `source[from, end)` ends in `target` */
function copy(source: Uint8Array, from: number, end: number, target: Uint8Array, to: number): number {
  if (end - from > fewBytes) target.set(source.subarray(from, end), to)
  else for (let at = from; at < end; at++) target[to + at - from] = source[at]!
  return to + end - from
}
