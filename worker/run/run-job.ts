/**
 * A job in its slot: `accepted`, the attempt, and the steps that follow from its end. Promises 5 and 6.
 *
 *     waiting ──slot──▶ running ──outcome──▶ (memory)
 *        ▲                 │ failed, attempts left
 *        └──(broadcast)── resting ──(queue: published again)──▶ (the broker)
 */
import type { Clock } from '../../shared/clock.ts'
import { DroverError, type Issue, toIssues, type WireError } from '../../shared/contract/mod.ts'
import { redactTexts, secretTexts } from '../../shared/contract/secret-texts.ts'
import type { StandardSchema } from '../../shared/contract/standard-schema.ts'
import type { Stomp } from '../../shared/stomp/mod.ts'
import type { Slots, SlotsListener } from '../consume/slots.ts'
import type { HeldJob, HeldJobs } from '../held-job.ts'
import type { Implementation } from '../implement.ts'
import type { WorkerLimits, WorkerRuntime } from '../options.ts'
import type { AnnouncedTask } from '../presence/input-schema.ts'
import type { Presence } from '../presence/presence.ts'
import { isForAnother, type JobEnds } from '../settle/job-ends.ts'
import type { JobEvents } from '../settle/job-events.ts'
import { rejection, sealRefusal } from '../settle/outcome.ts'
import type { OutcomeFields, Replies } from '../settle/replies.ts'
import { outputTooLarge, type SizeLimit } from '../settle/too-large.ts'
import { toWireError } from '../settle/wire-error.ts'
import { createJobContext, type JobContext } from './job-context.ts'
import { checkOutput, validate } from './payload.ts'
import type { Retries } from './retry.ts'
import type { StallDetector } from './stall.ts'

export interface JobRunnerPorts {
  readonly stomp: Pick<Stomp, 'opened' | 'transaction' | 'frameLimit'>
  readonly heldJobs: Pick<HeldJobs, 'holds'>
  readonly slots: Pick<Slots, 'free'>
  readonly presence: Pick<Presence, 'changed'>
  readonly ends: Pick<JobEnds, 'outcome' | 'stopped' | 'abandon' | 'republish'>
  readonly retries: Pick<Retries, 'retry'>
  readonly events: JobEvents
  readonly stall: Pick<StallDetector, 'look'>
  readonly runtime: Pick<WorkerRuntime, 'written'>
  readonly limits: Pick<WorkerLimits, 'stopGraceMs'>
  readonly announced: readonly AnnouncedTask[]
  readonly clock: Clock
  /** The limit of a body that may be sent now. */
  sizeLimit(): SizeLimit
  problem(message: string, error?: unknown): void
}

export class JobRunner implements SlotsListener {
  readonly #ports: JobRunnerPorts
  readonly #inputSchemas: ReadonlyMap<string, unknown>

  constructor(ports: JobRunnerPorts) {
    this.#ports = ports
    this.#inputSchemas = new Map(ports.announced.map(({ name, inputSchema }) => [name, inputSchema]))
  }

  /** Runs a job that has a slot, and frees the slot when the task's code has returned. */
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
      problem(`Job ${held.requestId} could not be run`, held.replies.isSealed ? undefined : thrown)
      if (heldJobs.holds(held)) void ends.outcome(held, { type: 'error', error: toWireError(thrown) })
    } finally {
      slots.free()
      presence.changed()
    }
  }

  async #runOnce(held: HeldJob): Promise<void> {
    const { stomp, ends, events, clock, runtime, stall, problem, sizeLimit } = this.#ports
    const { implementation, job, replies, stop, requestId, task } = held
    const { attempt, losses } = job
    const opened = replies.isSealed ? await openInput(held) : { input: job.input }
    if (opened instanceof DroverError) return this.#closed(held, opened)
    replies.accepted(losses)
    events.publish(held, 'accepted')
    events.log(held, 'accepted')
    const { context, end } = createJobContext({
      request_id: requestId,
      task,
      attempt,
      losses,
      signal: stop.signal,
      whyNoMore: () => stomp.frameLimit?.why,
      maxCharacters: () => sizeLimit().bytes / (replies.isSealed ? 4.5 : 3), // base64url and headers make it larger
      clock,
      send: fields => {
        if (fields.type === 'progress') held.lastProgress = fields
        replies.send(fields)
      },
      drained: () => drained(stomp, replies, stop.signal),
      // An error of a value may quote it
      problem: (message, error) => problem(`Job ${requestId}: ${message}`, replies.isSealed ? undefined : error),
    })
    await runtime.written() // should the code end this process, its masters know that it began
    const startedAt = clock.steady()
    const running = runAttempt(implementation, opened.input, context, this.#inputSchemas.get(task))
    const runEnd = await Promise.race([running, this.#graceOver(stop.signal, running)])
    stall.look() // before its outcome, which nothing follows
    end()
    const tookMs = Math.max(0, Math.round(clock.steady() - startedAt))
    if (runEnd !== undefined) {
      const whole = runEnd.is === 'done' ? await arrived(stomp, held, runEnd) : runEnd
      await this.#conclude(held, whole, tookMs)
      return
    }
    // Its code goes on without its job: its output is dropped then, and its slot stays taken until it returns.
    problem(`Job ${requestId}: task "${task}" does not heed its signal and holds its slot`)
    if (isForAnother(held)) ends.abandon(held)
    else ends.stopped(held, held.stopped!)
    await running
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
    const { attempts = 1 } = held.implementation.task
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

/** How an attempt ended. */
export type RunEnd =
  /** `output` is JSON already: the returned value, which is the schema's input side. */
  | { readonly is: 'done'; readonly output: unknown }
  | { readonly is: 'rejected'; readonly issues: readonly Issue[] }
  | { readonly is: 'failed'; readonly error: WireError }

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

/**
 * One attempt: checks the input, runs, checks the output. Never rejects, also when the task's code throws.
 * @param input as it travelled; parsed here, so that transforms run once
 * @param schema JSON Schema of the input: a text that it marks as secret is quoted in no issue and no error
 */
export async function runAttempt(
  implementation: Implementation,
  input: unknown,
  context: JobContext,
  schema?: unknown,
): Promise<RunEnd> {
  const end = await attempt(implementation, input, context)
  if (end.is === 'done') return end
  const secrets = secretTexts(schema, input)
  const said = <T extends { readonly message: string }>(one: T): T => ({
    ...one,
    message: redactTexts(one.message, secrets),
  })
  if (secrets.length === 0) return end
  return end.is === 'failed' ? { ...end, error: said(end.error) } : { ...end, issues: end.issues.map(said) }
}

async function attempt({ task, run }: Implementation, input: unknown, context: JobContext): Promise<RunEnd> {
  try {
    const checked = await validate(task.input, input)
    if (checked.issues !== undefined) return { is: 'rejected', issues: toIssues(checked.issues) }
    const returned = run(checked.value, context)
    const output = isGenerator(returned) ? await drive(returned, context) : await returned
    return { is: 'done', output: await checkOutput(task.output as StandardSchema | undefined, output) }
  } catch (thrown) {
    return { is: 'failed', error: toWireError(thrown) }
  }
}

function isGenerator(returned: unknown): returned is AsyncGenerator<unknown, unknown, undefined> {
  return typeof returned === 'object' && returned !== null && Symbol.asyncIterator in returned && 'next' in returned
}

/** Sends each yield; at the first one after the signal aborts, the generator is ended where it stands. */
async function drive(generator: AsyncGenerator<unknown, unknown, undefined>, context: JobContext): Promise<unknown> {
  for (;;) {
    const step = await generator.next()
    if (step.done === true) return step.value
    try {
      context.signal.throwIfAborted()
      await context.partial(step.value)
    } catch (error) {
      await generator.return(undefined)
      throw error
    }
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
