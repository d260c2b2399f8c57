/** The frames that pass as they are when they have only STOMP's own headers. */
import { DroverError } from '../../../shared/contract/errors.ts'
import { encodeFrame, type ScannedFrame, type StompVersion, unescapeHeader } from '../../../shared/frames/mod.ts'
import { textAt } from '../../../shared/frames/text.ts'
import { passedHeaders } from './allowed-headers.ts'
import { checkHeader } from './characters.ts'

export interface PlainFrame {
  /** Unescaped, the first of each name. */
  readonly headers: ReadonlyMap<string, string>
  /** For the broker: as it came, or written anew where something had to go. */
  readonly bytes: Uint8Array
}

/**
 * Reads a frame of `passedHeaders`.
 * @throws {DroverError} `frame_invalid` for a body, which none of them may have, an escape that the version does not have,
 * or text that not every version can carry
 */
export function readPlain(frame: ScannedFrame, version: StompVersion): PlainFrame {
  checkNoBody(frame)
  const passed = passedHeaders[frame.command]!
  const headers = new Map<string, string>()
  const { source, start, marks, command, length, bodyStart, hasBackslash } = frame
  let isAsItCame = source[start + command.length] === LF && length - bodyStart === 1
  for (let mark = 0; mark < marks.length; mark += 3) {
    const colon = start + marks[mark + 1]!
    const name = textAt(source, start + marks[mark]!, colon)
    const value = textAt(source, colon + 1, start + marks[mark + 2]!)
    const plain = hasBackslash ? unescapeHeader(value, version) : value
    // In a client's bytes nothing but an escape can be refused by it
    if (hasBackslash) checkHeader(command, name, plain, version)
    const isNew = passed.has(name) && !headers.has(name)
    // A bare colon is one that a broker may drop
    if (!isNew || value.includes(':')) isAsItCame = false
    if (isNew) headers.set(name, plain)
  }
  return { headers, bytes: isAsItCame ? frame.bytes : encodeFrame(command, headers, undefined, version) }
}

const LF = 10

/**
 * Frames other than SEND have no body; a broker might read one as something else.
 * @throws {DroverError} `frame_invalid`
 */
export function checkNoBody(frame: ScannedFrame): void {
  if (frame.hasBody)
    throw new DroverError('frame_invalid', `A ${frame.command} frame has a body; only SEND may have one`)
}
