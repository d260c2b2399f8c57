/**
 * Broadcasts for workers that were cut off when they were sent: once such a worker is back, it is sent the job again, by the
 * control topic, which names it, so that nobody else runs it. One that has it already starts nothing. Promise 2.
 */
import { type BrokerSession, destinationsOf, type Outgoing, type Stomp } from '../../stomp/mod.ts'
import type { JobIndex } from '../jobs/job-index.ts'
import type { JobState } from '../jobs/state/job.ts'
import type { Roster, RosterListener } from '../presence/roster.ts'
import type { WorkerInfo } from '../presence/worker-info.ts'
import type { Timeouts } from '../timeouts.ts'
import type { Secrets } from './input.ts'
import { type JobMessagePorts, jobMessage } from './job-message.ts'

/** Many come back at once, and are named together. */
const gatherMs = 100
const maxNamed = 100
/** How often a job is tried for the same workers, should the connection go as it is sent. */
const maxTries = 3
/** How often one worker is sent one job, however many connections it says that it had. */
const maxSends = 10

export interface RebroadcastPorts extends JobMessagePorts {
  readonly stomp: Stomp
  readonly timeouts: Timeouts
  readonly index: JobIndex
  readonly roster: Pick<Roster, 'listen'>
  /** `has`: whether the job can be sent still, since secrets of its input are not kept. */
  readonly secrets: Pick<Secrets, 'whole' | 'has'>
}

interface Wanting {
  readonly workers: Set<string>
  /** How often it was sent for them in vain. */
  tries: number
}

export class Rebroadcasts implements RosterListener {
  readonly #ports: RebroadcastPorts
  /** The workers that may have missed a job and are to be sent it, by job. */
  readonly #wanting = new Map<string, Wanting>()
  /** How often each worker was sent a job, by job. */
  readonly #sends = new Map<string, Map<string, number>>()
  #session: BrokerSession | undefined

  constructor(ports: RebroadcastPorts) {
    this.#ports = ports
    ports.roster.listen(this)
  }

  open(session: BrokerSession): void {
    this.#session = session
    if (this.#wanting.size > 0) this.#sendSoon()
  }

  away(): void {
    this.#session = undefined
    this.#ports.timeouts.delete('cut off')
  }

  /**
   * A worker is there by another connection.
   * @param isFirstHeard no earlier connection of it was heard, so that it is sent only jobs that wait for it
   */
  connected({ worker_id, tasks }: WorkerInfo, isFirstHeard: boolean): void {
    const { index } = this.#ports
    for (const requestId of tasks.flatMap(task => index.openOf('topic', task))) {
      const job = index.latest(requestId)
      if (job === undefined || !mayHaveMissed(job, worker_id)) continue
      const isWaitedFor = job.expected?.some(one => one.worker_id === worker_id) ?? !isFirstHeard
      if (isWaitedFor) this.#want(requestId, [worker_id], 0)
    }
  }

  #want(requestId: string, workerIds: readonly string[], tries: number): void {
    const wanting = this.#wanting.get(requestId) ?? { workers: new Set(), tries: 0 }
    this.#wanting.set(requestId, wanting)
    for (const id of workerIds) wanting.workers.add(id)
    wanting.tries = Math.max(wanting.tries, tries)
    this.#sendSoon()
  }

  #sendSoon(): void {
    const { timeouts } = this.#ports
    if (this.#session !== undefined && !timeouts.has('cut off')) timeouts.set('cut off', gatherMs, () => this.#send())
  }

  #send(): void {
    const session = this.#session
    if (session === undefined) return
    const all = [...this.#wanting]
    this.#wanting.clear() // a worker that comes while these are under way is in the next round
    for (const requestId of this.#sends.keys())
      if (!isOpen(this.#ports.index.latest(requestId))) this.#sends.delete(requestId)
    for (const [requestId, wanting] of all) void this.#sendOne(requestId, wanting, session)
  }

  #maySend(requestId: string, workerId: string): boolean {
    const sends = this.#sends.get(requestId) ?? new Map<string, number>()
    this.#sends.set(requestId, sends)
    const before = sends.get(workerId) ?? 0
    sends.set(workerId, before + 1)
    return before < maxSends
  }

  async #sendOne(requestId: string, { workers, tries }: Wanting, session: BrokerSession): Promise<void> {
    const { index, secrets, stomp } = this.#ports
    const job = index.latest(requestId)
    if (job === undefined || !secrets.has(job)) return
    const missing = [...workers].filter(id => mayHaveMissed(job, id) && this.#maySend(requestId, id))
    try {
      for (let at = 0; at < missing.length; at += maxNamed)
        await stomp.publish(
          forThem(jobMessage(job, session, this.#ports), job, missing.slice(at, at + maxNamed), session),
        )
    } catch {
      const isToBeSent = this.#session !== session && tries + 1 < maxTries
      if (isToBeSent) this.#want(requestId, missing, tries + 1) // by the next connection
    }
  }
}

/** It has left, and has not ended. */
const isOpen = (job: JobState | undefined): boolean => job?.phase.at === 'sent' || job?.phase.at === 'running'

/** Nothing was heard of this worker about it. */
function mayHaveMissed(job: JobState, workerId: string): boolean {
  return isOpen(job) && job.workers.every(part => part.worker_id !== workerId)
}

function forThem(
  message: Outgoing,
  { task }: JobState,
  workerIds: readonly string[],
  session: BrokerSession,
): Outgoing {
  return {
    ...message,
    destination: destinationsOf(session.namespace).control(task),
    body: `{"type":"job","worker_ids":${JSON.stringify(workerIds)},${message.body.slice(1)}`,
  }
}
