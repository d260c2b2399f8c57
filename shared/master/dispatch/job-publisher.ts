/**
 * Jobs that are stored and not confirmed. Each is sent until its RECEIPT is in, under the same `request_id`, so that it
 * is never lost and runs once wherever a worker remembers it. Promise 1.
 */
import type { Clock } from '../../clock.ts'
import { DroverError } from '../../contract/errors.ts'
import type { BrokerSession, Stomp } from '../../stomp/mod.ts'
import type { JobIndex } from '../jobs/job-index.ts'
import type { JobListener, Jobs } from '../jobs/jobs.ts'
import type { JobState, Notice } from '../jobs/state/job.ts'
import type { Current } from '../replies/current.ts'
import type { Timeouts } from '../timeouts.ts'
import type { DispatchSpans } from './dispatch-spans.ts'
import type { Secrets } from './input.ts'
import { type JobMessagePorts, jobMessage } from './job-message.ts'
import { Suspects } from './suspects.ts'

const ordinaryPriority = 4
/** How many may wait for their RECEIPT at once. */
const window = 256
/** How often the broker may refuse a job without saying that it always will. */
const maxRefusals = 3
const againMs = 1000

export interface JobPublisherPorts extends JobMessagePorts {
  readonly stomp: Stomp
  readonly clock: Clock
  readonly timeouts: Timeouts
  readonly index: JobIndex
  readonly jobs: Jobs
  readonly secrets: Pick<Secrets, 'whole' | 'forget'>
  readonly spans: Pick<DispatchSpans, 'end'> | undefined
  /** Whether it is known when a job expires; `release` is called once it is. */
  readonly current: Pick<Current, 'mayLeave' | 'brokerNow' | 'replyTo'>
}

export class JobPublisher implements JobListener {
  readonly #ports: JobPublisherPorts
  /** In the order in which they are to leave; the value counts refusals. */
  readonly #waiting = new Map<string, number>()
  readonly #underWay = new Set<string>()
  readonly #suspects: Suspects
  #session: BrokerSession | undefined
  /** Whether jobs that may have left before are sent again: only once the replies that wait are read. */
  #mayRepeat = false

  constructor(ports: JobPublisherPorts) {
    this.#ports = ports
    this.#suspects = new Suspects({
      timeouts: ports.timeouts,
      isWaiting: requestId => this.#waiting.has(requestId),
      onTurn: () => this.#flush(),
    })
    ports.jobs.listen(this)
  }

  add(requestId: string): void {
    this.#waiting.set(requestId, 0)
    this.#flush()
  }

  /** Nobody is to have it any more. */
  ended(requestId: string): void {
    const phase = this.#ports.index.latest(requestId)?.phase
    this.#delete(requestId, phase?.at === 'ended' ? phase.outcome.type : undefined)
    this.#ports.secrets.forget(requestId)
  }

  #delete(requestId: string, error?: string): void {
    this.#ports.spans?.end(requestId, error)
    this.#waiting.delete(requestId)
    this.#suspects.delete(requestId)
  }

  /** The broker's time is known, or taken as known: jobs may leave. */
  release(): void {
    this.#flush()
  }

  /** Jobs may leave. */
  open(session: BrokerSession): void {
    this.#session = session
    this.#flush()
  }

  /** The replies that waited are read: a job that still has no RECEIPT and no reply goes out again. */
  repeat(): void {
    this.#mayRepeat = true
    this.#suspects.takeTurns()
    this.#flush()
  }

  away(): void {
    this.#session = undefined
    this.#mayRepeat = false
    this.#underWay.clear()
    this.#suspects.away()
  }

  #flush(): void {
    const session = this.#session
    if (session === undefined || this.#waiting.size === 0 || !this.#ports.current.mayLeave(session)) return
    for (const requestId of this.#suspects.isTheirTurn ? [] : this.#waiting.keys()) {
      if (this.#underWay.size >= window || this.#isAnySuspectUnderWay()) return
      if (this.#underWay.has(requestId) || this.#suspects.has(requestId)) continue
      this.#sendIfDue(requestId, session)
    }
    if (this.#underWay.size > 0) return
    for (const requestId of this.#suspects.requestIds()) {
      this.#sendIfDue(requestId, session)
      if (this.#underWay.size === 0) continue
      this.#suspects.oneHasLeft()
      return
    }
  }

  #isAnySuspectUnderWay(): boolean {
    return this.#underWay.size === 1 && [...this.#underWay].some(requestId => this.#suspects.has(requestId))
  }

  #sendIfDue(requestId: string, session: BrokerSession): void {
    const job = this.#ports.index.latest(requestId)
    if (job?.phase.at !== 'unsent') this.#delete(requestId)
    else if (this.#waiting.has(requestId) && (!job.phase.tried || this.#mayRepeat)) void this.#send(job, session)
  }

  async #send(job: JobState, session: BrokerSession): Promise<void> {
    const { stomp, clock, jobs, secrets } = this.#ports
    const { request_id } = job
    this.#underWay.add(request_id)
    jobs.apply(request_id, { type: 'tried', notice: this.#unordered(job, session), run: session.run })
    try {
      const made = jobMessage(job, session, this.#ports)
      const message = made instanceof Promise ? await made : made
      if (this.#isDue(request_id, session)) {
        if (stomp.frameLimit !== undefined) this.#suspects.noteSize(request_id, message.body.length)
        await stomp.publish(message, { isAlone: this.#suspects.has(request_id) })
        this.#delete(request_id)
        secrets.forget(request_id)
        jobs.apply(request_id, { type: 'sent', at: clock.now() })
      }
    } catch (error) {
      this.#failed(request_id, error, session)
    }
    if (this.#session !== session) return
    this.#underWay.delete(request_id)
    this.#flush()
  }

  /** Whether it still waits, after its sealing took a moment. */
  #isDue(requestId: string, session: BrokerSession): boolean {
    return this.#session === session && this.#ports.index.latest(requestId)?.phase.at === 'unsent'
  }

  #failed(requestId: string, error: unknown, session: BrokerSession): void {
    const code = error instanceof DroverError ? error.code : 'broker_error'
    if (code === 'closed') return
    if (code === 'connection_lost') {
      const reason = this.#suspects.sessionEnded(requestId, (error as DroverError).cause, session)
      if (reason !== undefined) this.#refuse(requestId, reason)
      return
    }
    const refusals = (this.#waiting.get(requestId) ?? 0) + 1
    const passes = code === 'timed_out' || code === 'keys_unavailable' || code === 'store_failed'
    if (code === 'keys_unavailable') this.#noteUnsealed(requestId, error as DroverError)
    if (!passes && (code !== 'broker_error' || refusals >= maxRefusals)) {
      this.#refuse(requestId, error)
      return
    }
    this.#waiting.delete(requestId)
    this.#ports.timeouts.set(`again ${requestId}`, againMs * 2 ** Math.min(5, refusals - 1), () => {
      this.#waiting.set(requestId, passes ? 0 : refusals)
      this.#flush()
    })
  }

  #noteUnsealed(requestId: string, { message }: DroverError): void {
    const { clock, jobs } = this.#ports
    const notice = { type: 'unsealed', message: `Not sealed yet: ${message}`, at: clock.now() } as const
    jobs.apply(requestId, { type: 'waits', notice })
  }

  #refuse(requestId: string, error: unknown): void {
    this.#delete(requestId, error instanceof DroverError ? error.code : 'broker_error')
    const why = error instanceof Error ? error.message : String(error)
    this.#ports.jobs.refuse(requestId, error instanceof DroverError ? error : new DroverError('broker_error', why))
  }

  /**
   * Why its priority may not count, which its reader is told. An ordinary one is where every job without one stands, and a
   * broadcast waits in no common queue.
   */
  #unordered({ mode, priority = ordinaryPriority }: JobState, { dialect }: BrokerSession): Notice | undefined {
    const message = mode === 'queue' && priority !== ordinaryPriority ? dialect.unordered : undefined
    return message === undefined ? undefined : { type: 'priority', message, at: this.#ports.clock.now() }
  }
}
