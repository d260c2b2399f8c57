/**
 * A second parser of STOMP, which shares nothing with the first. It takes the whole of a byte sequence as text of one character
 * a byte, and goes by the grammar of each version with regular expressions. It judges; it is slow, and reads no streams.
 */
import type { StompVersion } from '../../shared/stomp-versions.ts'

/** A frame as its reader of that version understands it; text is Latin-1, one character a byte. */
export interface StrictFrame {
  readonly command: string
  /** Unescaped, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

export interface Strict {
  readonly frames: readonly StrictFrame[]
  /** How it ends: after a frame, within one, or at a byte that can be none of STOMP. */
  readonly end: 'complete' | 'incomplete' | 'invalid'
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const escapes: Readonly<Record<string, string>> = { '\\n': '\n', '\\c': ':', '\\\\': '\\', '\\r': '\r' }
const unescaped = new Set(['CONNECT', 'STOMP', 'CONNECTED'])

/** @param version of the sender; before one was agreed on, CR LF counts as LF as well */
export function parseStrictly(bytes: Uint8Array, version: StompVersion | undefined): Strict {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  const frames: StrictFrame[] = []
  const hasCr = version === undefined || version === '1.2'
  let rest = text
  for (;;) {
    rest = rest.replace(/^(?:\r?\n)+/, '')
    if (rest === '') return { frames, end: 'complete' }
    if (/^\r(?!$)/.test(rest)) return { frames, end: 'invalid' }
    const end = hasCr ? (/^[^\n]*\r\n/.test(rest) ? '\r\n' : '\n') : '\n'
    const headEnd = rest.indexOf(end + end)
    if (headEnd < 0) return { frames, end: 'incomplete' }
    const head = rest.slice(0, headEnd)
    const [command = '', ...lines] = head.split(end)
    if (!/^[A-Z]{1,16}$/.test(command) || /[\0\r]/.test(head.replaceAll(end, '')) || !isText(head))
      return { frames, end: 'invalid' }
    if (lines.some(line => !/^[^:\n]+:[^\n]*$/s.test(line))) return { frames, end: 'invalid' }
    const pairs = lines.map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)] as const)
    const bodyStart = headEnd + end.length * 2
    const said = pairs
      .filter(([name]) => (version === '1.0' ? trimUnicode(name) : name) === 'content-length')
      .map(([, value]) => trim(value))
    let bodyEnd: number
    if (said[0] === undefined) {
      bodyEnd = rest.indexOf('\0', bodyStart)
      if (bodyEnd < 0) return { frames, end: 'incomplete' }
    } else {
      if (said.some(value => value !== said[0]) || !/^\d{1,15}$/.test(said[0])) return { frames, end: 'invalid' }
      bodyEnd = bodyStart + Number(said[0])
      if (bodyEnd >= rest.length) return { frames, end: 'incomplete' }
      if (rest[bodyEnd] !== '\0') return { frames, end: 'invalid' }
    }
    const isPlain = version === '1.0' || unescaped.has(command)
    const headers = isPlain ? pairs : pairs.map(([name, value]) => [undo(name), undo(value)] as const)
    frames.push({ command, headers, body: rest.slice(bodyStart, bodyEnd) })
    rest = rest.slice(bodyEnd + 1)
  }
}

const undo = (text: string): string => text.replace(/\\[nc\\r]/g, found => escapes[found] ?? found)

/** Blanks of ASCII; all others are part of a value. */
const trim = (text: string): string => text.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '')

/** Of names of 1.0: the bridge writes them anew without those. */
const trimUnicode = (latin1: string): string => Buffer.from(latin1, 'latin1').toString().trim()

function isText(latin1: string): boolean {
  if (!/[\x80-\xff]/.test(latin1)) return true
  try {
    utf8.decode(Buffer.from(latin1, 'latin1'))
    return true
  } catch {
    return false
  }
}
