/**
 * Each change of a job, as one pure function: no clock, no socket, no storage. In any order, with repetitions and with
 * gaps, a job ends once and its outcome stays. Design section 5.
 */
import type { Reply, WireError } from '../../../contract/mod.ts'
import { answeredBy, expectedOf, type Member, timedOutBroadcast } from './broadcast.ts'
import { type JobState, mayHaveLeft, type Notice, type Phase, type WorkerPart } from './job.ts'
import { withLosses } from './losses.ts'
import type { Outcome } from './outcome.ts'
import { applyReply, type Step, unchanged } from './reply.ts'
import { defaultLimits, type RetentionLimits, retain, trim } from './retention.ts'

/** An event that may change a job. `at` is this machine's clock, for people. */
export type JobChange =
  | { readonly type: 'reply'; readonly reply: Reply; readonly at: number; readonly name?: string | undefined }
  /** It is about to leave, so that from here on it may have arrived. `notice`: news of the master's own about that. */
  | { readonly type: 'tried'; readonly notice?: Notice | undefined; readonly run?: string | undefined }
  /** It cannot leave for now. */
  | { readonly type: 'waits'; readonly notice: Notice }
  /** Its RECEIPT is in. */
  | { readonly type: 'sent'; readonly at: number }
  /** The broker that took it has forgotten its messages. */
  | { readonly type: 'forgotten' }
  /** The broker that handed it out has ended, and nobody has it any more. */
  | { readonly type: 'abandoned'; readonly as: Abandoned; readonly at: number }
  /** It cannot be sent, now or later. */
  | { readonly type: 'refused'; readonly error: WireError; readonly at: number }
  | { readonly type: 'cancel'; readonly reason?: string | undefined; readonly at: number }
  /** The cancel has been with the workers for long enough that one that has the job would have said so. */
  | { readonly type: 'cancel_unanswered'; readonly at: number }
  | { readonly type: 'timeout'; readonly at: number }
  | { readonly type: 'unclaimed'; readonly unclaimed: boolean; readonly at: number }
  /** The roster of the job's task, known or changed. */
  | { readonly type: 'roster'; readonly members: ReadonlyMap<string, Member>; readonly at: number }

/** How each run came to be over of which no end was heard, by `worker_id`. */
export type Abandoned = ReadonlyMap<string, 'retrying' | 'requeued' | 'lost'>

/** Applies a change. @param limits how much of the job is kept */
export function reduceJob(state: JobState, change: JobChange, limits: RetentionLimits = defaultLimits): Step {
  const step = apply(state, change)
  if (step.state === state) return step
  const counted = withLosses(state, step, atOf(change), lossesSaid(state, change))
  const ended = endIfComplete(counted, atOf(change))
  const bounded = trim(ended.state, limits)
  return bounded === ended.state ? ended : { ...ended, state: bounded }
}

/** How often the job lost its worker, as the reply says that gives it up for that. */
function lossesSaid({ phase }: JobState, change: JobChange): number | undefined {
  if (change.type !== 'reply' || change.reply.type !== 'error' || phase.at === 'ended') return undefined
  return change.reply.losses
}

function apply(state: JobState, change: JobChange): Step {
  if (change.type === 'reply') return applyReply(state, change.reply, change.at, change.name)
  if (change.type === 'sent') return onSent(state, change.at)
  if (state.phase.at === 'ended') return unchanged(state)
  switch (change.type) {
    case 'tried':
      return onTried(state, change.notice, change.run)
    case 'waits':
      return onWaits(state, change.notice)
    case 'forgotten':
      return onForgotten(state)
    case 'abandoned':
      return onAbandoned(state, change.as)
    case 'refused':
      return only(end(state, { type: 'error', error: change.error }, change.at))
    case 'cancel':
      return onCancel(state, change.reason, change.at)
    case 'cancel_unanswered':
      return onCancelUnanswered(state)
    case 'timeout':
      return onTimeout(state, change.at)
    case 'unclaimed':
      return onUnclaimed(state, change.unclaimed, change.at)
    case 'roster':
      return state.mode === 'queue' ? onPresence(state, change.members) : onRoster(state, change.members)
  }
}

const atOf = (change: JobChange) => ('at' in change ? change.at : 0)
const only = (state: JobState): Step => ({ state, news: [], publishCancel: false })
const noticed = (state: JobState, notice: Notice): Step => ({
  state: { ...state, ...retain(state, notice, false) },
  news: [notice],
  publishCancel: false,
})

function end(state: JobState, outcome: Outcome, at: number): JobState {
  return { ...state, unclaimed: false, phase: { at: 'ended', since: at, outcome } }
}

function onTried(state: JobState, notice: Notice | undefined, run: string | undefined): Step {
  const { broker_run, phase, ...rest } = state
  if (phase.at !== 'unsent' || (phase.tried && state.resent && broker_run === run)) return unchanged(state)
  const tried: JobState = {
    ...rest,
    phase: { at: 'unsent', tried: true },
    ...(run === undefined ? {} : { broker_run: run }),
    ...(phase.tried ? { resent: true } : {}),
  }
  return phase.tried || notice === undefined ? only(tried) : noticed(tried, notice)
}

/** Says so once, however often it is tried. */
function onWaits(state: JobState, notice: Notice): Step {
  const isSaid = state.replies.some(({ type }) => type === notice.type)
  return state.phase.at !== 'unsent' || isSaid ? unchanged(state) : noticed(state, notice)
}

function onSent(state: JobState, at: number): Step {
  if (state.sent_at !== undefined) return unchanged(state)
  const phase: Phase = state.phase.at === 'unsent' ? { at: 'sent', since: at } : state.phase
  return only({ ...state, sent_at: at, phase })
}

/** Whether a broker has it and no worker, as far as was heard. Of a broadcast each worker keeps its own for another attempt. */
export const liesWithBroker = ({ phase, mode }: JobState): boolean =>
  phase.at === 'sent' || (phase.at === 'retrying' && mode === 'queue')

/** It is to be sent again, for the attempt that it was to have next, unless a worker has it. */
function onForgotten(state: JobState): Step {
  if (!liesWithBroker(state)) return unchanged(state)
  return only(toBeSent(state, state.phase.at === 'retrying'))
}

/** Its runs are known to be over. One that failed was an attempt; any other begins anew. */
function onAbandoned(state: JobState, as: Abandoned): Step {
  const { at } = state.phase
  if (state.mode !== 'queue' || (at !== 'running' && at !== 'cancelling')) return unchanged(state)
  const workers = state.workers.map((part): WorkerPart => {
    const became = part.at === 'running' ? as.get(part.worker_id) : undefined
    return became === undefined ? part : { ...part, at: became }
  })
  if (at === 'cancelling') return as.size === 0 ? unchanged(state) : only({ ...state, workers })
  if (workers.some(part => part.at === 'running')) return unchanged(state)
  const hasFailed = workers.some(part => part.at === 'retrying' && part.attempt === state.attempt)
  return only(toBeSent({ ...state, workers }, hasFailed))
}

function toBeSent({ sent_at: _, broker_run: _run, ...state }: JobState, hasFailed: boolean): JobState {
  return { ...state, attempt: state.attempt + (hasFailed ? 1 : 0), phase: { at: 'unsent', tried: true } }
}

function onCancel(state: JobState, reason: string | undefined, at: number): Step {
  const why = reason === undefined ? {} : { reason }
  if (state.phase.at === 'cancelling') return unchanged(state)
  // It never left, so there is nobody to ask.
  if (!mayHaveLeft(state)) return only(end(state, { type: 'cancelled', ...why }, at))
  return {
    state: { ...state, phase: { at: 'cancelling', since: at, asked: false, ...why } },
    news: [],
    publishCancel: true,
  }
}

function onCancelUnanswered(state: JobState): Step {
  if (state.phase.at !== 'cancelling' || state.phase.asked) return unchanged(state)
  return only({ ...state, phase: { ...state.phase, asked: true } })
}

const ownCancel = ({ reason }: Extract<Phase, { at: 'cancelling' }>): Outcome =>
  reason === undefined ? { type: 'cancelled' } : { type: 'cancelled', reason }

function onTimeout(state: JobState, at: number): Step {
  const isAnyoneAtIt = mayHaveLeft(state)
  const outcome: Outcome =
    isAnyoneAtIt && state.mode === 'topic'
      ? timedOutBroadcast(state)
      : { type: 'timed_out', timeout_ms: state.timeout_ms }
  return { state: end(state, outcome, at), news: [], publishCancel: isAnyoneAtIt && !isFinished(state) }
}

/** Whether nobody can be at it any more: a broadcast that all have answered. */
const isFinished = (state: JobState) =>
  state.expected?.every(one => state.workers.some(part => part.worker_id === one.worker_id)) === true &&
  state.workers.every(part => part.outcome !== undefined)

function onUnclaimed(state: JobState, unclaimed: boolean, at: number): Step {
  const isWaiting = state.phase.at === 'sent' || state.phase.at === 'unsent' || state.phase.at === 'retrying'
  if (state.unclaimed === unclaimed || !isWaiting) return unchanged(state)
  return noticed({ ...state, unclaimed }, { type: 'unclaimed', unclaimed, at })
}

function onRoster(state: JobState, members: ReadonlyMap<string, Member>): Step {
  const expected = expectedOf(state, members)
  const before = state.expected
  const isSame = before?.length === expected.length && before.every((one, i) => one === expected[i])
  return isSame ? unchanged(state) : only({ ...state, expected })
}

/**
 * The worker that has a job to one worker may be gone: another gets it, once the broker has noticed. A worker without presence is
 * silent, not gone; but a cancel waits for neither.
 */
function onPresence(state: JobState, members: ReadonlyMap<string, Member>): Step {
  const isCancelling = state.phase.at === 'cancelling'
  const workers = state.workers.map((part): WorkerPart => {
    const member = members.get(part.worker_id)
    if (member === undefined) return part
    const isGone = member.state === 'gone' && (isCancelling || member.started_at !== undefined)
    if (part.at === 'running' && isGone) return { ...part, at: 'gone' }
    return part.at === 'gone' && member.state !== 'gone' ? { ...part, at: 'running' } : part
  })
  return workers.every((part, i) => part === state.workers[i]) ? unchanged(state) : only({ ...state, workers })
}

/** Ends a broadcast that has all it waits for, and a cancelled job that nobody is at any more. */
function endIfComplete(step: Step, at: number): Step {
  const { state } = step
  if (state.phase.at === 'ended') return step
  const answered = state.mode === 'topic' ? answeredBy(state) : undefined
  if (state.phase.at !== 'cancelling')
    return answered === undefined ? step : { ...step, state: end(state, answered, at) }
  const isOver = answered !== undefined || (state.phase.asked && !isAnyoneRunning(state))
  return isOver ? { ...step, state: end(state, ownCancel(state.phase), at) } : step
}

function isAnyoneRunning(state: JobState): boolean {
  const gone = new Set(state.expected?.filter(one => one.gone).map(one => one.worker_id))
  return state.workers.some(part => part.at === 'running' && !gone.has(part.worker_id))
}
