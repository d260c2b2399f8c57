import { keepNewest } from './keep-newest.ts'

/** How often the connection went while something about a job was on its way. */
export class Losses {
  readonly #byJob = new Map<string, number>()
  readonly #most: number

  /** @param most jobs that are remembered, the newest */
  constructor(most: number) {
    this.#most = most
  }

  of(requestId: string): number {
    return this.#byJob.get(requestId) ?? 0
  }

  add(requestId: string): void {
    this.#byJob.set(requestId, this.of(requestId) + 1)
    keepNewest(this.#byJob, this.#most)
  }

  forget(requestId: string): void {
    this.#byJob.delete(requestId)
  }
}
