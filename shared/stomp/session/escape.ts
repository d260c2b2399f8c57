/** Header text of STOMP. stompjs leaves that of 1.1 as it is on the wire; that of 1.2 it writes itself, and reads wrong. */
import type { Headers } from '../stomp.ts'

const written: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', ':': '\\c' }
const meant: Readonly<Record<string, string>> = { '\\\\': '\\', '\\n': '\n', '\\c': ':', '\\r': '\r' }
/** In one pass: an escaped backslash before an n is no line break. */
const escapes = { '1.1': /\\[\\nc]/g, '1.2': /\\[\\nrc]/g }

/** @returns the headers with their values as STOMP 1.1 writes them */
export const escapeHeaders = (headers: Headers): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replace(/[\\\n:]/g, found => written[found]!)]),
  )

/** Unescapes headers that were read, where they stand: of most frames nothing is escaped. */
export function unescapeHeaders(headers: Record<string, string>, version: '1.1' | '1.2'): void {
  for (const [name, value] of Object.entries(headers))
    if (value.includes('\\')) headers[name] = value.replace(escapes[version], found => meant[found]!)
}
