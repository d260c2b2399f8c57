/** Queues and waiting messages as an operator sees them. It changes nothing, and keeps no bytes in memory that only the disk has. */
import type { Clock } from '../../shared/clock.ts'
import type { Entry } from '../entry.ts'
import type { Message } from '../message.ts'
import { headersOf } from '../message-content.ts'
import type { Queue } from '../queue.ts'
import type { Routes } from '../routes.ts'
import type { KeptMessage } from '../store/port.ts'

export interface QueueState {
  /** Such as `myapp.tasks.image.thumbnail`. */
  readonly name: string
  /** Messages that a reader could have now. */
  readonly waiting: number
  /** Messages that wait for their delay. */
  readonly delayed: number
  /** Messages that are handed out and not acknowledged. */
  readonly unacknowledged: number
  /** Of all these, with headers and bookkeeping. */
  readonly bytes: number
  /** Subscriptions that read it. */
  readonly consumers: number
  /** When the one came that has waited longest, ms since the epoch; `undefined` where none waits. */
  readonly oldestAt: number | undefined
  /** Messages that gave way to others for want of room, since the queue is there. */
  readonly dropped: number
}

/** A message that waits, without its body. */
export interface WaitingMessage {
  readonly id: string
  /** Of a job or a reply: the job's `request_id`. */
  readonly correlationId: string | undefined
  /** Who dispatched the job that it is about, where a bridge says so. */
  readonly sender: string | undefined
  readonly bytes: number
  readonly priority: number
  /** Whether a reader had it and went away. */
  readonly isRedelivered: boolean
  /** When it came, ms since the epoch. */
  readonly at: number | undefined
  /** When its delay is over, ms since the epoch. */
  readonly dueAt: number | undefined
}

export class Inspection {
  readonly #routes: Pick<Routes, 'queues' | 'delays' | 'journal'>
  readonly #clock: Clock

  constructor(routes: Pick<Routes, 'queues' | 'delays' | 'journal'>, clock: Clock) {
    this.#routes = routes
    this.#clock = clock
  }

  /**
   * The queues whose names are meant, in the order of their names.
   * @param most how many are told of; where there are more, those with most messages
   * @returns `more`: how many were left out
   */
  queues(isMeant: (name: string) => boolean, most: number): { readonly queues: QueueState[]; readonly more: number } {
    const all = [...this.#routes.queues.values()]
    const found = all.filter(({ route }) => route.startsWith(prefix) && isMeant(route.slice(prefix.length)))
    const shown = found.length > most ? found.sort((a, b) => b.messages - a.messages).slice(0, most) : found
    const queues = shown.map(queue => this.stateOf(queue)).sort((a, b) => (a.name < b.name ? -1 : 1))
    return { queues, more: found.length - shown.length }
  }

  stateOf(queue: Queue): QueueState {
    const { waiting, delayed, messages, bytes, readers, dropped } = queue
    const { oldest } = queue.entries
    return {
      name: queue.route.slice(prefix.length),
      waiting,
      delayed,
      unacknowledged: messages - waiting - delayed,
      bytes,
      consumers: readers.length,
      oldestAt: oldest && timestampOf(headersIn(this.#whole(oldest))),
      dropped,
    }
  }

  /** The messages that would be the next out, then some of those that wait for their delay. */
  waiting(queue: Queue, most: number): WaitingMessage[] {
    const next = queue.entries.peek(most)
    const found = next.map(entry => describe({ ...entry, id: entry.message?.id }, this.#whole(entry)))
    if (queue.delayed === 0) return found
    const elapsed = this.#clock.now() - this.#clock.steady()
    for (const delayed of this.#routes.delays.values()) {
      if (found.length >= most) return found
      if (delayed.route !== queue.route) continue
      const whole = this.#whole(delayed)
      const message = delayed.message ?? whole
      if (message === undefined) continue // the disk cannot be read now
      found.push(describe({ ...message, isRedelivered: false }, whole, Math.round(delayed.dueAt + elapsed)))
    }
    return found
  }

  /** A message with its bytes; `undefined` where they cannot be read now. */
  #whole({ message, row }: Pick<Entry, 'message' | 'row'>): Message | KeptMessage | undefined {
    return message?.content ? message : this.#routes.journal?.peek(row)
  }
}

const prefix = '/queue/'

/** @param facts `id`: where memory has it */
function describe(
  facts: Pick<Entry, 'bytes' | 'priority' | 'isRedelivered'> & { readonly id: string | undefined },
  whole: Message | KeptMessage | undefined,
  dueAt?: number,
): WaitingMessage {
  const { bytes, priority, isRedelivered } = facts
  const headers = headersIn(whole)
  return {
    id: facts.id ?? whole?.id ?? '',
    correlationId: headers.get('correlation-id'),
    sender: headers.get('drover-sender'),
    bytes,
    priority,
    isRedelivered,
    at: timestampOf(headers),
    dueAt,
  }
}

/** Of a message that cannot be read now there are none. */
const headersIn = (whole: Message | KeptMessage | undefined): ReadonlyMap<string, string> =>
  whole?.content ? headersOf(whole.content) : new Map()

function timestampOf(headers: ReadonlyMap<string, string>): number | undefined {
  const at = headers.get('timestamp')
  return at === undefined ? undefined : Number(at)
}
