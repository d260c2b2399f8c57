/**
 * Header escaping by STOMP version. 1.0 has none; 1.1 writes LF, colon and backslash as `\n`, `\c`, `\\`; 1.2 adds CR as
 * `\r`. CONNECT, STOMP and CONNECTED are escaped in no version: a 1.0 peer must be able to read them.
 */
import { DroverError } from '../contract/errors.ts'
import type { StompVersion } from '../stomp-versions.ts'

/** The frames whose headers stay as they are, in every version. */
export const isNeverEscaped = (command: string): boolean =>
  command === 'CONNECT' || command === 'STOMP' || command === 'CONNECTED'

/**
 * Writes a header name or value so that it can stand on a header line.
 * @param value any text without NUL
 * @param version of the connection that the header goes to
 * @throws {DroverError} `frame_invalid` for a character that the version cannot write: NUL in all, CR in 1.1 and 1.0, LF in 1.0
 * @see STOMP 1.2, 'Value Encoding'
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { escapeHeader } from 'drover/frames'
 * assert.equal(escapeHeader('a:b\n', '1.2'), 'a\\cb\\n')
 * ```
 */
export function escapeHeader(value: string, version: StompVersion): string {
  if (!/[\0\n\r:\\]/.test(value)) return value
  return value.replace(/[\0\n\r:\\]/g, char => {
    if (char === '\0') throw unwritable(value, 'NUL', version)
    if (version === '1.0') {
      if (char === '\n') throw unwritable(value, 'a line feed', version)
      if (char === '\r') throw unwritable(value, 'a carriage return', version)
      return char
    }
    if (char === '\n') return '\\n'
    if (char === ':') return '\\c'
    if (char === '\\') return '\\\\'
    if (version === '1.1') throw unwritable(value, 'a carriage return', version)
    return '\\r'
  })
}

/**
 * Undoes header escaping. Not for CONNECT, STOMP and CONNECTED.
 * @param value as received, untrimmed: spaces are part of it
 * @param version of the connection that it came from
 * @throws {DroverError} `frame_invalid` on an escape that the version does not define; fatal for the connection
 * @see STOMP 1.2, 'Value Encoding'
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { unescapeHeader } from 'drover/frames'
 * assert.equal(unescapeHeader('a\\cb', '1.2'), 'a:b')
 * assert.equal(unescapeHeader('a\\cb', '1.0'), 'a\\cb')
 * assert.throws(() => unescapeHeader('a\\r', '1.1'))
 * ```
 */
export function unescapeHeader(value: string, version: StompVersion): string {
  let at = version === '1.0' ? -1 : value.indexOf('\\')
  if (at < 0) return value
  // By hand: every id of some brokers has escapes, and a pattern with a function takes five times as long
  let plain = ''
  let from = 0
  for (; at >= 0; at = value.indexOf('\\', from)) {
    plain += value.slice(from, at) + meant(value, at, version)
    from = at + 2
  }
  return plain + value.slice(from)
}

/** The character that the escape at `at` stands for. */
function meant(value: string, at: number, version: StompVersion): string {
  const char = value.charAt(at + 1)
  if (char === 'c') return ':'
  if (char === 'n') return '\n'
  if (char === '\\') return '\\'
  if (char === 'r' && version === '1.2') return '\r'
  const known = version === '1.2' ? '\\r, \\n, \\c and \\\\' : '\\n, \\c and \\\\'
  throw new DroverError('frame_invalid', `The header text "${value}" has \\${char}; STOMP ${version} knows ${known}`)
}

const unwritable = (value: string, found: string, version: StompVersion): DroverError =>
  new DroverError(
    'frame_invalid',
    `The header text ${JSON.stringify(value)} has ${found}, which STOMP ${version} cannot write; leave it out`,
  )
