/**
 * How large a frame the other side takes: as a bridge says, or as it turned out. A WebSocket endpoint that is sent a larger one
 * ends the session with 1009 and does not say its limit. The largest message of that session was too large then: a message of
 * that size is refused from then on before it is sent.
 */
import { DroverError } from '../../contract/errors.ts'
import type { Headers, KnownFrameLimit, Outgoing } from '../stomp.ts'

/** The close code of a WebSocket for a message that is too large. */
export const tooLargeCode = 1009
/** Shorter bodies, in characters, are not measured: no endpoint was seen that takes as little. */
const leastMeasuredCharacters = 10_000

/** Bytes of a message as a frame, with room for headers that are added on the way; somewhat more than they are. */
function bytesOf({ destination, headers, body }: Outgoing): number {
  const head = JSON.stringify([destination, headers]) // each header's quotes and comma stand for its colon and line end
  return new TextEncoder().encode(head + body).length + 200 // receipt, transaction, content-length
}

/** The largest message that one session was sent. */
export class Largest {
  bytes = 0
  destination = ''

  add(message: Outgoing): void {
    const { body, destination } = message
    if (body.length < leastMeasuredCharacters || body.length * 3 + 20_000 < this.bytes) return
    const bytes = bytesOf(message)
    if (bytes > this.bytes) Object.assign(this, { bytes, destination })
  }
}

/** How a session ended over a message, and why such a one is not sent again. */
export function tooLarge(
  { bytes, destination }: Largest,
  address: string,
  setting: string | undefined,
): { readonly error: DroverError; readonly why: string } {
  const why = `${address} closes the connection (${tooLargeCode}) over one that is so large${adviceOn(setting)}`
  const message = `A message of ${bytes} bytes to ${destination} is too large: ${why}`
  return { error: new DroverError('frame_too_large', message), why }
}

const adviceOn = (setting: string | undefined): string =>
  setting === undefined ? '' : `; the broker's operator can raise ${setting}`

/** The words for a message that ended each connection without a reason, as some endpoints do that are busy. */
export function mayBeTooLarge(found: string, setting: string | undefined): string {
  return `${found}; it may be too large${adviceOn(setting)}`
}

/** The largest frame that a bridge's broker takes, by an ERROR of the bridge. The bridge itself may take less, and says nothing. */
export function tookOf({ code }: DroverError, headers: Headers): number | undefined {
  const took = Number(headers['drover-max-frame-bytes'])
  return code === 'frame_too_large' && took > 0 ? took : undefined
}

/** Of one connection, through all its sessions. */
export class FrameLimit implements KnownFrameLimit {
  #told = Number.POSITIVE_INFINITY
  #learned = Number.POSITIVE_INFINITY
  #why = ''

  get maxFrameBytes(): number | undefined {
    const least = Math.min(this.#told, this.#learned)
    return least === Number.POSITIVE_INFINITY ? undefined : least
  }

  get why(): string {
    return this.#learned < this.#told ? this.#why : ''
  }

  /** A session has opened. */
  told(maxFrameBytes: number = Number.POSITIVE_INFINITY): void {
    this.#told = maxFrameBytes
  }

  /** A session has ended over something that was this large. */
  learn(bytes: number, why: string): void {
    this.#learned = Math.max(1, Math.min(this.#learned, bytes - 1))
    this.#why = why
  }

  outgrownBy(messages: readonly Outgoing[], why: string): void {
    const largest = new Largest()
    for (const message of messages) largest.add(message)
    if (largest.bytes > 0) this.learn(largest.bytes, why)
  }

  /** The other side was away: it may come back with another configuration. */
  forget(): void {
    this.#learned = Number.POSITIVE_INFINITY
  }

  /** @throws {DroverError} `frame_too_large`, before the other side would end the session over it */
  check(message: Outgoing): void {
    const { maxFrameBytes } = this
    if (maxFrameBytes === undefined || isSurelyWithin(message, maxFrameBytes)) return
    const bytes = bytesOf(message)
    if (bytes <= maxFrameBytes) return
    const found = `A message of ${bytes} bytes to ${message.destination} is too large`
    throw new DroverError('frame_too_large', `${found}: ${this.why || `the other side takes ${maxFrameBytes}`}`)
  }
}

/** Without measuring it: no character takes more than three bytes. */
function isSurelyWithin({ destination, headers, body }: Outgoing, maxFrameBytes: number): boolean {
  if (body.length * 3 > maxFrameBytes) return false
  return (JSON.stringify([destination, headers]).length + body.length) * 3 + 200 <= maxFrameBytes
}
