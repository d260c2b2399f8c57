/** The frames that pass as they are when they have only STOMP's own headers. */
import { DroverError } from '../../../shared/contract/errors.ts'
import { encodeFrame, type ScannedFrame, type StompVersion, unescapeHeader } from '../../../shared/frames/mod.ts'
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
  let isAsItCame = frame.bytes[frame.command.length] === LF && frame.bytes.length - frame.bodyStart === 1
  for (const [name, value] of frame.headers()) {
    const plain = unescapeHeader(value, version)
    checkHeader(frame.command, name, plain, version)
    // A bare colon is one that a broker may drop
    if (!passed.has(name) || headers.has(name) || value.includes(':')) isAsItCame = false
    if (passed.has(name) && !headers.has(name)) headers.set(name, plain)
  }
  return { headers, bytes: isAsItCame ? frame.bytes : encodeFrame(frame.command, headers, undefined, version) }
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
