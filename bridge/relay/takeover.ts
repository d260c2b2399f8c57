/** A session makes way so that another may read a master's replies in its place. Design section 2. */
import type { Clock } from '../../shared/clock.ts'
import { encodeFrame } from '../../shared/frames/mod.ts'
import { LazySet } from '../../shared/lazy-collections.ts'
import { LimitReached } from '../limit-reached.ts'
import type { RelayContext } from './context.ts'
import type { RelaySession } from './relay-session.ts'

/** The masters whose replies one session reads, or has read; by their reply queues. */
export class Masters {
  // Also of those that were ended: a broker may keep messages that they had in hand with this connection
  readonly all: LazySet<string> = new LazySet()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  /** @throws {DroverError} `forbidden` */
  add(replyQueue: string): void {
    if (this.all.add(replyQueue).size <= this.#most) return
    throw new LimitReached(
      'maxSubscriptions',
      'forbidden',
      `SUBSCRIBE to "${replyQueue}" is one too many: a session may read the replies of ${this.#most} masters`,
    )
  }
}

/** An orderly end at the broker: it has let go of everything once it confirms DISCONNECT, or has closed. */
export class GracefulDisconnect {
  readonly #session: RelaySession
  readonly #clock: Clock
  /** Of the DISCONNECT: new each time, so that no frame of the session has asked for the same. */
  readonly #receipt: string
  readonly #gone = Promise.withResolvers<void>()

  constructor(session: RelaySession, { clock, newId }: Pick<RelayContext, 'clock' | 'newId'>) {
    this.#session = session
    this.#clock = clock
    this.#receipt = `drover-bridge-${newId()}`
  }

  /** Resolves when it has let go, or when it took too long. */
  get done(): Promise<void> {
    return this.#gone.promise
  }

  /** Sends DISCONNECT, and closes when it is done. */
  async start(timeoutMs: number): Promise<void> {
    const { broker, brokerReads, brokerVersion } = this.#session
    const stopTimer = this.#clock.timer(timeoutMs, this.#gone.resolve)
    brokerReads.resume('browser_is_slow')
    broker.send(encodeFrame('DISCONNECT', [['receipt', this.#receipt]], undefined, brokerVersion))
    await this.#gone.promise
    stopTimer()
    broker.close()
  }

  /** Frames of the broker go nowhere by now: only the RECEIPT of its DISCONNECT can matter. */
  bytes(chunk: Uint8Array): void {
    try {
      this.#session.brokerScanner.read(chunk, frame => {
        if (frame.header('receipt-id') === this.#receipt) this.#gone.resolve()
        return undefined
      })
    } catch {
      this.#gone.resolve() // unreadable: nothing more can be waited for
    }
  }

  closed(): void {
    this.#gone.resolve()
  }
}
