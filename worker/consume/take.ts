/** Taking a job: a delivery becomes a claim, with its replies and its deadline. */
import { type Job, wireVersion } from '../../shared/contract/mod.ts'
import type { Incoming } from '../../shared/stomp/mod.ts'
import type { Core } from '../core.ts'
import type { Implementation } from '../implement.ts'
import type { JobOrigin } from '../settle/job-headers.ts'
import type { Claim, Copy } from './claim.ts'
import type { Handed } from './handed.ts'
import type { ReadJob } from './read-job.ts'

/**
 * Makes a claim of what was read. It is not yet held.
 * @param read a job, or one that is only to be answered
 */
export function claimOf(
  core: Core,
  implementation: Implementation,
  read: Exclude<ReadJob, { is: 'unanswerable' }>,
  mode: 'queue' | 'topic',
  incoming: Incoming,
  handed: Handed | undefined,
): Claim {
  const task = implementation.task.name
  const { requestId, replyTo, deadlineAt } = read
  const unread: Job = { v: wireVersion, request_id: requestId, task, input: undefined, attempt: 1, losses: 0 }
  const job = read.is === 'job' ? read.job : unread
  const origin: JobOrigin = { requestId, replyTo, deadlineAt, headers: incoming.headers }
  const copy: Copy = { origin, body: incoming.body, handed, connection: core.connection.number }
  const claim: Omit<Claim, 'replies'> = {
    requestId,
    deadlineAt,
    implementation,
    task,
    mode,
    job,
    copies: [copy],
    stop: new AbortController(),
    phase: 'waiting',
    stopped: undefined,
    lastProgress: undefined,
    timers: new Set(),
  }
  return Object.assign(claim, { replies: core.repliesFor(claim, job.attempt) })
}

/** Holds a claim, until its deadline at most. */
export function hold(core: Core, claim: Claim, onDeadline: () => void): void {
  let stop = (): void => {}
  const arm = (): void => {
    const leftMs = claim.deadlineAt - core.clock.steady()
    if (leftMs <= 0) onDeadline()
    else stop = core.clock.timer(leftMs, arm) // which waits for days at most, and may be early
  }
  claim.timers.add(() => stop())
  core.claims.add(claim)
  arm()
}
