/** The bridge's own session at the broker, by which it reads presence. */
import type { Clock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/errors.ts'
import { encodeFrame, type ScannedFrame, unescapeHeader } from '../../shared/frames/mod.ts'
import { agreedIntervalMs } from '../../shared/heart-beat.ts'
import { type Dialect, dialectOf, sendKind } from '../../shared/stomp/dialects/mod.ts'
import { stompVersions } from '../../shared/stomp-versions.ts'
import type { Limits } from '../limits.ts'
import { type BrokerConnection, openBrokerConnection } from '../relay/broker-connection.ts'
import type { BrokerVersions } from '../relay/broker-versions.ts'
import { writeSubscribe } from '../relay/headers/subscribe.ts'
import { HeartBeat } from '../relay/heart-beat.ts'
import type { Upstream } from '../upstream.ts'

export interface PresenceConnectionPorts {
  readonly upstream: Upstream
  readonly versions: BrokerVersions
  readonly limits: Limits
  readonly clock: Clock
  /** @param from where it came from, its destination */
  readonly onMessage: (subscription: string, from: string, body: string) => void
  /** It is over. Called neither for `close` nor where `open` finds no broker. */
  readonly onLost: (reason: Error) => void
}

const heartBeat = (): Uint8Array => Uint8Array.of(10)

export class PresenceConnection {
  readonly #ports: PresenceConnectionPorts
  /** By the id of the RECEIPT. */
  readonly #awaited = new Map<string, (error?: Error) => void>()
  readonly #closed = new AbortController()
  #receipts = 0
  #broker: BrokerConnection | undefined
  #dialect: Dialect | undefined
  #beat = new HeartBeat(0, 0, 0)
  #isOver = false

  constructor(ports: PresenceConnectionPorts) {
    this.#ports = ports
  }

  /** @throws {DroverError} `broker_unreachable` or `broker_error` */
  async open(): Promise<void> {
    const { upstream, versions, limits, clock } = this.#ports
    const broker = await openBrokerConnection({
      upstream,
      version: versions.choose(stompVersions),
      owner: '', // it makes nothing there
      frameLimits: limits.brokerFrame,
      timeoutMs: limits.brokerMs,
      clock,
      signal: this.#closed.signal,
      listener: {
        brokerBytes: chunk => this.#read(chunk),
        brokerDrained() {},
        brokerClosed: reason => this.#lost(reason ?? new Error('The broker closed the connection')),
      },
      onRefusal() {},
    })
    this.#broker = broker
    this.#dialect = dialectOf({ server: broker.connected.server })
    this.#beat = new HeartBeat(
      agreedIntervalMs(broker.ownHeartBeatMs, broker.heartBeat.wantsMs),
      agreedIntervalMs(broker.heartBeat.sendsMs, broker.ownHeartBeatMs),
      limits.quietMs,
    )
    for (const frame of broker.early) this.#take(frame)
    if (!this.#isOver) return
    broker.abandon()
    throw lost()
  }

  /** @returns resolves once the broker has confirmed it */
  subscribe(id: string, destination: string): Promise<void> {
    const { limits } = this.#ports
    return this.#confirmed((receipt, { version }, dialect) =>
      writeSubscribe(
        new Map(Object.entries({ id, destination, ack: 'auto', receipt })),
        { allow: 'messages', isTopic: true },
        { dialect, owner: '', limits, version },
      ),
    )
  }

  unsubscribe(id: string): void {
    if (this.#broker !== undefined)
      this.#send(encodeFrame('UNSUBSCRIBE', [['id', id]], undefined, this.#broker.version))
  }

  /** @returns resolves once the broker has it */
  ping(destination: string): Promise<void> {
    return this.#confirmed((receipt, { version }, dialect) =>
      encodeFrame(
        'SEND',
        Object.entries({
          destination,
          'content-type': 'application/json',
          persistent: 'false',
          receipt,
          ...sendKind(dialect, destination),
        }),
        '{"v":1,"type":"ping"}',
        version,
      ),
    )
  }

  /** Sends the heart-beat that is due. @param elapsedMs since the last call */
  tick(elapsedMs: number): void {
    if (this.#broker === undefined || this.#isOver) return
    const due = this.#beat.tick(elapsedMs)
    if (due === 'beat') this.#broker.link.send(heartBeat())
    if (due === 'dead') this.#lost(new Error('The broker has fallen silent'))
  }

  close(): void {
    const reason = new DroverError('closed', 'The bridge reads presence no longer')
    this.#closed.abort(reason)
    this.#end(reason)
  }

  /** Asks for a RECEIPT, and waits for it. */
  #confirmed(write: (receipt: string, broker: BrokerConnection, dialect: Dialect) => Uint8Array): Promise<void> {
    const broker = this.#broker
    const dialect = this.#dialect
    if (broker === undefined || dialect === undefined || this.#isOver) return Promise.reject(lost())
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const receipt = `r${++this.#receipts}`
    const { clock, limits } = this.#ports
    const stop = clock.timer(limits.brokerMs, () => {
      this.#awaited.delete(receipt)
      reject(new DroverError('timed_out', `The broker sent no RECEIPT within ${limits.brokerMs} ms`))
    })
    this.#awaited.set(receipt, error => {
      stop()
      this.#awaited.delete(receipt)
      if (error === undefined) resolve()
      else reject(error)
    })
    this.#send(write(receipt, broker, dialect))
    // It has the broker's next small frame sent at once
    if (dialect.holdsSmallWrites) broker.link.send(heartBeat())
    return promise
  }

  #send(frame: Uint8Array): void {
    this.#broker?.link.send(frame)
    this.#beat.sent()
  }

  #read(chunk: Uint8Array): void {
    if (this.#isOver || this.#broker === undefined) return
    this.#beat.heard()
    try {
      this.#broker.scanner.read(chunk, frame => {
        this.#take(frame)
        return !this.#isOver
      })
    } catch (error) {
      this.#lost(error as Error)
    }
  }

  #take(frame: ScannedFrame): void {
    if (frame.command === 'MESSAGE') {
      const body = new TextDecoder().decode(frame.body)
      this.#ports.onMessage(this.#header(frame, 'subscription'), this.#header(frame, 'destination'), body)
    }
    if (frame.command === 'RECEIPT') this.#awaited.get(this.#header(frame, 'receipt-id'))?.()
    if (frame.command === 'ERROR') this.#lost(new Error(frame.header('message') ?? 'ERROR'))
  }

  #header(frame: ScannedFrame, name: string): string {
    return unescapeHeader(frame.header(name) ?? '', this.#broker?.version ?? '1.2')
  }

  #lost(reason: Error): void {
    if (this.#isOver) return
    this.#end(lost())
    if (this.#broker !== undefined) this.#ports.onLost(reason)
  }

  #end(error: DroverError): void {
    this.#isOver = true
    for (const settle of [...this.#awaited.values()]) settle(error)
    this.#broker?.abandon()
  }
}

const lost = (): DroverError => new DroverError('connection_lost', 'The bridge has no connection to read presence by')
