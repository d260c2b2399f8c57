/** What the bridge itself says of a SEND: headers in front of the sender's own, of which the first counts. */
import { escapeHeader, type StompVersion } from '../../../shared/frames/mod.ts'
import { allocate } from './allocate.ts'

/** Headers that the bridge puts in front, made once where they stay the same for a session. */
export interface Stamp {
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly lines: Uint8Array
}

/**
 * @param headers unescaped
 * @param version of the session that they are written for
 */
export function createStamp(
  headers: readonly (readonly [name: string, value: string])[],
  version: StompVersion,
): Stamp {
  const lines = headers.map(([name, value]) => `${name}:${escapeHeader(value, version)}\n`).join('')
  return { headers, lines: encoder.encode(lines) }
}

/**
 * A stamp with one header more.
 * @param value of ASCII that no version escapes: to write that as bytes costs a third of encoding it
 */
export function stampWith({ headers, lines }: Stamp, name: string, value: string): Stamp {
  const line = `${name}:${value}\n`
  const all = allocate(lines.length + line.length)
  all.set(lines)
  for (let at = 0; at < line.length; at++) all[lines.length + at] = line.charCodeAt(at)
  return { headers: [...headers, [name, value]], lines: all }
}

const encoder = new TextEncoder()
