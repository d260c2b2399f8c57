/** Tells jobs who is there: whom a broadcast waits for, and whether anybody can take a job to one worker. */
import type { Clock } from '../../clock.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Member } from '../jobs/state/broadcast.ts'
import type { Roster } from './roster.ts'

export class Attendance {
  readonly #roster: Roster
  readonly #jobs: Jobs
  readonly #clock: Clock
  /** Tasks whose roster is known to be empty. */
  readonly #deserted = new Set<string>()

  constructor(roster: Roster, jobs: Jobs, clock: Clock) {
    this.#roster = roster
    this.#jobs = jobs
    this.#clock = clock
  }

  /** Who should answer for a task changed, or became known. */
  changed(task: string): void {
    if (!this.#roster.isKnown(task)) return
    const { book } = this.#jobs
    const members = this.#roster.membersOf(task)
    for (const requestId of book.openOf('topic', task)) this.tell(requestId, members)
    const isDeserted = this.#roster.countOf(task) === 0
    const isNews = isDeserted !== this.#deserted.has(task)
    if (isDeserted) this.#deserted.add(task)
    else this.#deserted.delete(task)
    for (const requestId of book.openOf('queue', task)) {
      if (isNews || this.#isTaken(requestId)) this.tell(requestId, members)
    }
  }

  /** Gives a job the roster of its task, where that is known. */
  tell(requestId: string, members?: ReadonlyMap<string, Member>): void {
    const job = this.#jobs.book.latest(requestId)
    if (job === undefined || !this.#roster.isKnown(job.task)) return
    const at = this.#clock.now()
    if (job.mode === 'topic' || this.#isTaken(requestId)) {
      this.#jobs.apply(requestId, { type: 'roster', members: members ?? this.#roster.membersOf(job.task), at })
    } else this.#jobs.apply(requestId, { type: 'unclaimed', unclaimed: this.#deserted.has(job.task), at })
  }

  /** Whether who is there matters to whoever has it. */
  #isTaken(requestId: string): boolean {
    const at = this.#jobs.book.latest(requestId)?.phase.at
    return at === 'running' || at === 'cancelling'
  }
}
