/**
 * `/temp-queue/x`: a queue of one connection. Its owner calls it by that name; to others it is
 * `/temp-queue/drover-{secret}.x`, which the broker writes into `reply-to`, so that they can answer and nobody can guess.
 */
import { DroverError } from '../shared/contract/errors.ts'
import { type Destination, parseDestination } from './destination.ts'
import type { Routes } from './routes.ts'

const publicName = /^drover-[^.]+\./

export class TemporaryQueues {
  readonly #prefix: string
  readonly #owner: string
  readonly #routes: Routes
  readonly #max: number
  readonly #own = new Set<string>()

  constructor(token: string, owner: string, routes: Routes, max: number) {
    this.#owner = owner
    this.#prefix = `/temp-queue/drover-${token}.`
    this.#routes = routes
    this.#max = max
  }

  /** Where a SEND goes; an own temporary queue is made by that, another's is there or gone. */
  routeOf({ kind, hasWildcard, name, text }: Destination): string {
    return kind !== 'temp-queue' || hasWildcard || publicName.test(name) ? text : this.#open(name)
  }

  /**
   * Where a SUBSCRIBE reads.
   * @throws {DroverError} `forbidden` for another's temporary queue
   */
  ownRouteOf(destination: Destination): string {
    if (destination.kind !== 'temp-queue') return destination.text
    if (destination.hasWildcard) {
      throw new DroverError('unsupported', `SUBSCRIBE names ${destination.text}; temporary queues are read one by one`)
    }
    if (destination.text.startsWith(this.#prefix)) return this.#open(destination.text.slice(this.#prefix.length))
    if (!publicName.test(destination.name)) return this.#open(destination.name)
    throw new DroverError('forbidden', `Only the connection that made ${destination.text} may subscribe to it`)
  }

  /** The destination that others must write to reach `text`. */
  replyTo(text: string): string {
    if (!text.startsWith('/temp-queue/')) return text
    const destination = parseDestination(text)
    if (publicName.test(destination.name)) return text
    if (destination.hasWildcard) throw new DroverError('frame_invalid', `reply-to is "${text}"; name one queue`)
    return this.#open(destination.name)
  }

  removeAll(): void {
    this.#routes.removeTemporary(this.#own)
    this.#own.clear()
  }

  #open(name: string): string {
    const route = this.#prefix + name
    if (this.#own.has(route)) return route
    if (this.#own.size >= this.#max) {
      throw new DroverError('queue_full', `The connection has ${this.#max} temporary queues, which is the limit`)
    }
    this.#routes.queues.at(route, this.#owner)
    this.#own.add(route)
    return route
  }
}
