/**
 * STOMP 1.0 for a browser that knows nothing newer, whose broker is spoken to in 1.1. A broker that speaks 1.0 writes line
 * breaks in header values as they are: the end of a header is then wherever somebody wrote one. In 1.1 it is certain.
 */
import { joinBytes } from '../../shared/bytes.ts'
import { DroverError } from '../../shared/contract/errors.ts'
import {
  type FrameLimits,
  FrameScanner,
  type ScannedFrame,
  type StompVersion,
  unescapeHeader,
} from '../../shared/frames/mod.ts'
import { encodeUtf8 } from '../../shared/frames/text.ts'
import { checkHeader, isCarried } from './headers/characters.ts'
import { rewriteFrame } from './headers/rewrite.ts'

/** Spoken to the broker in place of 1.0. */
export const brokerVersion: StompVersion = '1.1'

// 1.0 names a subscription by its destination where it has no id
const byDestination = 'destination:'
// A frame within the limits before may be a little larger now
const anySize: FrameLimits = { maxHeaders: 10_000, maxHeaderBytes: 10_000_000, maxBodyBytes: Number.MAX_SAFE_INTEGER }

export class Stomp10 {
  readonly #onLeftOut: (names: readonly string[]) => void

  /** @param onLeftOut told of headers that 1.0 cannot say */
  constructor(onLeftOut: (names: readonly string[]) => void) {
    this.#onLeftOut = onLeftOut
  }

  /**
   * A frame of the browser's, in 1.1: names and values without the spaces around them, which 1.0 does not mind.
   * @throws {DroverError} `frame_invalid` for text that a reader of another version would take for an escape
   */
  toBroker(frame: ScannedFrame): ScannedFrame {
    const headers = new Map<string, string>()
    for (const [given, value] of frame.headers()) {
      const name = given.trim()
      if (name === '') throw new DroverError('frame_invalid', 'A header line has no name before its colon')
      const plain = value.trim()
      checkHeader(frame.command, name, plain, '1.0')
      if (!headers.has(name)) headers.set(name, plain)
    }
    const { command } = frame
    const destination = headers.get('destination')
    if (command.endsWith('SUBSCRIBE') && !headers.has('id') && destination !== undefined) {
      headers.set('id', `${byDestination}${destination}`)
    }
    if (command.endsWith('ACK')) nameBySubscription(command, headers)
    return scan(rewriteFrame(frame, headers, brokerVersion))
  }

  /** A frame of the broker's, in 1.0. */
  toBrowser(frame: ScannedFrame): Uint8Array {
    const lines: string[] = []
    const leftOut: string[] = []
    const subscription = unescapeHeader(frame.header('subscription') ?? '', brokerVersion)
    for (const [escapedName, escapedValue] of frame.headers()) {
      const name = unescapeHeader(escapedName, brokerVersion)
      const value = unescapeHeader(escapedValue, brokerVersion)
      if (!isName(name) || !isCarried(name, '1.0') || !isCarried(value, '1.0')) leftOut.push(name)
      // ACK names a message by this alone in 1.0, and by its subscription too in 1.1
      else if (name === 'message-id')
        lines.push(`message-id:${subscription.replace(/[%,]/g, encodeURIComponent)},${value}\n`)
      else if (name !== 'subscription' || !value.startsWith(byDestination)) lines.push(`${name}:${value}\n`)
    }
    if (leftOut.length > 0) this.#onLeftOut(leftOut)
    const head = encodeUtf8(`${frame.command}\n${lines.join('')}\n`)
    return joinBytes([head, frame.bytes.subarray(frame.bodyStart)])
  }
}

/** Whether a reader of 1.0, who minds no blanks around it, takes it for this name. */
const isName = (name: string): boolean => !/[\\:]/.test(name) && name.trim() === name

/**
 * In 1.1 an ACK names the subscription apart, which `message-id` begins with as `toBrowser` writes it.
 * @throws {DroverError} `frame_invalid` where it does not
 */
function nameBySubscription(command: string, headers: Map<string, string>): void {
  const messageId = headers.get('message-id')
  if (!messageId) {
    throw new DroverError(
      'frame_invalid',
      `A frame ${command} has no message-id, which STOMP 1.0 needs; give it the MESSAGE's message-id`,
    )
  }
  const comma = messageId.indexOf(',')
  if (comma <= 0 || comma === messageId.length - 1) {
    throw new DroverError(
      'frame_invalid',
      `A frame ${command} names message ${JSON.stringify(messageId.slice(0, 200))}, which does not wait for one; give it the MESSAGE's message-id as it came`,
    )
  }
  headers.set('subscription', decodeURIComponent(messageId.slice(0, comma).replace(/%(?!2C|25)/g, '%25')))
  headers.set('message-id', messageId.slice(comma + 1))
}

/** One whole frame, read again. */
export function scan(bytes: Uint8Array): ScannedFrame {
  return new FrameScanner(anySize).push(bytes)[0]!
}
