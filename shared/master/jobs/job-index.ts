/** Every job that this master knows: their states, counts by status, and which are open, by task. */
import { Ended, type LetGo } from './ended.ts'
import type { JobState, JobStatus } from './state/job.ts'
import { mayHaveLeft, statusOf } from './state/job.ts'

export type JobCounts = { readonly [status in JobStatus]: number }

export const noCounts: JobCounts = {
  unsent: 0,
  sent: 0,
  running: 0,
  retrying: 0,
  cancelling: 0,
  result: 0,
  error: 0,
  rejected: 0,
  cancelled: 0,
  timed_out: 0,
  answered: 0,
  no_worker: 0,
}

export class JobIndex {
  /** As they show, oldest first. */
  readonly shown: Map<string, JobState> = new Map()
  /** Jobs that have ended and do not show it, since that is not stored yet. */
  readonly #ahead = new Map<string, JobState>()
  readonly #counts: { [status in JobStatus]: number } = { ...noCounts }
  readonly #open = new Map<string, Set<string>>()
  readonly #ended: Ended

  /** @param keepEnded how many ended jobs are kept */
  constructor(keepEnded: number) {
    this.#ended = new Ended(keepEnded)
  }

  get counts(): JobCounts {
    return { ...this.#counts }
  }

  /** Ended jobs that are not kept any more. */
  get letGo(): LetGo {
    return this.#ended.letGo
  }

  countLetGo(before: LetGo): void {
    this.#ended.count(before)
  }

  /** A job as it is, which may be more than shows. */
  latest(requestId: string): JobState | undefined {
    return this.#ahead.get(requestId) ?? this.shown.get(requestId)
  }

  /** Jobs that have ended and do not show it yet. */
  unshown(): readonly string[] {
    return [...this.#ahead.keys()]
  }

  /** Jobs of a task that have no outcome. */
  openOf(mode: JobState['mode'], task: string): string[] {
    return [...(this.#open.get(`${mode} ${task}`) ?? [])]
  }

  *#openJobs(): Iterable<JobState> {
    for (const ids of [...this.#open.values()])
      for (const id of [...ids]) if (!this.#ahead.has(id)) yield this.shown.get(id)!
  }

  /** Open jobs that may have left already. */
  mayHaveLeft(): ReadonlySet<string> {
    const left = new Set<string>()
    for (const job of this.#openJobs()) if (mayHaveLeft(job)) left.add(job.request_id)
    return left
  }

  /** Those of some jobs of which the broker has confirmed that they left, and that have not ended. */
  sentOf(requestIds: Iterable<string>): JobState[] {
    const sent: JobState[] = []
    for (const requestId of requestIds) {
      const job = this.shown.get(requestId)
      if (job !== undefined && job.phase.at !== 'ended' && job.phase.at !== 'unsent') sent.push(job)
    }
    return sent
  }

  add(state: JobState): void {
    this.shown.set(state.request_id, state)
    this.#counts[statusOf(state)]++
    if (state.phase.at === 'ended') this.#ended.add(state)
    else {
      const key = `${state.mode} ${state.task}`
      this.#open.set(key, (this.#open.get(key) ?? new Set()).add(state.request_id))
    }
  }

  /** The next state of a job. @returns whether it shows: its end does once `show` is called */
  update(state: JobState): boolean {
    const { request_id, phase } = state
    const isAhead = phase.at === 'ended' && this.shown.get(request_id)!.phase.at !== 'ended'
    if (isAhead) this.#ahead.set(request_id, state)
    else this.#show(state)
    return !isAhead
  }

  /** Shows that a job has ended. @returns its state; `undefined` when it shows already, or is here no more */
  show(requestId: string): JobState | undefined {
    const state = this.#ahead.get(requestId)
    this.#ahead.delete(requestId)
    if (state !== undefined) this.#show(state)
    return state
  }

  #show(state: JobState): void {
    const before = this.shown.get(state.request_id)!
    this.shown.set(state.request_id, state)
    this.#counts[statusOf(before)]--
    this.#counts[statusOf(state)]++
    if (state.phase.at === 'ended' && before.phase.at !== 'ended') {
      this.#close(before)
      this.#ended.add(state)
    }
  }

  remove(requestId: string): void {
    const state = this.shown.get(requestId)
    if (state === undefined) return
    this.shown.delete(requestId)
    this.#ahead.delete(requestId)
    this.#counts[statusOf(state)]--
    this.#ended.delete(requestId)
    this.#close(state)
  }

  /** Lets go of ended jobs past the number that is kept. @returns their ids */
  removeSurplus(): readonly string[] {
    const surplus = this.#ended.takeSurplus()
    for (const requestId of surplus) this.remove(requestId)
    return surplus
  }

  #close({ mode, task, request_id }: JobState): void {
    const key = `${mode} ${task}`
    const open = this.#open.get(key)
    open?.delete(request_id)
    if (open?.size === 0) this.#open.delete(key)
  }
}
