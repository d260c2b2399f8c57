/** A broker in the hand of a test, and a bridge that reads presence there. */
import { vi } from 'vitest'
import { type Clock, systemClock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/errors.ts'
import type { ByteSink } from '../../shared/frames/byte-link.ts'
import { encodeFrame, FrameScanner, type ScannedFrame } from '../../shared/frames/mod.ts'
import { defaultLimits } from '../limits.ts'
import { BrokerVersions } from '../relay/broker-versions.ts'
import type { Upstream } from '../upstream.ts'
import { type PresenceBounds, SharedPresence } from './presence.ts'
import { Reader } from './reader.ts'

const clock: Clock = { ...systemClock, steady: () => Date.now() }
export const destination: string = '/topic/myapp.workers.t'
export const textOf = (frame: Uint8Array): string => new TextDecoder().decode(frame)

export interface PresenceTest {
  readonly presence: SharedPresence
  readonly sinks: ByteSink[]
  readonly frames: ScannedFrame[]
  readonly events: string[]
  readonly counts: { presenceDropped: number }
  /** An entry for each connection that the bridge has closed. */
  readonly closed: string[]
  commands(): string[]
  /** @param bytes the broker's answer to CONNECT from here on */
  greet(bytes: Uint8Array | undefined): void
  leave(): void
  /** @param n which subscription of the bridge */
  say(body: object | string, n?: string, from?: string): void
  /** @returns all that its page is told, and whether by the bridge */
  join(to?: string, isWanted?: () => boolean): Promise<{ told: string[]; reader: Reader; isTold: boolean }>
}

interface Options {
  /** `undefined`: not at all. */
  readonly answer?: (frame: ScannedFrame) => boolean | undefined
  readonly bounds?: PresenceBounds
}

export function setUp({ answer = () => true, bounds }: Options = {}): PresenceTest {
  const frames: ScannedFrame[] = []
  const sinks: ByteSink[] = []
  const events: string[] = []
  const counts = { presenceDropped: 0 }
  const closed: string[] = []
  let isThere = true
  let greeting: Uint8Array | undefined
  const upstream: Upstream = {
    login: { login: 'bridge', passcode: 'secret', host: '/', heartBeatMs: 10_000 },
    name: 'a broker of the test',
    connect: () => async sink => {
      if (!isThere) throw new DroverError('broker_unreachable', 'nobody listens')
      sinks.push(sink)
      const scanner = new FrameScanner()
      const say = (command: string, headers: [string, string][]): void =>
        queueMicrotask(() => sink.bytes(encodeFrame(command, headers)))
      return {
        unsentBytes: 0,
        oneFrameASend: false,
        pause() {},
        resume() {},
        close: () => void closed.push('closed'),
        send(bytes) {
          for (const frame of scanner.push(bytes)) {
            if (frame.command === 'CONNECT') {
              if (greeting !== undefined) {
                const bytes = greeting
                queueMicrotask(() => sink.bytes(bytes))
                continue
              }
              say('CONNECTED', [
                ['version', '1.2'],
                ['server', 'drover/1'],
                ['heart-beat', '10000,10000'],
              ])
              continue
            }
            frames.push(frame)
            const receipt = frame.header('receipt')
            if (receipt === undefined) continue
            const answered = answer(frame)
            if (answered === undefined) continue
            if (answered) say('RECEIPT', [['receipt-id', receipt]])
            else say('ERROR', [['message', 'not allowed']])
          }
        },
      }
    },
  }
  const presence = new SharedPresence({
    upstream,
    versions: new BrokerVersions(),
    limits: defaultLimits,
    counts,
    onEvent: event => void events.push(event.type),
    clock,
    bounds,
  })
  const commands = (): string[] => frames.map(({ command }) => command)
  return {
    presence,
    sinks,
    frames,
    events,
    counts,
    closed,
    commands,
    greet(bytes: Uint8Array | undefined) {
      greeting = bytes
    },
    leave() {
      isThere = false
    },
    say(body: object | string, n = '1', from = destination) {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const headers = [
        ['subscription', n],
        ['message-id', 'm'],
        ['destination', from],
      ] as const
      sinks.at(-1)?.bytes(encodeFrame('MESSAGE', headers, text))
    },
    async join(to = destination, isWanted = () => true) {
      const told: string[] = []
      const reader = new Reader('s', {
        version: '1.2',
        isFull: () => false,
        send: frame => void told.push(textOf(frame)),
      })
      const joining = presence.join({ namespace: 'myapp', destination: to, isWanted }, reader, () => told.push('begun'))
      await vi.advanceTimersByTimeAsync(10)
      return { told, reader, isTold: await joining }
    },
  }
}

export const beat = (id: string, more: object = {}): object => ({
  v: 1,
  type: 'beat',
  worker_id: id,
  name: id,
  state: 'idle',
  concurrency: 1,
  active: 0,
  processed: 0,
  failed: 0,
  at: 0,
  interval_ms: 5_000,
  ...more,
})
