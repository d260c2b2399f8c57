/** Header text of STOMP 1.1, which stompjs leaves as it is on the wire; of 1.2 it does this itself. */
import type { Headers } from './stomp.ts'

const written: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', ':': '\\c' }
const meant: Readonly<Record<string, string>> = { '\\\\': '\\', '\\n': '\n', '\\c': ':' }

/** @returns the headers with their values as STOMP 1.1 writes them */
export const escapeHeaders = (headers: Headers): Record<string, string> =>
  mapValues(headers, value => value.replace(/[\\\n:]/g, found => written[found]!))

/** @returns the headers with their values as their sender meant them */
export const unescapeHeaders = (headers: Headers): Record<string, string> =>
  mapValues(headers, value => value.replace(/\\[\\nc]/g, found => meant[found]!))

const mapValues = (headers: Headers, map: (value: string) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, map(value)]))

/** Headers without those that are not there. */
export function defined(headers: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
