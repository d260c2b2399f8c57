/** A session's subscription to presence that the bridge answers itself. */
import { changesHeader } from '../../shared/contract/mod.ts'
import { encodeFrame, type StompVersion } from '../../shared/frames/mod.ts'

export interface ReaderPorts {
  /** Spoken by the session. */
  readonly version: StompVersion
  /** @param frame a MESSAGE */
  readonly send: (frame: Uint8Array) => void
  /** Whether so many bytes wait for the session already that it is told nothing more. */
  readonly isFull: () => boolean
}

export class Reader {
  readonly subscription: string
  readonly version: StompVersion
  readonly send: ReaderPorts['send']
  readonly isFull: ReaderPorts['isFull']
  /** It was full when something was told, and has to be told all anew. */
  isBehind = false
  /** Waits for the first that is told. */
  begun: (() => void) | undefined

  constructor(subscription: string, { version, send, isFull }: ReaderPorts) {
    this.subscription = subscription
    this.version = version
    this.send = send
    this.isFull = isFull
  }

  hasBegun(): void {
    this.begun?.()
    this.begun = undefined
  }

  /** A MESSAGE of the subscription. @param n a new one for each */
  write(destination: string, n: number, body: string): Uint8Array {
    return encodeFrame(
      'MESSAGE',
      [
        ['subscription', this.subscription],
        ['message-id', `presence-${n}`],
        ['destination', destination],
        ['content-type', 'application/json'],
        [changesHeader.name, changesHeader.value],
      ],
      body,
      this.version,
    )
  }
}
