/** How current a master is: how far it has read its reply queue, and how sure it is of the broker's time. Promise 4. */
import type { Clock } from '../../clock.ts'
import type { BrokerSession, Incoming, Stomp } from '../../stomp/mod.ts'
import type { JobIndex } from '../jobs/job-index.ts'
import type { Timeouts } from '../timeouts.ts'
import { BrokerTime } from './broker-time.ts'
import { CatchUp } from './catch-up.ts'
import { Fence } from './fence.ts'

/** How often the broker's time is taken on a connection that stays. */
const fenceEveryMs = 300_000

export interface CurrentPorts {
  readonly stomp: Stomp
  readonly clock: Clock
  readonly timeouts: Timeouts
  readonly newId: () => string
  readonly index: Pick<JobIndex, 'mayHaveLeft'>
}

/** The part that opened it hears how far it is. */
export interface CurrentListener {
  /** The reply queue is read. @param before jobs that were open before this connection */
  read(before: ReadonlySet<string>): void
  /** Nothing more can be waiting anywhere: overdue jobs have timed out. */
  becameCurrent(): void
  /** The reply queue is gone, or another session reads it, which may be half open. */
  silent(): void
}

export class Current {
  /** Where replies are read on this connection. */
  replyTo = ''
  readonly #ports: CurrentPorts
  readonly #fence: Fence
  readonly #time: BrokerTime
  readonly #catchUp: CatchUp
  #listener: CurrentListener | undefined

  constructor(ports: CurrentPorts) {
    const { clock, timeouts } = ports
    this.#ports = ports
    this.#time = new BrokerTime(clock)
    this.#fence = new Fence({ ...ports, onBack: (...said) => this.#onBack(...said) })
    this.#catchUp = new CatchUp({
      timeouts,
      fence: this.#fence,
      onCurrent: () => this.#listener?.becameCurrent(),
      onRead: before => {
        timeouts.set('fence again', fenceEveryMs, () => this.stoodStill())
        this.#listener?.read(before)
      },
      onSilent: () => {
        this.#time.assume()
        this.#listener?.silent()
      },
    })
  }

  /** The reply subscription's RECEIPT is in. @param replyTo the queue that it reads */
  open(session: BrokerSession, replyTo: string, listener: CurrentListener): void {
    this.#listener = listener
    this.replyTo = replyTo
    this.#time.connected(session)
    this.#fence.open(session, replyTo)
    this.#catchUp.begin(session, this.#ports.index.mayHaveLeft())
  }

  away(): void {
    this.#fence.away()
    this.#catchUp.away()
    this.#ports.timeouts.delete('fence again')
  }

  /** This side slept, or a clock was set: the messages of that time are read before anything counts as silent. */
  stoodStill(): void {
    this.#catchUp.stoodStill(() => this.#ports.index.mayHaveLeft())
  }

  /** A message came. @returns whether it was a fence, and is settled */
  heard(message: Incoming): boolean {
    if (this.#fence.read(message)) return true
    this.#catchUp.heard()
    return false
  }

  /** Whether nothing more can be waiting anywhere. */
  get isCurrent(): boolean {
    return this.#catchUp.isCurrent
  }

  /** Whether something about this job, which may have left, may be waiting unread. */
  mayHaveNews(requestId: string): boolean {
    return this.#catchUp.mayHaveNews(requestId)
  }

  /** Whether it is known when a job expires; if not, a fence is on its way that will tell. */
  mayLeave({ dialect }: BrokerSession): boolean {
    if (dialect.expiry.base === 'now' || this.#time.isSure) return true
    if (!this.#fence.isAble) this.#time.assume()
    else if (!this.#catchUp.isReading) this.stoodStill()
    return this.#time.isSure
  }

  /** The broker's present, ms since the epoch. */
  brokerNow(): number {
    return this.#time.now()
  }

  #onBack(sentAt: number, receivedAt: number, timestamp: number | undefined): void {
    if (timestamp === undefined) this.#time.assume()
    else this.#time.learn(sentAt, receivedAt, timestamp)
  }
}
