/** Jobs that could not be stored while others were: each waits by itself, and is tried again in its latest state. */
import { DroverError } from '../../contract/errors.ts'
import type { Unread, Unstored } from '../storage/storage.ts'
import type { JobState } from './state/job.ts'

/** A call that is due once a job is stored. */
export interface Waiting {
  readonly requestId: string
  readonly call: () => void
}

interface UnstoredJob {
  state: JobState
  readonly cause: unknown
  readonly stored: Waiting[]
}

/** The part of a write that jobs leave and come back to. */
interface Writing {
  readonly put: Map<string, JobState>
  stored: Waiting[]
}

export class UnstoredJobs {
  readonly #jobs = new Map<string, UnstoredJob>()
  #problem: DroverError | undefined

  get size(): number {
    return this.#jobs.size
  }

  /** Names one of them; the same while they are the same. */
  get problem(): DroverError | undefined {
    return this.#problem
  }

  has(requestId: string): boolean {
    return this.#jobs.has(requestId)
  }

  /** Takes a later state of a job that is here. @returns whether it is */
  renew(state: JobState, onStored: (() => void) | undefined): boolean {
    const found = this.#jobs.get(state.request_id)
    if (found === undefined) return false
    found.state = state
    if (onStored !== undefined) found.stored.push({ requestId: state.request_id, call: onStored })
    return true
  }

  /** @returns whether the job is here, so that `done` waits */
  await(requestId: string, done: () => void): boolean {
    return this.#jobs.get(requestId)?.stored.push({ requestId, call: done }) !== undefined
  }

  /** @returns the calls that waited for it */
  remove(requestId: string): readonly Waiting[] {
    const found = this.#jobs.get(requestId)
    this.#jobs.delete(requestId)
    this.#describe()
    return found?.stored ?? []
  }

  /** Moves here the jobs that a write could not store, each in its latest state. @returns these states */
  take(written: Writing, next: Writing, unstored: readonly Unstored[]): readonly JobState[] {
    for (const { request_id, cause } of unstored) {
      const state = next.put.get(request_id) ?? written.put.get(request_id)
      if (state === undefined) continue
      next.put.delete(request_id)
      const isOfIt = ({ requestId }: Waiting): boolean => requestId === request_id
      const stored = [...written.stored.filter(isOfIt), ...next.stored.filter(isOfIt)]
      written.stored = written.stored.filter(one => !isOfIt(one))
      next.stored = next.stored.filter(one => !isOfIt(one))
      this.#jobs.set(request_id, { state, cause, stored })
    }
    this.#describe()
    return unstored.flatMap(({ request_id }) => this.#jobs.get(request_id)?.state ?? [])
  }

  /** Hands all over to the next write. */
  release(next: Writing): void {
    for (const [id, { state, stored }] of this.#jobs) {
      next.put.set(id, state)
      next.stored.push(...stored)
    }
    this.#jobs.clear()
  }

  #describe(): void {
    const [first] = this.#jobs.values()
    const text = first && sentence(first, this.#jobs.size)
    if (text === undefined) this.#problem = undefined
    else if (text !== this.#problem?.message) {
      this.#problem = new DroverError('storage_failed', text, { cause: first!.cause })
    }
  }
}

function sentence({ state, cause }: UnstoredJob, size: number): string {
  const why = cause instanceof Error ? cause.message : String(cause)
  const others = size > 1 ? ` (and ${size - 1} more)` : ''
  return `Cannot store job ${state.request_id} of "${state.task}"${others}: ${why}; its replies wait with the broker, and other jobs go on`
}

/** The entries of storage that could not be read, as one sentence. */
export function unreadError(unread: readonly Unread[]): DroverError | undefined {
  const [first] = unread
  if (first === undefined) return undefined
  const { where, request_id, reason } = first
  const name = request_id === undefined ? 'an entry' : `job ${request_id}`
  const others = unread.length > 1 ? ` (and ${unread.length - 1} more)` : ''
  const message = `Cannot read ${name} at ${where}${others}: ${reason}; it stays there as it is, and other jobs go on`
  return new DroverError('storage_failed', message)
}
