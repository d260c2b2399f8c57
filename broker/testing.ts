/** The broker's tests share a peer that speaks raw frames, and time that tests move. */

import type { Clock } from '../shared/clock.ts'
import type { ByteLink } from '../shared/frames/byte-link.ts'
import { encodeFrame, FrameScanner, type ScannedFrame, type StompVersion } from '../shared/frames/mod.ts'
import type { EmbeddedBroker } from './broker.ts'

export type Headers = Readonly<Record<string, string>>

/** A raw STOMP peer of a broker in this process. */
export interface Peer {
  readonly link: ByteLink
  readonly scanner: FrameScanner
  /** Frames that came and were not asked for yet. */
  readonly frames: ScannedFrame[]
  readonly ended: Promise<Error | undefined>
  send(command: string, headers?: Headers, body?: string | Uint8Array): void
  /** The next frame; rejects when the connection ends before. */
  next(): Promise<ScannedFrame>
  /** Sends with a receipt, and gives the frames that came until it is confirmed. */
  confirmed(command: string, headers?: Headers, body?: string | Uint8Array): Promise<ScannedFrame[]>
  /** The ERROR that ends the connection. */
  error(): Promise<ScannedFrame>
}

export interface PeerOptions {
  readonly version?: StompVersion
  readonly headers?: Headers
  /** Sends no CONNECT. */
  readonly isSilent?: boolean
}

export async function openPeer(broker: EmbeddedBroker, options: PeerOptions = {}): Promise<Peer> {
  const { version = '1.2', headers, isSilent = false } = options
  const scanner = new FrameScanner()
  const frames: ScannedFrame[] = []
  const { promise: ended, resolve: end } = Promise.withResolvers<Error | undefined>()
  let isEnded = false
  let wake = () => {}
  const link = await broker.connect({
    bytes(chunk) {
      frames.push(...scanner.push(chunk))
      wake()
    },
    drained() {},
    closed(reason) {
      isEnded = true
      end(reason)
      wake()
    },
  })
  let lastReceipt = 0
  const peer: Peer = {
    link,
    scanner,
    frames,
    ended,
    send: (command, headers = {}, body = '') => link.send(encodeFrame(command, Object.entries(headers), body, version)),
    async next() {
      while (frames.length === 0) {
        if (isEnded) throw new Error('The connection ended before another frame came')
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
      return frames.shift()!
    },
    async confirmed(command, headers = {}, body = '') {
      const receipt = `r${++lastReceipt}`
      peer.send(command, { ...headers, receipt }, body)
      const before: ScannedFrame[] = []
      for (;;) {
        const frame = await peer.next()
        if (frame.command === 'ERROR') throw new Error(frame.header('message'))
        if (frame.command === 'RECEIPT' && frame.header('receipt-id') === receipt) return before
        before.push(frame)
      }
    },
    async error() {
      for (;;) {
        const frame = await peer.next()
        if (frame.command !== 'ERROR') continue
        await ended
        return frame
      }
    },
  }
  if (!isSilent) {
    peer.send('CONNECT', { 'accept-version': version, login: 'foo', passcode: 'bar', ...headers })
    const connected = await peer.next()
    if (connected.command !== 'CONNECTED') throw new Error(connected.header('message'))
  }
  return peer
}

/** SENDs bodies to a destination, each confirmed before the next. */
export async function sendAll(peer: Peer, destination: string, ...bodies: string[]): Promise<void> {
  for (const body of bodies) await peer.confirmed('SEND', { destination }, body)
}

/** The next frames, as many as asked for. */
export async function take(peer: Peer, count: number): Promise<ScannedFrame[]> {
  const frames: ScannedFrame[] = []
  while (frames.length < count) frames.push(await peer.next())
  return frames
}

export const textOf = (frame: ScannedFrame): string => new TextDecoder().decode(frame.body)

/** Time that stands still until it is moved. */
export class ManualClock implements Clock {
  #now = 1_700_000_000_000
  readonly #timers = new Set<{ at: number; run: () => void }>()

  get timers(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#now
  }

  steady(): number {
    return this.#now
  }

  timer(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  /** Moves time on, and runs each timer at its own instant, in order. */
  advance(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const due = [...this.#timers].filter(timer => timer.at <= until).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.#timers.delete(due)
      this.#now = Math.max(this.#now, due.at)
      due.run()
    }
    this.#now = until
  }
}

/** Lets everything that was sent arrive: links of one process use microtasks only. */
export const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
