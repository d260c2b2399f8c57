/** The spans of a job that runs here: its wait at the broker, which is over, and its run. */
import type { Clock } from '../../shared/clock.ts'
import { sealedCode } from '../../shared/contract/mod.ts'
import type { Span, Tracing } from '../../shared/tracing/port.ts'
import { traceIn } from '../../shared/tracing/trace-context.ts'
import type { HeldJob } from '../held-job.ts'
import { instantIn } from '../job-copy.ts'
import type { RunEnd } from './attempt.ts'

/** Starts the span of a run, as the next part of the job's trace, or of a new one where the job brought none. */
export function startRun(
  tracing: Tracing,
  held: HeldJob,
  worker_id: string,
  clock: Pick<Clock, 'now' | 'steady'>,
): Span {
  const { task, requestId: request_id, job, copies } = held
  const { origin, receivedAt } = copies[0]!
  const { attempt, losses } = job
  const { destination } = origin.headers
  const facts = { task, request_id, destination, attempt, losses, worker_id }
  const trace = traceIn(origin.headers)
  const sentAt = sentAtOf(held)
  if (trace !== undefined && sentAt > 0) {
    const endedAt = clock.now() - (clock.steady() - receivedAt)
    // The broker goes by another clock
    tracing.start('wait', { ...facts, startedAt: Math.min(sentAt, endedAt), endedAt }, trace)
  }
  const span = tracing.start('run', facts, trace)
  held.trace = span.trace
  return span
}

/** When the broker took it, or, where it does not say, when its sender made it; 0 for another attempt there. */
function sentAtOf({ job: { issued_at = 0, attempt, losses }, copies }: HeldJob): number {
  const timestamp = instantIn(copies[0]!.origin.headers['timestamp'])
  if (timestamp > 0) return timestamp
  return attempt === 1 && losses === 0 ? issued_at : 0
}

/**
 * The code of the error with which a run ended; of a sealed job a placeholder.
 * @param end absent: it did not end in time, after it was told to stop
 */
export function errorOf(end: RunEnd | undefined, { stopped, replies }: HeldJob): string | undefined {
  if (end?.is === 'done') return undefined
  if (stopped !== undefined) return stopped.why
  if (end?.is !== 'failed') return 'rejected'
  return replies.isSealed ? sealedCode : end.error.code
}
