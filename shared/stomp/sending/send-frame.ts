/** The text of a SEND, as stompjs writes it, in fewer steps. Most frames of a worker and a master are SENDs. */
import type { Headers } from '../stomp.ts'

const encoder = new TextEncoder()
const special = /[\\\r\n:]/
const specials = /[\\\r\n:]/g
const isAscii = /^[\0-\x7f]*$/
const written: Readonly<Record<string, string>> = { '\\': '\\\\', '\r': '\\r', '\n': '\\n', ':': '\\c' }

/**
 * Writes a SEND.
 * @param headers the destination first; outside STOMP 1.2 as that version has them on the wire
 * @param escapes whether it is STOMP 1.2, whose values are escaped here
 */
export function sendFrame(headers: Headers, body: string, escapes: boolean): string {
  let head = 'SEND\n'
  for (const [name, value] of Object.entries(headers)) {
    const isPlain = !escapes || !special.test(value)
    head += `${name}:${isPlain ? value : value.replace(specials, found => written[found]!)}\n`
  }
  if (body === '') return `${head}\n\0`
  return `${head}content-length:${isAscii.test(body) ? body.length : encoder.encode(body).length}\n\n${body}\0`
}
