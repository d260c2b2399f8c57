/**
 * Connections of which nobody knows yet whose they are. They are bounded apart from sessions, in all and for each
 * address, so that nobody without a login keeps others out: past a bound the oldest gives way, since a client that means
 * to log in does so at once. Design section 6.
 */

import type { DroverError } from '../../shared/contract/errors.ts'
import { networkOf } from '../access/login-limiter.ts'
import { LimitReached } from '../limit-reached.ts'

export interface UnauthenticatedConnection {
  /** Of the peer. */
  readonly address: string
  /** Ends it with an ERROR that says why; it is removed by then. */
  end(error: DroverError): void
}

export class UnauthenticatedConnections {
  #most: number
  #mostOfAddress: number
  // In the order of coming
  readonly #all: Set<UnauthenticatedConnection> = new Set()
  /** Each network counts as one address. */
  readonly #byAddress: Map<string, Set<UnauthenticatedConnection>> = new Map()

  /** @param mostOfAddress for each address; both at least 1 */
  constructor(most: number, mostOfAddress: number) {
    this.#most = most
    this.#mostOfAddress = mostOfAddress
  }

  /** For those that come from now on. */
  setLimits(most: number, mostOfAddress: number): void {
    this.#most = most
    this.#mostOfAddress = mostOfAddress
  }

  get size(): number {
    return this.#all.size
  }

  add(connection: UnauthenticatedConnection): void {
    const address = networkOf(connection.address)
    const others = this.#byAddress.get(address)
    if (others !== undefined && others.size >= this.#mostOfAddress)
      giveWay(firstOf(others), 'maxUnauthenticatedOfAddress')
    else if (this.#all.size >= this.#most) giveWay(firstOf(this.#all), 'maxUnauthenticated')
    this.#all.add(connection)
    const own = this.#byAddress.get(address)
    if (own) own.add(connection)
    else this.#byAddress.set(address, new Set([connection]))
  }

  /** It is somebody now, or gone. */
  remove(connection: UnauthenticatedConnection): void {
    const address = networkOf(connection.address)
    this.#all.delete(connection)
    const own = this.#byAddress.get(address)
    own?.delete(connection)
    if (own?.size === 0) this.#byAddress.delete(address)
  }
}

function giveWay(
  connection: UnauthenticatedConnection | undefined,
  limit: 'maxUnauthenticated' | 'maxUnauthenticatedOfAddress',
): void {
  connection?.end(new LimitReached(limit, 'queue_full', 'Too many connections wait to log in here; connect again'))
}

const firstOf = (connections: Iterable<UnauthenticatedConnection>): UnauthenticatedConnection | undefined => {
  for (const first of connections) return first
  return undefined
}
