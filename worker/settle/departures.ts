/** What a job was sent on with when the connection went, so that its end can say more than that it lost its worker. */
import { keepNewest } from './keep-newest.ts'

/** How often the connection went, and what was said of it the last time. */
export interface Departure {
  readonly times: number
  readonly why: string
}

export class Departures {
  readonly #byJob = new Map<string, Departure>()
  readonly #most: number

  /** @param most jobs that are remembered, the newest */
  constructor(most: number) {
    this.#most = most
  }

  /** The connection went while something about a job was on its way. */
  add(requestId: string, why: string): void {
    const times = (this.#byJob.get(requestId)?.times ?? 0) + 1
    this.#byJob.delete(requestId)
    this.#byJob.set(requestId, { times, why })
    keepNewest(this.#byJob, this.#most)
  }

  of(requestId: string): Departure | undefined {
    return this.#byJob.get(requestId)
  }
}
