/**
 * For operators: the queues with the messages that wait there, how one is emptied, and how its messages go to another.
 * Messages that are handed out and not acknowledged belong to their readers, so that nothing here touches them.
 */
import type { Clock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/errors.ts'
import { type Destination, parseDestination } from '../destination.ts'
import { headersFor, type Message, movedTo } from '../message.ts'
import type { Queue } from '../queue.ts'
import type { Routes } from '../routes.ts'
import { Inspection, type QueueState, type WaitingMessage } from './inspection.ts'
import { actOnEach, type Operated, unreadable } from './pieces.ts'

export interface Bounds {
  /** Messages at most, 1 to 1,000,000; default 10,000. Those that come meanwhile are left in any case. */
  readonly limit?: number | undefined
}

export interface MoveOptions extends Bounds {
  /**
   * Asked of each message: its headers that are others in the new queue, or why it may not go there. Default: none are.
   * @param headers as they were sent
   */
  readonly readdress?: (headers: ReadonlyMap<string, string>) => ReadonlyMap<string, string> | string
}

export class Operations {
  readonly #routes: Routes
  readonly #clock: Clock
  readonly #inspection: Inspection

  constructor(routes: Routes, clock: Clock) {
    this.#routes = routes
    this.#clock = clock
    this.#inspection = new Inspection(routes, clock)
  }

  /**
   * The queues whose names are meant, in the order of their names.
   * @param most how many are told of; where there are more, those with most messages
   * @returns `more`: how many were left out
   */
  queues(isMeant: (name: string) => boolean, most: number): { readonly queues: QueueState[]; readonly more: number } {
    return this.#inspection.queues(isMeant, most)
  }

  /**
   * @param name such as `myapp.tasks.image.thumbnail`
   * @returns `undefined` where there is no such queue, so that nothing waits there and nobody reads it
   * @throws {DroverError} `message_invalid` for a name that is none
   */
  queue(name: string): QueueState | undefined {
    const queue = this.#find(name)
    return queue && this.#inspection.stateOf(queue)
  }

  /**
   * The messages that would be the next out, then some of those that wait for their delay.
   * @throws {DroverError} `message_invalid` for a name that is none
   */
  waiting(name: string, most: number): WaitingMessage[] {
    const queue = this.#find(name)
    return queue ? this.#inspection.waiting(queue, most) : []
  }

  /**
   * Takes out the messages that wait, those with a delay included, and forgets them.
   * @throws {DroverError} `message_invalid` for a name or limit that is none, `store_failed`
   */
  async purge(name: string, { limit }: Bounds = {}): Promise<Operated> {
    const most = readLimit(limit)
    const queue = this.#find(name)
    if (queue === undefined) return nothing
    return await actOnEach(
      queue,
      most,
      {
        waiting: entry => queue.settle(entry),
        delayed: (message, row) => this.#forget(queue, message, row),
      },
      { routes: this.#routes, clock: this.#clock },
    )
  }

  /**
   * Moves the messages that wait to another queue, with their delays and marks. Each is in one of the two at any time, on disk
   * too. They come behind those of their priority that are there.
   * @throws {DroverError} `message_invalid` for a name or limit that is none, or the same queue twice; `store_failed`
   */
  async move(from: string, to: string, { limit, readdress = asItIs }: MoveOptions = {}): Promise<Operated> {
    const most = readLimit(limit)
    const destination = toQueue(to)
    if (to === from) {
      throw new DroverError('message_invalid', `${from} is the queue that its messages are in; name another to move to`)
    }
    const queue = this.#find(from)
    if (queue === undefined) return nothing
    const { journal } = this.#routes
    const moved = (message: Message, delayMs: number): Message =>
      this.#moved(message, { destination, delayMs, readdress })
    return await actOnEach(
      queue,
      most,
      {
        waiting: entry => {
          const isLoaded = journal?.load(entry, queue.route, () => queue.wake()) ?? true
          if (!isLoaded || !entry.message) throw unreadable
          const copy = moved(entry.message, 0)
          this.#routes.queues.at(copy.route, copy.owner).push(copy, 0, entry.isRedelivered)
          queue.settle(entry)
        },
        delayed: (message, row, dueAt) => {
          if (journal?.loadContent(row, message, queue.route) === false) throw unreadable
          this.#routes.publish(moved(message, Math.max(1, dueAt - this.#clock.steady())))
          this.#forget(queue, message, row)
        },
      },
      { routes: this.#routes, clock: this.#clock },
    )
  }

  /** @throws {DroverError} why it has to stay */
  #moved(
    message: Message,
    {
      destination,
      delayMs,
      readdress,
    }: { readonly destination: Destination; readonly delayMs: number } & Required<Pick<MoveOptions, 'readdress'>>,
  ): Message {
    const { journal, admission } = this.#routes
    const changed = readdress(headersFor(message))
    if (typeof changed === 'string') throw new DroverError('message_invalid', changed)
    const copy = movedTo(message, destination, delayMs, changed)
    journal?.check(copy)
    admission.checkMove(copy, message)
    return copy
  }

  #forget(queue: Queue, message: Message, row: number): void {
    this.#routes.journal?.remove({ row, bytes: message.bytes, message })
    queue.release(message)
  }

  #find(name: string): Queue | undefined {
    return this.#routes.queues.find(toQueue(name).text)
  }
}

const nothing: Operated = { messages: 0, left: 0 }
const asItIs = (): ReadonlyMap<string, string> => new Map()
const maxLimit = 1_000_000

/** @throws {DroverError} `message_invalid` */
function readLimit(limit = 10_000): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= maxLimit) return limit
  throw new DroverError('message_invalid', `The limit is ${limit}; expected 1 to ${maxLimit} messages`)
}

/** @throws {DroverError} `message_invalid` */
function toQueue(name: string): Destination {
  if (/^[^*>:\\\s,\0]{1,500}$/.test(name)) return parseDestination(`/queue/${name}`)
  throw new DroverError(
    'message_invalid',
    `"${name.slice(0, 200)}" names no queue; expected one name, such as myapp.tasks.image.thumbnail, without wildcards and blanks`,
  )
}
