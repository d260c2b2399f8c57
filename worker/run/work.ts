/**
 * A job in its slot: `accepted`, the attempt, and what follows from how it ended. Promises 5 and 6.
 *
 *     waiting ──slot──▶ running ──outcome──▶ (memory)
 *        ▲                 │ failed, attempts left
 *        └──(broadcast)── resting ──(queue: published again)──▶ (the broker)
 */
import type { WireError } from '../../shared/contract/mod.ts'
import { Largest, type Outgoing } from '../../shared/stomp/mod.ts'
import type { Claim, Stopped } from '../consume/claim.ts'
import { repliesFor } from '../consume/take.ts'
import { type Core, stopReason, tellJob } from '../core.ts'
import { publishEvent } from '../settle/events.ts'
import { finish, shutdownReason, stoppedOutcome } from '../settle/finish.ts'
import { giveBack, jobAgain, release, requeue } from '../settle/onward.ts'
import { outcomeBytes } from '../settle/outcome-bytes.ts'
import { outputTooLarge } from '../settle/too-large.ts'
import { type RunEnd, runAttempt } from './attempt.ts'
import { createJobContext } from './job-context.ts'
import { retryDelayMs } from './retry.ts'
import { stoodStill } from './still.ts'
import { toWireError } from './wire-error.ts'

/** A lane that was opened for so short a time would be one too many right after. */
const briefRestMs = 500

/** Runs a job that has a slot, and frees the slot when the task's code has returned. Never rejects. */
export async function work(core: Core, claim: Claim): Promise<void> {
  claim.phase = 'running'
  core.presence.changed()
  try {
    await runOnce(core, claim)
  } catch (thrown) {
    core.tell({ type: 'problem', message: `Job ${claim.requestId} could not be run`, error: thrown })
    if (core.claims.get(claim.requestId) === claim)
      void finish(core, claim, { type: 'error', error: toWireError(thrown) })
  } finally {
    core.slots.free()
    core.presence.changed()
  }
}

/** Tells a job to stop, wherever it is: a run by its signal, one that waits or rests by its outcome. */
export function stopClaim(core: Core, claim: Claim, stopped: Stopped): void {
  if (claim.stopped !== undefined) return
  claim.stopped = stopped
  claim.stop.abort(stopReason(stopped))
  if (claim.phase === 'running') return
  core.slots.withdraw(claim)
  if (!isForQueue(claim)) void finish(core, claim, stoppedOutcome(stopped))
  else if (claim.phase === 'waiting') void giveBack(core, claim)
  else void publishRetry(core, claim, 0)
}

/** Says once more that a job runs here, and how far it is. */
export function sayAgain(core: Core, claim: Claim): void {
  claim.replies.send({ type: 'accepted', name: core.name, losses: claim.job.losses })
  if (claim.lastProgress !== undefined) claim.replies.send(claim.lastProgress)
}

/** Says once more what runs here, once there is a connection again: who cancelled it meanwhile was not heard. */
export function sayWhatRuns(core: Core): void {
  for (const claim of core.claims) if (claim.phase !== 'waiting') sayAgain(core, claim)
}

/** Tells the log, and whoever waits for what runs here, that this worker stood still. */
export function tellStoodStill(core: Core, ms: number): void {
  const message = stoodStill(ms)
  core.tell({ type: 'problem', message })
  for (const { phase, replies } of core.claims) {
    if (phase === 'running') void insist(core, replies.notice({ type: 'log', level: 'warn', message }))
  }
}

/** Sends what the connection at hand may no longer carry, by the next one if it has to. */
async function insist(core: Core, messages: readonly Outgoing[]): Promise<void> {
  for (let tries = 0; tries < 2; tries++) {
    try {
      await core.stomp.opened()
      await core.stomp.transaction(transaction => {
        for (const message of messages) transaction.publish(message)
      })
      return
    } catch {
      // lost, which is what it is about
    }
  }
}

async function runOnce(core: Core, claim: Claim): Promise<void> {
  const { implementation, job, replies, stop, requestId, task } = claim
  const { attempt, losses } = job
  replies.send({ type: 'accepted', name: core.name, losses })
  publishEvent(core, claim, 'accepted')
  tellJob(core, claim, 'accepted')
  const partials = new Largest()
  const { context, end } = createJobContext({
    request_id: requestId,
    task,
    attempt,
    losses,
    signal: stop.signal,
    whyNoMore: () => core.stomp.frameLimit?.why,
    maxCharacters: () => outcomeBytes(core) / 3,
    steady: core.clock.steady,
    send: fields => {
      if (fields.type === 'progress') claim.lastProgress = fields
      const sent = replies.send(fields)
      if (fields.type === 'partial') for (const message of sent) partials.add(message)
    },
    drained: () => drained(core, stop.signal),
    problem: (message, error) => core.tell({ type: 'problem', message: `Job ${requestId}: ${message}`, error }),
  })
  await core.written() // should the code end this process, its masters know that it began
  const startedAt = core.clock.steady()
  const running = runAttempt(implementation, job.input, context, core.inputSchemas.get(task))
  const runEnd = await Promise.race([running, graceOver(stop.signal, core.limits.stopGraceMs, running)])
  core.still.look() // before its outcome, which nothing follows
  end()
  const tookMs = Math.max(0, Math.round(core.clock.steady() - startedAt))
  if (runEnd?.is === 'done') return conclude(core, claim, await arrived(core, claim, partials, runEnd), tookMs)
  if (runEnd !== undefined) return conclude(core, claim, runEnd, tookMs)
  // Its code goes on without its job: what it still returns is dropped, and its slot stays taken until it does.
  core.tell({
    type: 'problem',
    message: `Job ${requestId}: task "${task}" does not heed its signal and holds its slot`,
  })
  if (isForQueue(claim)) leave(core, claim)
  else concludeStopped(core, claim, claim.stopped!)
  await running
}

function conclude(core: Core, claim: Claim, end: RunEnd, took_ms: number): void {
  if (end.is === 'done') void finish(core, claim, { type: 'result', output: end.output, took_ms })
  else if (end.is === 'rejected') void finish(core, claim, { type: 'rejected', issues: [...end.issues] })
  else if (claim.stopped !== undefined) concludeStopped(core, claim, claim.stopped)
  else concludeFailed(core, claim, end.error, took_ms)
}

function concludeFailed(core: Core, claim: Claim, error: WireError, took_ms: number): void {
  const { task } = claim.implementation
  const { attempt } = claim.job
  const delayMs = retryDelayMs(task, error, attempt, claim.deadlineAt - core.clock.steady())
  if (delayMs !== undefined && !(core.isDraining && claim.mode === 'topic')) {
    retry(core, claim, error, delayMs)
    return
  }
  const attempts = task.attempts ?? 1
  const isUsedUp = attempts > 1 && attempt >= attempts && claim.mode === 'queue'
  void finish(core, claim, { type: 'error', error, took_ms }, isUsedUp ? { error, attempt } : undefined)
}

function concludeStopped(core: Core, claim: Claim, stopped: Stopped): void {
  if (isForQueue(claim)) void requeue(core, claim, shutdownReason)
  else void finish(core, claim, stoppedOutcome(stopped))
}

/** Whether it was stopped for the sake of this worker alone, and another is to have it. */
const isForQueue = ({ stopped, mode }: Claim): boolean => stopped?.why === 'shutdown' && mode === 'queue'

/** Its code goes on, so that it must not begin elsewhere: the broker hands it out once the connection ends, which is next. */
function leave(core: Core, claim: Claim): void {
  core.claims.remove(claim)
  tellJob(core, claim, 'lost')
}

function retry(core: Core, claim: Claim, error: WireError, delayMs: number): void {
  claim.replies.send({ type: 'retrying', error, ...(delayMs > 0 ? { next_at: core.clock.now() + delayMs } : {}) })
  publishEvent(core, claim, 'retrying')
  tellJob(core, claim, 'retrying', { error })
  const { delayHeader, delaysInTransaction } = core.session().dialect
  const isDelayedByBroker = delayMs === 0 || (delayHeader !== undefined && delaysInTransaction)
  if (claim.mode === 'queue' && isDelayedByBroker) return void publishRetry(core, claim, delayMs)
  claim.phase = 'resting'
  if (claim.mode === 'queue' && delayMs <= briefRestMs) core.claims.leavesSoon(claim)
  const stop = core.clock.timer(delayMs, () => {
    if (claim.stopped !== undefined || core.claims.get(claim.requestId) !== claim) return
    if (claim.mode === 'queue') return void publishRetry(core, claim, 0)
    claim.job = { ...claim.job, attempt: claim.job.attempt + 1 }
    claim.replies = repliesFor(core, claim, claim.job.attempt)
    claim.phase = 'waiting'
    core.slots.offer(claim)
  })
  claim.stop.signal.addEventListener('abort', stop, { once: true })
}

async function publishRetry(core: Core, claim: Claim, delayMs: number): Promise<void> {
  const attempt = claim.job.attempt + 1
  core.claims.remove(claim)
  core.slots.adjust()
  await release(core, claim, jobAgain(core, claim, { attempt, handed_back: undefined }, delayMs))
}

/** What a run ended with, unless one of its partials ended the connection by its size: no result is whole without it. */
async function arrived(core: Core, claim: Claim, { bytes }: Largest, done: RunEnd): Promise<RunEnd> {
  const { frameLimit } = core.stomp
  if (frameLimit === undefined || bytes === 0) return done
  await drained(core, claim.stop.signal)
  if (bytes <= (frameLimit.maxFrameBytes ?? bytes)) return done
  return { is: 'failed', error: outputTooLarge(`A partial of ${bytes} bytes is too large: ${frameLimit.why}`) }
}

/** Resolves with nothing when the signal has been aborted for the grace and the run has not ended. */
function graceOver(signal: AbortSignal, graceMs: number, running: Promise<unknown>): Promise<undefined> {
  return new Promise(resolve => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const onAbort = (): void => {
      timer = setTimeout(resolve, graceMs, undefined)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    void running.then(() => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    })
  })
}

/** Resolves when the broker has taken what was sent before, or the run is to stop. */
async function drained(core: Core, signal: AbortSignal): Promise<void> {
  try {
    await core.stomp.opened(signal)
    await core.stomp.transaction(() => {})
  } catch {
    // lost or stopped: the run hears of the second by its signal
  }
}
