/**
 * The port by which a worker's job memory is kept, so that it outlives the process. Rows are written in groups, next to the road of
 * an outcome: nothing waits for them. A process that is killed at the wrong moment has not written the last one, and then its job
 * fares as it would without the file.
 */

/** An ended job. */
export interface KeptJob {
  /** Grows with each. */
  readonly row: number
  /** Whether no broker has confirmed the outcome yet. */
  readonly isUnsettled: boolean
  /** By the wall clock, ms; `leftMs` counts from it. */
  readonly keptAt: number
  readonly leftMs: number
  /** The outcome's. */
  readonly body: string
  /** The rest, as JSON. */
  readonly facts: string
}

/** A job that was cancelled, by its task and its id. */
export interface KeptCancel {
  readonly key: string
  readonly reason: string | undefined
  readonly keptAt: number
  readonly leftMs: number
}

export interface KeptState {
  /** Of the jobs; absent in a new file, and in one of a version that did not write it. */
  readonly namespace: string | undefined
  readonly jobs: readonly KeptJob[]
  readonly cancels: readonly KeptCancel[]
}

/** Changes that are written together, or not at all. */
export interface StateChanges {
  /** Whether these are all there is: anything else goes. */
  readonly isWhole: boolean
  /** Whose they are, where that is not written yet. */
  readonly namespace?: string | undefined
  readonly jobs: readonly KeptJob[]
  readonly settled: readonly number[]
  readonly removed: readonly number[]
  readonly cancels: readonly KeptCancel[]
  /** The keys of those that are forgotten. */
  readonly uncancelled: readonly string[]
}

export interface StateDisk {
  /** Where it is, for people. */
  readonly file: string
  /** All that is kept, the oldest first. @throws {DroverError} `store_failed` where it cannot be read */
  load(): KeptState
  /** Resolves when it is time to write, so that changes of the meantime go along. */
  turn(): Promise<void>
  /** @throws {Error} whose message says why, for people; nothing is written then */
  write(changes: StateChanges): void
  /** Lets others have the file. */
  close(): void
}
