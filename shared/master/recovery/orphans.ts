/**
 * Jobs that a broker had handed out as it ended, and that it did not keep. A worker that still runs one ends it. A job that no worker
 * has any more is found here, since no broker hands it out again: its worker is gone, or failed it or gave it back where nobody
 * read that. Promise 1.
 */
import type { Clock } from '../../clock.ts'
import { lateAfterBeats } from '../../contract/mod.ts'
import type { BrokerSession, Stomp } from '../../stomp/mod.ts'
import type { StateQueries } from '../dispatch/state-queries.ts'
import type { JobIndex } from '../jobs/job-index.ts'
import type { JobState, WorkerPart } from '../jobs/state/job.ts'
import type { Abandoned } from '../jobs/state/reduce.ts'
import { ping } from '../presence/ping.ts'
import type { Roster } from '../presence/roster.ts'
import type { Timeouts } from '../timeouts.ts'

const lookMs = 1000
/** So many looks after it is asked, a worker has said that it has a job. */
const answerLooks = 5
/** A worker connects again within 30 s: one that is not heard of at so many looks, and sends no presence, is gone. */
const mostUnheardLooks = 40
/** A worker that said that it has a job is asked again after so many looks, then twice as many: it may fail it unheard. */
const firstPauseLooks = 10
const longestPauseLooks = 320

export interface OrphanPorts {
  readonly stomp: Stomp
  readonly timeouts: Timeouts
  readonly clock: Clock
  readonly index: JobIndex
  readonly roster: Pick<Roster, 'workers' | 'heardAt'>
  readonly queries: Pick<StateQueries, 'ask'>
  /** Nobody has it. */
  readonly onAbandoned: (job: JobState, as: Abandoned) => void
}

/** By the looks, which count no time that this side slept, and by the steady clock. */
interface Moment {
  readonly look: number
  readonly at: number
}

interface Watch {
  /** The workers that were asked, and when. */
  asked: { readonly parts: readonly WorkerPart[]; readonly since: Moment } | undefined
  /** The look at which there is something to conclude, or to ask. */
  dueAtLook: number
  pauseLooks: number
}

export class Orphans {
  readonly #ports: OrphanPorts
  readonly #watched = new Map<string, Watch>()
  #session: BrokerSession | undefined
  /** When the replies of this connection were read. */
  #readAt: Moment = { look: 0, at: 0 }
  #looks = 0

  constructor(ports: OrphanPorts) {
    this.#ports = ports
  }

  /**
   * The replies that waited are read.
   * @param requestIds of jobs from before this connection
   */
  watch(session: BrokerSession, requestIds: Iterable<string>): void {
    this.#session = session
    this.#looks = 0
    this.#readAt = this.#moment()
    this.#watched.clear()
    const tasks = new Set<string>()
    for (const requestId of requestIds) {
      const job = this.#ports.index.latest(requestId)
      if (job?.mode !== 'queue' || isKept(job, session)) continue
      this.#watched.set(requestId, { asked: undefined, dueAtLook: 0, pauseLooks: firstPauseLooks })
      tasks.add(job.task)
    }
    if (tasks.size === 0) return
    this.#ping(tasks, session)
    this.#lookIn(lookMs)
  }

  /** An answer may have come meanwhile. */
  stoodStill(): void {
    if (this.#watched.size > 0) this.#lookIn(answerLooks * lookMs)
  }

  #ping(tasks: ReadonlySet<string>, session: BrokerSession): void {
    for (const task of tasks) ping(task, session, this.#ports.stomp)
  }

  #lookIn(ms: number): void {
    this.#ports.timeouts.set('orphans', ms, () => this.#look())
  }

  #look(): void {
    const { stomp, index, queries } = this.#ports
    const { state } = stomp
    if (state.at !== 'open' || state.session !== this.#session) {
      this.#watched.clear() // watched anew once it is back
      return
    }
    const { session } = state
    this.#looks++
    const toAsk = new Map<JobState, Watch>()
    for (const [requestId, watch] of this.#watched) {
      const job = index.latest(requestId)
      if (job === undefined || job.phase.at === 'ended' || isKept(job, session)) this.#watched.delete(requestId)
      else if (this.#isToBeAsked(job, watch)) toAsk.set(job, watch)
    }
    const askedInMs = queries.ask([...toAsk.keys()])
    // A worker that is there answers the ping behind its answers
    this.#ping(new Set([...toAsk.keys()].map(({ task }) => task)), session)
    for (const watch of toAsk.values()) watch.dueAtLook = this.#looks + answerLooks + Math.ceil(askedInMs / lookMs)
    if (this.#watched.size > 0) this.#lookIn(lookMs)
  }

  /** Decides about a job as far as it can. @returns whether it is to be asked after */
  #isToBeAsked(job: JobState, watch: Watch): boolean {
    if (job.phase.at !== 'running' && job.phase.at !== 'cancelling') return false
    const holders = job.workers.filter(({ at }) => at === 'running')
    if (holders.length > 0 && this.#looks < watch.dueAtLook) return false
    const { asked } = watch
    const isUnanswered = holders.every(part => asked?.parts.includes(part))
    if (asked && isUnanswered && !holders.every(({ worker_id }) => this.#wasHeard(worker_id, asked.since))) return false
    watch.asked = undefined
    if (isUnanswered) {
      this.#ports.onAbandoned(job, new Map(holders.map(({ worker_id }) => [worker_id, this.#becameOf(worker_id)])))
      return false
    }
    if (asked !== undefined) {
      watch.dueAtLook = this.#looks + watch.pauseLooks
      watch.pauseLooks = Math.min(longestPauseLooks, watch.pauseLooks * 2)
      return false
    }
    if (!holders.every(({ worker_id }) => this.#wouldAnswer(worker_id))) return false
    watch.asked = { parts: holders, since: this.#moment() }
    return true
  }

  /** Whether silence will tell that a worker does not have a job: it is there, or will not come. */
  #wouldAnswer(workerId: string): boolean {
    if (!this.#wasHeard(workerId, this.#readAt)) return false
    const worker = this.#ports.roster.workers.get(workerId)
    return worker?.started_at === undefined || worker.state === 'gone' || worker.features.includes('state')
  }

  #moment(): Moment {
    return { look: this.#looks, at: this.#ports.clock.steady() }
  }

  /** Whether a worker spoke since, or will not. */
  #wasHeard(workerId: string, since: Moment): boolean {
    const worker = this.#ports.roster.workers.get(workerId)
    if (worker?.started_at === undefined) return worker?.state === 'gone' || this.#looks >= mostUnheardLooks
    if (worker.state === 'gone') return true
    // A bridge tells of no beat, but of one that is late: without that it heard the worker since
    if (worker.is_told) return (this.#looks - since.look) * lookMs > lateAfterBeats * worker.interval_ms
    return (this.#ports.roster.heardAt(workerId) ?? Number.NEGATIVE_INFINITY) > since.at
  }

  /** How a worker lost the job: one that is still there lets go of a run only when it fails. */
  #becameOf(workerId: string): 'retrying' | 'requeued' | 'lost' {
    const worker = this.#ports.roster.workers.get(workerId)
    if (worker === undefined || worker.state === 'gone' || !worker.features.includes('state')) return 'lost'
    return worker.state === 'draining' ? 'requeued' : 'retrying'
  }
}

/** Whether the broker hands it out again when its worker is gone. */
function isKept({ broker_run, sent_at }: JobState, { run, dialect }: BrokerSession): boolean {
  if (run !== undefined) return broker_run === run
  return sent_at !== undefined || dialect.handsOutUnstored !== true
}
