/** Header text of STOMP. stompjs leaves that of 1.1 as it is on the wire; that of 1.2 it writes itself, and reads wrong. */
import type { Headers } from './stomp.ts'

const written: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', ':': '\\c' }
const meant: Readonly<Record<string, string>> = { '\\\\': '\\', '\\n': '\n', '\\c': ':', '\\r': '\r' }
/** In one pass: an escaped backslash before an n is no line break. */
const escapes = { '1.1': /\\[\\nc]/g, '1.2': /\\[\\nrc]/g }

/** @returns the headers with their values as STOMP 1.1 writes them */
export const escapeHeaders = (headers: Headers): Record<string, string> =>
  mapValues(headers, value => value.replace(/[\\\n:]/g, found => written[found]!))

/** @returns the headers with their values as their sender meant them */
export const unescapeHeaders = (headers: Headers, version: '1.1' | '1.2' = '1.1'): Record<string, string> =>
  mapValues(headers, value => value.replace(escapes[version], found => meant[found]!))

const mapValues = (headers: Headers, map: (value: string) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, map(value)]))
