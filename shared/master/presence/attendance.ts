/** Tells jobs of the roster: the workers that a broadcast waits for, and whether any can take a job to one worker. */
import type { Clock } from '../../clock.ts'
import type { JobIndex } from '../jobs/job-index.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Member } from '../jobs/state/broadcast.ts'
import type { JobState } from '../jobs/state/job.ts'
import type { Roster, RosterListener } from './roster.ts'
import { takesByName } from './worker-info.ts'

export interface AttendancePorts {
  readonly clock: Clock
  readonly index: JobIndex
  readonly jobs: Pick<Jobs, 'apply'>
  readonly roster: Roster
}

export class Attendance implements RosterListener {
  readonly #ports: AttendancePorts
  /** Tasks whose roster is known to be empty. */
  readonly #deserted = new Set<string>()

  constructor(ports: AttendancePorts) {
    this.#ports = ports
    ports.roster.listen(this)
  }

  /** The workers that should answer for a task changed, or became known. */
  membersChanged(task: string): void {
    const { index, roster } = this.#ports
    if (!roster.isKnown(task)) return
    const members = roster.membersOf(task)
    for (const requestId of index.openOf('topic', task)) this.tell(requestId, members)
    const isDeserted = roster.countOf(task) === 0
    const isNews = isDeserted !== this.#deserted.has(task)
    if (isDeserted) this.#deserted.add(task)
    else this.#deserted.delete(task)
    for (const requestId of index.openOf('queue', task)) {
      const isNamed = index.latest(requestId)?.to !== undefined
      if (isNews || isNamed || this.#isTaken(requestId)) this.tell(requestId, members)
    }
  }

  /** Gives a job the roster of its task, where that is known. */
  tell(requestId: string, members?: ReadonlyMap<string, Member>): void {
    const { clock, index, jobs, roster } = this.#ports
    const job = index.latest(requestId)
    if (job === undefined || !roster.isKnown(job.task)) return
    const at = clock.now()
    if (job.mode === 'topic' || this.#isTaken(requestId)) {
      jobs.apply(requestId, { type: 'roster', members: members ?? roster.membersOf(job.task), at })
    } else jobs.apply(requestId, { type: 'unclaimed', unclaimed: this.#isDeserted(job), at })
  }

  #isDeserted({ task, to }: JobState): boolean {
    if (to === undefined) return this.#deserted.has(task)
    return ![...this.#ports.roster.workers.values()].some(worker => takesByName(worker, task, to))
  }

  /** Whether a worker has it, which may go away. */
  #isTaken(requestId: string): boolean {
    const at = this.#ports.index.latest(requestId)?.phase.at
    return at === 'running' || at === 'cancelling'
  }
}
