/** The jobs that were on their way when the connection went: none is tried for ever, and a later end can tell of it. */
import { keepNewest } from '../keep-newest.ts'

/** How often the connection went while something about a job was on its way, and the error of the last time. */
export interface LostSend {
  readonly times: number
  readonly why: string
}

export class LostSends {
  readonly #byJob = new Map<string, LostSend & { readonly inARow: number }>()
  readonly #most: number

  /** @param most jobs that are remembered, the newest */
  constructor(most: number) {
    this.#most = most
  }

  /** The connection went while something about a job was on its way. */
  add(requestId: string, why: string): void {
    const { times = 0, inARow = 0 } = this.#byJob.get(requestId) ?? {}
    this.#byJob.delete(requestId)
    this.#byJob.set(requestId, { times: times + 1, inARow: inARow + 1, why })
    keepNewest(this.#byJob, this.#most)
  }

  /** All that is known; `undefined`: it never went so. */
  of(requestId: string): LostSend | undefined {
    return this.#byJob.get(requestId)
  }

  /** How often it went since the broker last took something. */
  inARow(requestId: string): number {
    return this.#byJob.get(requestId)?.inARow ?? 0
  }

  /** The broker took something, or the next message is smaller. */
  startOver(requestId: string): void {
    const lost = this.#byJob.get(requestId)
    if (lost !== undefined) this.#byJob.set(requestId, { ...lost, inARow: 0 })
  }
}
