/** Acts on what `decide` says of a delivered job. */
import type { Issue, Task, WireError } from '../../shared/contract/mod.ts'
import type { Incoming } from '../../shared/stomp/mod.ts'
import { type Core, tellJob } from '../core.ts'
import type { Implementation } from '../implement.ts'
import { toWireError } from '../run/wire-error.ts'
import { stopClaim } from '../run/work.ts'
import { finish } from '../settle/finish.ts'
import { deliveryOf } from '../settle/marks.ts'
import { deadLetter, giveBack, publishAgain, publishLost } from '../settle/onward.ts'
import { outcomeBytes } from '../settle/outcome-bytes.ts'
import { withoutPayload } from '../settle/too-large.ts'
import { type Comer, refuse, repeat, takeOver, whyNotShared } from './again.ts'
import { isBesideDoubt, passOn, runAlone } from './alone.ts'
import { type Claim, newestOf } from './claim.ts'
import { decide, type Lost } from './decide.ts'
import type { Handed } from './handed.ts'
import { readJob } from './read-job.ts'
import { claimOf, hold } from './take.ts'

/** Default of `losses`: how often a job may lose its worker while nothing else runs there. */
const defaultLosses = 3

/**
 * Takes what a queue or a topic handed out. Never throws, whatever came: a job that brings this code down would bring down
 * every worker that it is handed to, one after the other. It goes to dead instead, with the reason.
 * @param handed what settles it; absent for a broadcast
 */
export function deliver(
  core: Core,
  implementation: Implementation,
  mode: 'queue' | 'topic',
  incoming: Incoming,
  handed?: Handed,
): void {
  try {
    act(core, implementation, mode, incoming, handed)
  } catch (thrown) {
    const task = implementation.task.name
    const reason = `This worker could not handle the job: ${toWireError(thrown).message}`
    if (mode === 'queue') bury(core, task, incoming, handed, reason)
    else drop(core, task, reason)
  }
}

function act(
  core: Core,
  implementation: Implementation,
  mode: 'queue' | 'topic',
  incoming: Incoming,
  handed?: Handed,
): void {
  const { task } = implementation
  const now = core.clock.steady()
  const read = readJob(incoming, task, mode, core.session(), now)
  const id = read.requestId
  const held = id === undefined ? undefined : core.claims.get(id)
  const wasReturned = id !== undefined && core.returned.delete(id)
  const ended = id === undefined ? undefined : core.memory.ended(id, now)
  const isSuspect = read.is === 'job' && read.job.alone !== undefined && mode === 'queue'
  if (isSuspect) core.slots.beCareful()
  const decision = decide({
    read,
    mode,
    now,
    isRedelivered: incoming.headers.redelivered === 'true' && !wasReturned,
    ended,
    isHere: held !== undefined,
    whyNotShared: read.is === 'unanswerable' ? undefined : whyNotShared(comerOf(task, read, incoming), held, ended),
    cancelled: id === undefined ? undefined : core.memory.cancelled(task.name, id, now),
    isDraining: core.isDraining,
    isBesideDoubt: isSuspect && isBesideDoubt(core, read.requestId),
    maxLosses: task.losses ?? defaultLosses,
  })
  // Of what it has nothing to do with, a worker that goes away takes nothing in hand if it can be helped.
  const isItsOwn = decision.to === 'repeat_outcome' || decision.to === 'take_over_ack'
  if (core.isDraining && handed !== undefined && !isItsOwn && handed.leave()) return
  if (read.is === 'unanswerable') {
    if (decision.to === 'bury') bury(core, task.name, incoming, handed, decision.reason)
    else drop(core, task.name, read.reason)
    return
  }
  const claim = claimOf(core, implementation, read, mode, incoming, handed)
  switch (decision.to) {
    case 'repeat_outcome':
      repeat(core, decision.ended, claim)
      return
    case 'take_over_ack':
      takeOver(core, held!, claim)
      return
    case 'refuse':
      refuse(core, claim, decision.reason)
      return
    case 'reject':
      reject(core, claim, decision.issues)
      return
    case 'cancel': {
      const { reason } = decision
      return void finish(core, claim, reason === undefined ? { type: 'cancelled' } : { type: 'cancelled', reason })
    }
    case 'publish_lost':
      return void publishLost(core, claim, decision)
    case 'bury_lost':
      buryLost(core, claim, decision)
      return
    case 'unmark':
      return void publishAgain(core, claim, { handed_back: undefined })
    case 'hand_back':
      return void giveBack(core, claim)
    case 'run':
      take(core, claim)
      return
    case 'run_alone':
      runAlone(core, claim)
      return
    case 'pass_on':
      passOn(core, claim, decision.isAgain)
      return
    case 'drop':
    case 'bury':
      tellJob(core, claim, 'dropped', { reason: decision.reason })
      return
  }
}

function comerOf({ name }: Task, { replyTo }: { readonly replyTo: string }, { headers }: Incoming): Comer {
  return { task: name, replyTo, sender: headers['drover-sender'] }
}

function take(core: Core, claim: Claim): void {
  const waiting = claim.mode === 'topic' ? core.slots.waiting.filter(({ mode }) => mode === 'topic').length : 0
  if (waiting >= core.limits.waitingBroadcasts) {
    const message = `This worker has ${waiting} broadcast jobs waiting and takes no more; try again later`
    const error = { name: 'DroverError', code: 'queue_full', message, retryable: true }
    return void finish(core, claim, { type: 'error', error })
  }
  hold(core, claim, () => stopClaim(core, claim, { why: 'timed_out' }))
  if (claim.stopped === undefined) core.slots.offer(claim) // its time may have ended since it was decided upon
}

/** What is no job is told to whoever sent it, and kept for operators: nobody could make sense of it. */
function reject(core: Core, claim: Claim, issues: readonly Issue[]): void {
  const message = issues.map(issue => issue.message).join('; ')
  const error: WireError = { name: 'DroverError', code: 'rejected', message, retryable: false }
  void finish(core, claim, { type: 'rejected', issues: [...issues] }, claim.mode === 'queue' ? { error } : undefined)
}

/** A broadcast that nobody can be told of: every worker would bury its own copy. */
function drop(core: Core, task: string, reason: string): void {
  core.counts.dropped++
  core.tell({ type: 'problem', message: `A broadcast of "${task}" was dropped: ${reason}` })
}

function buryLost(core: Core, claim: Claim, { losses, alone = 0 }: Lost): void {
  const { task } = claim
  const often = `${losses} ${losses === 1 ? 'time' : 'times'}`
  const message = `Task "${task}" lost its worker ${often} with this job, ${alone} of them while nothing else ran there; the job is given up${departed(core, claim)}`
  const error: WireError = { name: 'DroverError', code: 'job_dead', message, retryable: false }
  void finish(core, claim, { type: 'error', error, losses }, { error, losses, alone })
}

/** No broker was seen that does not take as many bytes. */
const leastSuspect = 10_000

/** What this worker knows of it: a job may be lost since the connection ends over it, such as one that grew too large with its `attempt`. */
function departed({ settler }: Core, claim: Claim): string {
  const departure = settler.departed(claim.requestId)
  if (departure === undefined) return ''
  const bytes = new TextEncoder().encode(newestOf(claim).body).length
  const times = departure.times === 1 ? 'once' : `${departure.times} times`
  const size = bytes < leastSuspect ? '' : `, with a body of ${bytes} bytes, which may be more than the broker takes`
  return `. The connection ended ${times} as this worker sent the job on${size}; the last time: ${departure.why}`
}

function bury(core: Core, task: string, incoming: Incoming, handed: Handed | undefined, reason: string): void {
  const error: WireError = { name: 'DroverError', code: 'rejected', message: reason, retryable: false }
  core.tell({ type: 'problem', message: `A job of "${task}" went to dead: ${reason}` })
  const letter = { ...deadLetter(core, incoming, error), once: deliveryOf(core.session(), handed) }
  void core.settler.release(
    {
      requestId: incoming.headers['correlation-id'] ?? '(no id)',
      messages: [letter],
      handed: handed === undefined ? [] : [handed],
      smaller: () => withoutPayload([letter], letter, error, outcomeBytes(core)),
    },
    () => letter,
  )
}
