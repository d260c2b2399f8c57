/**
 * A job in its slot: `accepted`, the attempt, and the steps that follow from its end. Promises 5 and 6.
 *
 *     waiting ──slot──▶ running ──outcome──▶ (memory)
 *        ▲                 │ failed, attempts left
 *        │                 ├──(queue: published again)──▶ (the broker)
 *        └─────────────── resting (a broadcast)
 */
import type { Clock } from '../../shared/clock.ts'
import { DroverError, type Issue, type WireError } from '../../shared/contract/mod.ts'
import type { Stomp } from '../../shared/stomp/mod.ts'
import type { Span, Tracing } from '../../shared/tracing/port.ts'
import { traceIn } from '../../shared/tracing/trace-context.ts'
import type { Slots, SlotsListener } from '../consume/slots.ts'
import type { TaskLimits } from '../consume/task-limits.ts'
import type { HeldJob, HeldJobs } from '../held-job.ts'
import type { IsolatedAttempt, Isolates } from '../isolate/isolates.ts'
import type { WorkerLimits, WorkerRuntime } from '../options.ts'
import type { AnnouncedTask } from '../presence/input-schema.ts'
import type { Presence } from '../presence/presence.ts'
import { isForAnother, type JobEnds } from '../settle/job-ends.ts'
import type { JobEvents } from '../settle/job-events.ts'
import { rejection, sealRefusal } from '../settle/outcome.ts'
import type { OutcomeFields, Replies } from '../settle/replies.ts'
import { outputTooLarge, type SizeLimit } from '../settle/too-large.ts'
import { toWireError } from '../settle/wire-error.ts'
import { type RunEnd, runAttempt } from './attempt.ts'
import { createJobContext, type JobContextPorts } from './job-context.ts'
import type { Retries } from './retry.ts'
import { attemptsOf } from './retry-delay.ts'
import { errorOf, startRun } from './run-spans.ts'
import type { StallDetector } from './stall.ts'
import type { StuckRuns } from './stuck-runs.ts'

export interface JobRunnerPorts {
  readonly stomp: Pick<Stomp, 'opened' | 'transaction' | 'frameLimit'>
  readonly heldJobs: Pick<HeldJobs, 'holds'>
  readonly slots: Pick<Slots, 'free'>
  readonly presence: Pick<Presence, 'changed'>
  readonly ends: Pick<JobEnds, 'outcome' | 'stopped' | 'abandon' | 'republish'>
  readonly retries: Pick<Retries, 'retry'>
  readonly isolates: Pick<Isolates, 'run'>
  readonly stuck: Pick<StuckRuns, 'add'>
  readonly taskLimits: Pick<TaskLimits, 'goesOn'>
  /** Absent: nobody traces. */
  readonly tracing: Tracing | undefined
  readonly workerId: string
  readonly events: JobEvents
  readonly stall: Pick<StallDetector, 'look'>
  readonly runtime: Pick<WorkerRuntime, 'written'>
  readonly limits: Pick<WorkerLimits, 'stopGraceMs'>
  readonly announced: readonly AnnouncedTask[]
  readonly clock: Clock
  /** The limit of a body that may be sent now. */
  sizeLimit(): SizeLimit
  problem(message: string, error?: unknown, requestId?: string): void
}

export class JobRunner implements SlotsListener {
  readonly #ports: JobRunnerPorts
  readonly #inputSchemas: ReadonlyMap<string, unknown>

  constructor(ports: JobRunnerPorts) {
    this.#ports = ports
    this.#inputSchemas = new Map(ports.announced.map(({ name, inputSchema }) => [name, inputSchema]))
  }

  /** Runs a job that has a slot, and frees the slot when its run is over. */
  start(held: HeldJob): void {
    void this.#run(held)
  }

  /** Never rejects. */
  async #run(held: HeldJob): Promise<void> {
    const { slots, presence, heldJobs, ends, problem } = this.#ports
    held.phase = 'running'
    presence.changed()
    try {
      await this.#runOnce(held)
    } catch (thrown) {
      problem(`Job ${held.requestId} could not be run`, held.replies.isSealed ? undefined : thrown, held.requestId)
      if (heldJobs.holds(held)) void ends.outcome(held, { type: 'error', error: toWireError(thrown) })
    } finally {
      slots.free(held)
      presence.changed()
    }
  }

  async #runOnce(held: HeldJob): Promise<void> {
    const { stomp, events, clock, runtime, stall, tracing, workerId } = this.#ports
    const { job, replies, stop } = held
    const opened = replies.isSealed ? await openInput(held) : { input: job.input }
    if (opened instanceof DroverError) return this.#closed(held, opened)
    replies.accepted(job.losses)
    events.publish(held, 'accepted')
    events.log(held, 'accepted')
    await runtime.written() // should the code end this process, its masters know that it began
    const span = tracing && startRun(tracing, held, workerId, clock)
    const startedAt = clock.steady()
    const { ended, end, kill } = this.#begin(held, opened.input, span)
    const runEnd = await Promise.race([ended, this.#graceOver(stop.signal, ended)])
    stall.look() // before its outcome, which nothing follows
    end()
    const tookMs = Math.max(0, Math.round(clock.steady() - startedAt))
    const whole = runEnd?.is === 'done' ? await arrived(stomp, held, runEnd) : runEnd
    span?.end(errorOf(whole, held))
    if (whole === undefined) return await this.#giveUp(held, ended, kill)
    await this.#conclude(held, whole, tookMs)
  }

  /** Begins an attempt, here or in a child. */
  #begin(held: HeldJob, input: unknown, span: Span | undefined): BegunAttempt {
    const { stomp, clock, problem, sizeLimit, isolates } = this.#ports
    const { implementation, replies, stop, requestId: request_id, task } = held
    const { attempt, losses, tags } = held.job
    const schema = this.#inputSchemas.get(task)
    const ports: Omit<JobContextPorts, 'clock'> = {
      request_id,
      task,
      attempt,
      losses,
      tags,
      trace: span?.trace ?? traceIn(held.copies[0]!.origin.headers),
      signal: stop.signal,
      whyNoMore: () => stomp.frameLimit?.why,
      maxCharacters: () => sizeLimit().bytes / (replies.isSealed ? 4.5 : 3), // base64url and headers make it larger
      send: fields => {
        if (fields.type === 'progress') held.lastProgress = fields
        replies.send(fields)
      },
      drained: () => drained(stomp, replies, stop.signal),
      // An error of a value may quote it
      problem: (message, error) =>
        problem(`Job ${request_id}: ${message}`, replies.isSealed ? undefined : error, request_id),
    }
    if (implementation.isolate !== undefined) {
      const job = { ...ports, input, stopped: () => held.stopped }
      return { ...isolates.run(implementation, job, schema), end() {} }
    }
    const { context, end } = createJobContext({ ...ports, clock })
    const attempted = (): Promise<RunEnd> => runAttempt(implementation, input, context, schema)
    return { ended: span === undefined ? attempted() : span.within(attempted), end }
  }

  /** The grace of a run that was told to stop is over. Code that nothing can end goes on without its job, and its output is dropped. */
  async #giveUp(held: HeldJob, ended: Promise<unknown>, kill: BegunAttempt['kill']): Promise<void> {
    const { ends, stuck, presence, taskLimits } = this.#ports
    if (await kill?.()) return ends.stopped(held, held.stopped!)
    const isFree = stuck.add(held, ended, () => presence.changed())
    if (isFree) taskLimits.goesOn(held.task, ended)
    if (isForAnother(held)) ends.abandon(held)
    else ends.stopped(held, held.stopped!)
    if (!isFree) await ended
  }

  /** A job that does not open, for a reason that its sender is told. */
  #closed(held: HeldJob, error: DroverError): void {
    const { ends } = this.#ports
    if (error.code === 'cannot_open') return void ends.republish(held)
    void ends.outcome(held, ...sealRefusal(held, error))
  }

  async #conclude(held: HeldJob, end: RunEnd, took_ms: number): Promise<void> {
    const { ends, retries } = this.#ports
    const { replies } = held
    if (end.is !== 'failed') {
      const wanted = outcomeOf(end, took_ms)
      const issues = end.is === 'rejected' && held.job.retried !== undefined ? end.issues : undefined
      const shown = issues !== undefined && replies.isSealed ? sealedIssues : issues
      const dead = shown && rejection(held, shown)[1] // an operator had it sent again, and sees why in vain
      void ends.outcome(held, replies.isSealed ? await replies.sealed(wanted) : wanted, dead)
    } else if (held.stopped !== undefined) ends.stopped(held, held.stopped)
    else if (!retries.retry(held, end.error)) await this.#fail(held, end.error, took_ms)
  }

  /** Ends a job whose last attempt failed; one of a queue that had more than one, or was dead before, goes to dead too. */
  async #fail(held: HeldJob, thrown: WireError, took_ms: number): Promise<void> {
    const attempts = attemptsOf(held.implementation.task, held.job)
    const { attempt } = held.job
    const isUsedUp = (attempts > 1 && attempt >= attempts) || held.job.retried !== undefined
    const isDead = isUsedUp && held.mode === 'queue'
    const wanted: OutcomeFields = { type: 'error', error: thrown, took_ms }
    const outcome = held.replies.isSealed ? await held.replies.sealed(wanted) : wanted
    const { error } = outcome.type === 'error' ? outcome : wanted // a dead letter has the placeholder of a sealed one
    void this.#ports.ends.outcome(held, outcome, isDead ? { error, attempt } : undefined)
  }

  /** Resolves with nothing when the signal has been aborted for the grace and the run has not ended. */
  #graceOver(signal: AbortSignal, running: Promise<unknown>): Promise<undefined> {
    const { clock, limits } = this.#ports
    return new Promise(resolve => {
      let stop = (): void => {}
      const onAbort = (): void => {
        stop = clock.timer(limits.stopGraceMs, () => resolve(undefined))
      }
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) onAbort()
      void running.then(() => {
        stop()
        signal.removeEventListener('abort', onAbort)
      })
    })
  }
}

/** An attempt that has begun. `kill` is absent where nothing could end it. */
interface BegunAttempt extends Pick<IsolatedAttempt, 'ended'>, Partial<Pick<IsolatedAttempt, 'kill'>> {
  /** Nothing that it says counts from now on. */
  end(): void
}

const outcomeOf = (end: Exclude<RunEnd, { is: 'failed' }>, took_ms: number): OutcomeFields =>
  end.is === 'done' ? { type: 'result', output: end.output, took_ms } : { type: 'rejected', issues: [...end.issues] }

const sealedIssues: readonly Issue[] = [{ path: '', message: 'The worker rejected this input; why is sealed' }]

/** The input of a sealed job, or why it does not open. */
async function openInput({ seal }: HeldJob): Promise<{ readonly input: unknown } | DroverError> {
  try {
    return await seal!.open()
  } catch (error) {
    if (error instanceof DroverError) return error
    throw error
  }
}

/** The end of a run, unless one of its partials ended the connection by its size: no result is whole without it. */
async function arrived(stomp: JobRunnerPorts['stomp'], { stop, replies }: HeldJob, done: RunEnd): Promise<RunEnd> {
  const { frameLimit } = stomp
  if (frameLimit === undefined) return done
  if (replies.isSealed) await replies.sent() // they grow by that
  const { bytes } = replies.largestPartial
  if (bytes === 0) return done
  await drained(stomp, replies, stop.signal)
  if (bytes <= (frameLimit.maxFrameBytes ?? bytes)) return done
  return { is: 'failed', error: outputTooLarge(`A partial of ${bytes} bytes is too large: ${frameLimit.why}`) }
}

/** Resolves when the broker has taken all replies so far, or the run is to stop. */
async function drained(
  stomp: JobRunnerPorts['stomp'],
  replies: Pick<Replies, 'sent'>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await replies.sent()
    await stomp.opened(signal)
    await stomp.transaction(() => {})
  } catch {
    // lost or stopped: the run hears of the second by its signal
  }
}
