/** The lines of a job file, taken together: jobs, the id of their master, and entries that this version does not know. */
import type { LetGo } from '../jobs/ended.ts'
import type { JobState } from '../jobs/state/job.ts'
import { encodeLine, headOf, isHead, type StoredLine } from './lines.ts'
import { requestIdOf, whyUnreadable } from './readable.ts'
import type { Unread } from './storage.ts'

interface Odd extends Unread {
  /** Its line: kept as it is, for a version that can read it. */
  readonly text: string
}

export class Entries {
  readonly jobs: Map<string, JobState> = new Map()
  masterId: string | undefined
  letGo: LetGo | undefined
  /** By request_id, or by line where there is none. */
  readonly #odd = new Map<string, Odd>()

  get unread(): readonly Unread[] {
    return [...this.#odd.values()].map(({ text: _, ...unread }) => unread)
  }

  /** @param path names the file */
  read({ entry, n, text }: StoredLine, path: string): void {
    const where = `line ${n} of ${path}`
    if (isHead(entry)) {
      this.masterId = typeof entry.master_id === 'string' ? entry.master_id : this.masterId
      this.letGo = isLetGo(entry.let_go) ? entry.let_go : this.letGo
    } else if (isObject(entry) && typeof entry.remove === 'string') this.remove(entry.remove)
    else if (isObject(entry) && 'put' in entry) {
      const reason = whyUnreadable(entry.put)
      if (reason === undefined) this.put(entry.put as JobState)
      else this.#keep({ where, reason, text, ...idOf(entry.put) })
    } else this.#keep({ where, reason: 'it is no entry that this version knows', text })
  }

  put(job: JobState): void {
    this.jobs.set(job.request_id, job)
    this.#odd.delete(job.request_id)
  }

  remove(requestId: string): void {
    this.jobs.delete(requestId)
    this.#odd.delete(requestId)
  }

  clear(): void {
    this.jobs.clear()
    this.#odd.clear()
    this.letGo = undefined
    this.masterId = undefined
  }

  /** The head of a file that holds all this. */
  head(): string {
    const { masterId, letGo } = this
    return encodeLine(
      headOf({
        ...(masterId === undefined ? {} : { master_id: masterId }),
        ...(letGo === undefined ? {} : { let_go: letGo }),
      }),
    )
  }

  /** The shortest file that holds all this. */
  text(): string {
    const jobs = [...this.jobs.values()].map(put => encodeLine({ put }))
    return [this.head(), ...jobs, ...[...this.#odd.values()].map(({ text }) => text)].join('')
  }

  #keep(odd: Odd): void {
    this.#odd.set(odd.request_id ?? odd.where, odd)
  }
}

function idOf(value: unknown): { request_id?: string } {
  const id = requestIdOf(value)
  return id === undefined ? {} : { request_id: id }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isLetGo = (value: unknown): value is LetGo =>
  isObject(value) && Number.isInteger(value.jobs) && Number.isInteger(value.failed)
