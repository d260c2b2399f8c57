/** The characters that each version of STOMP can write in a header. */
import { DroverError } from '../../contract/errors.ts'
import type { Headers } from '../stomp.ts'

/** Characters that STOMP has no way to write in a header value, by version. */
const unwritable: Readonly<Record<string, RegExp>> = { '1.2': /\0/, '1.1': /[\r\0]/ }

/**
 * Headers that could not be told from more headers on the other side.
 * @throws {DroverError} `frame_invalid`
 */
export function checkHeaders(headers: Headers, version: string): void {
  for (const [name, value] of Object.entries(headers)) {
    if (/[\n\r\0:]/.test(name) || (unwritable[version] ?? /[\n\r\0]/).test(value)) {
      const message = `STOMP ${version} cannot write the line break or NUL in header ${JSON.stringify(name)}`
      throw new DroverError('frame_invalid', message)
    }
  }
}
