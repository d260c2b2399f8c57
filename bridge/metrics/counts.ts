/**
 * The bridge's counts of itself. On the path of a frame they cost an addition. They are read when somebody asks. The metrics for
 * Prometheus are made of them at each scrape, and nothing is made where nobody asks.
 */
import { ByLabel, LabelledCounts } from '../../shared/metrics/labels.ts'
import type { BridgeEvent } from '../events.ts'

/** Frames of one command, one way. */
export interface Traffic {
  frames: number
  bytes: number
}

const none = (): Traffic => ({ frames: 0, bytes: 0 })

/** Frames one way, by command. Those that STOMP does not have are refused, and counted as `other`. */
export class FrameCounts {
  readonly #usual: Traffic = none()
  readonly #usualCommand: string
  readonly #others: Map<string, Traffic>

  /** @param usual the command of most frames */
  constructor(usual: string, others: readonly string[]) {
    this.#usualCommand = usual
    this.#others = new Map([...others, 'other'].map(command => [command, none()]))
  }

  add(command: string, bytes: number): void {
    const traffic =
      command === this.#usualCommand ? this.#usual : (this.#others.get(command) ?? this.#others.get('other')!)
    traffic.frames++
    traffic.bytes += bytes
  }

  *[Symbol.iterator](): IterableIterator<readonly [command: string, traffic: Readonly<Traffic>]> {
    yield [this.#usualCommand, this.#usual]
    yield* this.#others
  }
}

const clientCommands = 'CONNECT STOMP SUBSCRIBE UNSUBSCRIBE ACK NACK BEGIN COMMIT ABORT DISCONNECT'.split(' ')

/** Messages of workers about the jobs of one task. */
export interface Answers {
  /** Replies that are to arrive: outcomes. */
  outcome: number
  /** Those that may be lost (`persistent:false`), such as progress. */
  report: number
  /** Jobs that went back to their queue, for another attempt or another worker. */
  again: number
  /** Jobs that went to the dead queue. */
  dead: number
}

export class BridgeCounts {
  /** From sessions. */
  readonly in: FrameCounts = new FrameCounts('SEND', clientCommands)
  /** To sessions. */
  readonly out: FrameCounts = new FrameCounts('MESSAGE', ['CONNECTED', 'RECEIPT', 'ERROR'])
  /** Jobs that sessions dispatched, by task. */
  readonly jobs: LabelledCounts = new LabelledCounts()
  /** The same for dead letters that were sent again. */
  readonly retries: LabelledCounts = new LabelledCounts()
  /** By task. */
  readonly answers: ByLabel<Answers> = new ByLabel(() => ({ outcome: 0, report: 0, again: 0, dead: 0 }))
  /** Sessions that were opened. */
  opened = 0
  /** Sessions that have ended, by their `ended_by`. */
  readonly closed: LabelledCounts = new LabelledCounts()
  /** By code. */
  readonly refusals: LabelledCounts = new LabelledCounts()
  /** How often each limit was reached, by its name in the settings. */
  readonly limitHits: LabelledCounts = new LabelledCounts()
  brokerErrors = 0
  /** Logins at the broker that failed, and connections that ended with an error. */
  brokerFailures = 0
  /** How often the broker took logins again after it did not. */
  brokerReconnects = 0
  /** Jobs whose pass did not fit. */
  misfits = 0
  /** Messages of workers about themselves that could not be read. */
  presenceDropped = 0
  /** Told how long the broker took from the start of a connection to its CONNECTED, in seconds. */
  brokerAnswered: (seconds: number) => void = () => {}

  /** Counts an event that the operator is told of. */
  event(event: BridgeEvent): void {
    switch (event.type) {
      case 'session_opened':
        this.opened++
        break
      case 'session_closed':
        // Somebody who never said who it is had no session
        if (event.owner !== undefined) this.closed.of(event.ended_by).n++
        break
      case 'refused':
        this.refusals.of(event.code).n++
        if (event.limit !== undefined) this.limitHits.of(event.limit).n++
        break
      case 'broker_error':
        this.brokerErrors++
        break
      case 'broker_lost':
        this.brokerFailures++
        break
      case 'broker_reached':
        this.brokerReconnects++
        break
    }
  }
}
