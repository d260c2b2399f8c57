/**
 * The jobs that one session dispatches, and its answers to those that it was handed, counted by task. Each dispatch is told to
 * the operator where that is asked for.
 */
import type { ByLabel, Count, LabelledCounts } from '../../shared/metrics/labels.ts'
import { readDestination } from '../../shared/stomp/mod.ts'
import type { Answers } from './counts.ts'

export interface DispatchedJob {
  readonly task: string
  readonly request_id: string
  readonly destination: string
  /** Whether it is a dead letter that is sent again. */
  readonly is_retry: boolean
}

/** The SEND of one. */
export interface DispatchingFrame {
  /** Read from the frame's bytes where somebody asks for it. */
  readonly correlationId: string | undefined
}

export interface DispatchesOptions {
  readonly namespace: string
  readonly counts: {
    readonly jobs: LabelledCounts
    readonly retries: LabelledCounts
    readonly answers: ByLabel<Answers>
  }
  /** Absent: nobody wants to read them. */
  readonly tell: ((job: DispatchedJob) => void) | undefined
}

export class Dispatches {
  readonly #options: DispatchesOptions
  // Of the last job: most go where the one before went
  #destination = ''
  #task = ''
  #count: Count | undefined
  #answered = ''
  #answers: Answers | undefined

  constructor(options: DispatchesOptions) {
    this.#options = options
  }

  /** A job goes to the broker. */
  sent(destination: string, frame: DispatchingFrame): void {
    if (destination !== this.#destination || this.#count === undefined) {
      this.#destination = destination
      this.#task = this.#taskOf(destination)
      this.#count = this.#options.counts.jobs.of(this.#task)
    }
    this.#count.n++
    this.#tell(this.#task, destination, frame, false)
  }

  /** A dead letter goes to the broker again. */
  sentAgain(destination: string, frame: DispatchingFrame): void {
    const task = this.#taskOf(destination)
    this.#options.counts.retries.of(task).n++
    this.#tell(task, destination, frame, true)
  }

  /** A worker sent something about a job. @param destination of the job */
  answered(destination: string, what: keyof Answers): void {
    if (destination !== this.#answered || this.#answers === undefined) {
      this.#answered = destination
      this.#answers = this.#options.counts.answers.of(this.#taskOf(destination))
    }
    this.#answers[what]++
  }

  #tell(task: string, destination: string, frame: DispatchingFrame, isRetry: boolean): void {
    this.#options.tell?.({ task, request_id: frame.correlationId ?? '', destination, is_retry: isRetry })
  }

  #taskOf(destination: string): string {
    const purpose = readDestination(this.#options.namespace, destination)
    return purpose !== undefined && 'task' in purpose ? purpose.task : 'other'
  }
}
