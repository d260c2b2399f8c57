/** A frame written anew where its head cannot be edited as bytes; the bytes behind the head stay as they came. */
import { joinBytes } from '../../../shared/bytes.ts'
import { escapeHeader, type ScannedFrame, type StompVersion } from '../../../shared/frames/mod.ts'
import { encodeUtf8, unpadded } from '../../../shared/frames/text.ts'
import { typedNames } from './typed-values.ts'

/**
 * @param frame whose command and body these are. A `content-length` is written where it came with one, and nowhere else:
 * brokers tell text from bytes by it
 * @param headers unescaped, each name once
 * @param version that they are written for
 */
export function rewriteFrame(
  frame: ScannedFrame,
  headers: Iterable<readonly [name: string, value: string]>,
  version: StompVersion,
): Uint8Array {
  let head = `${frame.command}\n`
  for (const [name, value] of headers) {
    const written = typedNames.has(name) ? unpadded(value) : value
    head += `${escapeHeader(name, version)}:${escapeHeader(written, version)}\n`
  }
  return joinBytes([encodeUtf8(`${head}\n`), frame.bytes.subarray(frame.bodyStart)])
}
