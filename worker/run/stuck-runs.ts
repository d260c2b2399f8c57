/**
 * Runs whose jobs have ended and whose code goes on, since it heeds no signal and nothing can end it. Their slots are free, as far
 * as a worker can bear it: each keeps memory, and computes beside the others.
 */

export interface StuckRunsPorts {
  /** How many may be without a slot. */
  readonly limit: number
  problem(message: string, error?: unknown, requestId?: string): void
}

/** A run that is stuck. */
export interface StuckRun {
  readonly requestId: string
  readonly task: string
}

export class StuckRuns {
  readonly #ports: StuckRunsPorts
  #count = 0

  constructor(ports: StuckRunsPorts) {
    this.#ports = ports
  }

  get count(): number {
    return this.#count
  }

  /**
   * Counts a run, until its code has returned.
   * @param returned resolves then
   * @returns whether its slot is free at once; else it is when its code has returned
   */
  add({ requestId, task }: StuckRun, returned: Promise<unknown>, changed: () => void): boolean {
    const { limit, problem } = this.#ports
    const isFree = ++this.#count <= limit
    const runs = this.#count === 1 ? '1 run of this worker is stuck' : `${this.#count} runs of this worker are stuck`
    const next = isFree
      ? `its slot is free, and its code goes on (${runs})`
      : `it holds its slot: ${runs}, so restart it, and have the task heed job.signal or isolate it`
    problem(`Job ${requestId}: task "${task}" does not heed its signal; ${next}`, undefined, requestId)
    changed()
    void returned.then(() => {
      this.#count--
      changed()
    })
    return isFree
  }
}
