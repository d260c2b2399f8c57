/** A worker's news for the program that runs it: events, for its log, and how many messages it let go of. */
import type { WorkerEvent } from './options.ts'

/** Tells of something that went wrong beside a job, or about one. */
export type Problem = (message: string, error?: unknown, requestId?: string) => void

export class WorkerLog {
  readonly #onEvent: ((event: WorkerEvent) => void) | undefined
  #droppedCount = 0

  constructor(onEvent: ((event: WorkerEvent) => void) | undefined) {
    this.#onEvent = onEvent
  }

  /** How many messages were let go of. */
  get droppedCount(): number {
    return this.#droppedCount
  }

  tell = (event: WorkerEvent): void => {
    try {
      this.#onEvent?.(event)
    } catch {
      // a log that fails must not end a job
    }
  }

  /** Something went wrong beside a job. */
  problem: Problem = (message, error, request_id) => this.tell({ type: 'problem', message, error, request_id })

  /** A message was let go of, which is counted, and told where there is something to say. */
  dropped = (message?: string, error?: unknown): void => {
    this.#droppedCount++
    if (message !== undefined) this.problem(message, error)
  }
}
