/**
 * Judges a frame that a bridge passed to its broker, as each kind of reader may understand it. Brokers differ. One trims names, one
 * minds no case, one undoes escapes that another leaves, one takes the last of equal headers. By no reading may it name a
 * destination that the session has no right to.
 */
import type { DialectName } from '../../shared/stomp/dialects/mod.ts'
import type { StompVersion } from '../../shared/stomp-versions.ts'
import { parseStrictly, type StrictFrame } from './strict-parser.ts'

const task = String.raw`[a-z0-9_-]+(?:\.[a-z0-9_-]+)*`
const own = String.raw`(?:/queue/|/amq/queue/)myapp\.reply\.ada\.[A-Za-z0-9_-]+`

const queue = String.raw`/queue/myapp\.(?:tasks|named)\.old\.${task}`

/** The rights of `fuzzGrants`, read anew: nothing here is the bridge's. */
const mayName: Readonly<Record<string, RegExp>> = {
  SEND: new RegExp(
    String.raw`^(?:/queue/myapp\.(?:tasks|named)\.old\.${task}|/topic/myapp\.(?:control|workers|events)\.old\.${task}|${own})$`,
  ),
  SUBSCRIBE: new RegExp(
    String.raw`^(?:${queue}(?:,${queue})*|/topic/myapp\.(?:tasks|control)\.old\.${task}|/topic/myapp\.workers\.old\.(?:${task}|\*|#|>)|${own})$`,
  ),
}

/** Of a session of the owner `ada`. */
export const fuzzGrants = { dispatch: ['old.*'], work: ['old.*'] }

const others = new Set(['UNSUBSCRIBE', 'ACK', 'NACK', 'BEGIN', 'COMMIT', 'ABORT', 'DISCONNECT'])
/** The headers that a broker goes by, in the spellings that it may know. */
const addressing: Readonly<Record<DialectName, readonly string[]>> = {
  classic: ['destination'],
  artemis: ['destination'],
  rabbitmq: ['destination', 'bcc', 'cc', 'x-queue-name'],
  embedded: ['destination'],
}
const answering: Readonly<Record<DialectName, readonly string[]>> = {
  classic: ['reply-to', 'jmsreplyto'],
  artemis: ['reply-to', 'jmsreplyto'],
  rabbitmq: ['reply-to'],
  embedded: ['reply-to'],
}
const once = new Set([
  ...['destination', 'reply-to'],
  ...['content-length', 'receipt', 'transaction', 'id', 'drover-sender', 'drover-pass', 'correlation-id', 'expires'],
])

/** @param bytes of one `send` to the broker. @returns the fault, if there is one */
export function smuggled(bytes: Uint8Array, version: StompVersion, dialect: DialectName): string | undefined {
  const { frames, end } = parseStrictly(bytes, version)
  const [frame] = frames
  if (frame === undefined || frames.length > 1 || end !== 'complete') return `It is ${frames.length} frames, and ${end}`
  return smuggledFrame(frame, dialect)
}

/** @returns the fault, if there is one */
export function smuggledFrame({ command, headers, body }: StrictFrame, dialect: DialectName): string | undefined {
  const named = mayName[command]
  if (named === undefined && !others.has(command)) return `The command ${command} is not one for a session`
  if (command !== 'SEND' && /[^\r\n]/.test(body)) return `${command} has a body`
  const seen = new Set<string>()
  for (const [name, value] of headers) {
    const plain = loose(name)
    // A SEND has no id
    if (once.has(plain) && !(plain === 'id' && command === 'SEND')) {
      if (seen.has(plain)) return `The header ${plain} stands twice`
      seen.add(plain)
      if (plain !== name) return `A reader may take ${JSON.stringify(name)} for ${plain}`
    }
    if (/[\0\r\n]/.test(value)) return `${name} holds a line break or NUL`
    const readings = [value, ...readingsOf(value)]
    if (addressing[dialect].includes(plain) && !readings.every(reading => named?.test(reading)))
      return `${plain} is ${JSON.stringify(value)}`
    if (answering[dialect].includes(plain) && !readings.every(reading => new RegExp(`^${own}$`).test(reading)))
      return `${plain} is ${JSON.stringify(value)}`
    if (plain === 'drover-sender' && value !== 'ada') return `drover-sender is ${JSON.stringify(value)}`
    if (plain === 'content-length' && !(/^\d+$/.test(value) && Number(value) === body.length))
      return `content-length is ${JSON.stringify(value)} of ${body.length} bytes`
  }
  if (named !== undefined && !seen.has('destination')) return `${command} has no destination`
  return undefined
}

/** A header's name to readers that mind neither case nor blanks around it, nor escapes. */
const loose = (name: string): string => undo(utf8Of(name)).trim().toUpperCase().toLowerCase()

const utf8Of = (latin1: string): string => Buffer.from(latin1, 'latin1').toString()

/** The same value to readers of each version, trimmed or not. */
const readingsOf = (value: string): string[] => {
  const text = utf8Of(value)
  return [text.trim(), undo(text), undo(text).trim()]
}

const undo = (text: string): string =>
  text.replace(/\\([nrc\\])/g, (_, char: string) => ({ n: '\n', r: '\r', c: ':' })[char] ?? '\\')
