/**
 * The characters that may stand in a header, on its way to the broker and back. Versions of STOMP write some characters differently,
 * or not at all, and brokers pass a message from a writer of one to a reader of another. A value that holds a line break for one
 * is two headers for the next, so such text goes neither way. docs/protocol.md, 'Through a bridge'.
 */
import { DroverError } from '../../../shared/contract/errors.ts'
import type { StompVersion } from '../../../shared/frames/mod.ts'

/**
 * Whether a header value means the same to readers of every version.
 * @param value unescaped
 * @param version of who wrote it, or is to read it: 1.0 has no escapes, and others would read one into it
 */
export const isCarried = (value: string, version: StompVersion): boolean =>
  !lineBreak.test(value) && !(version === '1.0' && looksEscaped.test(value))

/**
 * Checks the text of a header that somebody behind the bridge wrote.
 * @param command of its frame
 * @param name unescaped
 * @param value unescaped
 * @throws {DroverError} `frame_invalid` for CR, LF and NUL; in 1.0 for text that another version reads as an escape
 */
export function checkHeader(command: string, name: string, value: string, version: StompVersion): void {
  const where = `A ${command} has the header ${JSON.stringify(name.slice(0, 100))} with`
  for (const text of [name, value]) {
    if (isCarried(text, version)) continue
    const found = looksEscaped.exec(text)?.[0]
    throw new DroverError(
      'frame_invalid',
      lineBreak.test(text)
        ? `${where} a line break or NUL in it, which not every version of STOMP can carry; leave it out`
        : `${where} ${found} in it; STOMP 1.0 has no escapes, and readers of 1.1 and 1.2 would see one: leave it out`,
    )
  }
}

/**
 * Checks the name of a header that a SEND brings of its own.
 * @param name still escaped
 * @throws {DroverError} `frame_invalid` for an escape, a control character, or a space at either end
 */
export function checkName(name: string): void {
  // A space at either end is trimmed by some brokers, and an escape undone by some: one header would become another
  if (!name.includes('\\') && !controlCharacter.test(name) && name.trim() === name && name !== '') return
  throw new DroverError(
    'frame_invalid',
    `The header name ${JSON.stringify(name.slice(0, 100))} is not passed on: use no backslash, no control character and no space at either end`,
  )
}

const lineBreak = /[\0\r\n]/
const looksEscaped = /\\[nrc\\]/
const controlCharacter = /\p{Cc}/u
