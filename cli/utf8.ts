/** Text from files and pipes. Another encoding is refused: read as UTF-8 it would become another text, without a word. */
import { buffer } from 'node:stream/consumers'
import { UsageError } from './exit.ts'

/**
 * Reads bytes as UTF-8; a byte order mark says nothing.
 * @param subject begins the sentence of the error, such as `The input`
 * @throws {UsageError} when they are not UTF-8
 */
export function utf8Text(bytes: Uint8Array, subject: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new UsageError(`${subject} is not in UTF-8; save it so, or pass it through iconv -f ENCODING -t UTF-8`, {
      cause,
    })
  }
}

/** Reads a stream to its end as UTF-8, as `utf8Text` does. */
export async function utf8Stream(stream: NodeJS.ReadableStream, what: string): Promise<string> {
  return utf8Text(await buffer(stream), what)
}
