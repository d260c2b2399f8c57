/** STOMP 1.0 minds no blanks around a header's name and value; to the versions behind it they are part of both. */

import { DroverError } from '../contract/errors.ts'
import { ScannedFrame } from './frame.ts'
import { encodeUtf8 } from './text.ts'

/**
 * A frame of 1.0 as it is meant.
 * @returns the frame itself where nothing is around its names and values, which costs a look at four bytes a header
 * @throws {DroverError} `frame_invalid` for a name that is blanks alone
 */
export function trimFrame(frame: ScannedFrame): ScannedFrame {
  if (!hasBlanks(frame)) return frame
  const { command, bytes, bodyStart } = frame
  const lines = frame.headers().map(([name, value]) => [encodeUtf8(name.trim()), encodeUtf8(value.trim())] as const)
  const headLength = lines.reduce(
    (length, [name, value]) => length + name.length + value.length + 2,
    command.length + 2,
  )
  const trimmed = new Uint8Array(headLength + bytes.length - bodyStart)
  trimmed.set(encodeUtf8(`${command}\n`))
  const marks: number[] = []
  let at = command.length + 1
  for (const [name, value] of lines) {
    if (name.length === 0) throw new DroverError('frame_invalid', 'A header line has no name before its colon')
    const colon = at + name.length
    trimmed.set(name, at)
    trimmed[colon] = COLON
    trimmed.set(value, colon + 1)
    const end = colon + 1 + value.length
    trimmed[end] = LF
    marks.push(at, colon, end)
    at = end + 1
  }
  trimmed[at] = LF
  trimmed.set(bytes.subarray(bodyStart), headLength)
  return new ScannedFrame({
    command,
    source: trimmed,
    start: 0,
    length: trimmed.length,
    rest: [],
    bodyStart: headLength,
    marks,
    hasBackslash: frame.hasBackslash,
  })
}

const LF = 10
const COLON = 58

function hasBlanks({ bytes, marks }: ScannedFrame): boolean {
  for (let mark = 0; mark < marks.length; mark += 3) {
    const colon = marks[mark + 1]!
    const end = marks[mark + 2]!
    if (mayTrim(bytes[marks[mark]!]!) || mayTrim(bytes[colon - 1]!)) return true
    if (end > colon + 1 && (mayTrim(bytes[colon + 1]!) || mayTrim(bytes[end - 1]!))) return true
  }
  return false
}

/** Blanks beyond ASCII are made of bytes above it. */
const mayTrim = (byte: number): boolean => byte <= 32 || byte > 127
