/** Applies a reply to a job. Promises 1 to 3: applied once, one outcome, which is the first applied. */
import { isOutcome, type OutcomeReply, type Progress, type Reply, timedOutReason } from '../../../contract/mod.ts'
import type { JobNews, JobState, Phase, WorkerPart } from './job.ts'
import { type Outcome, toOutcome } from './outcome.ts'
import { isLater, retain } from './retention.ts'
import { isAfterTheEnd, withLate } from './retried.ts'
import { hasSeen, see } from './seen.ts'

/** The state after a change, and the news of it. */
export interface Step {
  readonly state: JobState
  readonly news: readonly JobNews[]
  /** `cancel` is to be published: asked for, or a worker took a job that is cancelled or timed out already. */
  readonly publishCancel: boolean
}

export const unchanged = (state: JobState): Step => ({ state, news: [], publishCancel: false })

/** How many attempts of a worker are remembered. */
const maxAttempts = 8

/**
 * Applies a reply, once. A repeated one changes nothing. A broker may let an outcome, which is persistent, overtake
 * replies that are not. A reply that comes after a later `seq` of its worker is kept, and moves nothing.
 * @param name the worker's, where presence told it
 */
export function applyReply(before: JobState, reply: Reply, at: number, name?: string): Step {
  if (isAfterTheEnd(before, reply)) return { ...unchanged(before), state: withLate(before, reply) }
  const index = indexOfPart(before, reply)
  const known = before.workers[index]
  const ranges = known?.seen[reply.attempt] ?? []
  if (reply.seq !== undefined && known !== undefined) {
    // An outcome counts while there is none, even where the memory of `seq` has become coarse.
    if (isRepeated(known, reply.attempt, reply.seq) && !(isOutcome(reply) && isUndecided(before, known))) {
      return unchanged(before)
    }
  }
  const isEarlier = known !== undefined && reply.seq !== undefined && reply.seq < (ranges.at(-1)?.[1] ?? 0)
  const part = seeReply(known ?? newPart(before, reply, name), reply)
  const state = withPart(before, index, part)
  if (isOutcome(reply)) return applyOutcome(state, index < 0 ? state.workers.length - 1 : index, reply, isEarlier, at)
  return applyNews(state, before, index < 0 ? state.workers.length - 1 : index, reply, isEarlier, at)
}

/** Whether a worker's outcome is in and something that it said before is not. */
export function hasGaps({ workers }: JobState): boolean {
  return workers.some(({ outcome, seen }) => {
    const ranges = outcome?.attempt === undefined ? undefined : seen[outcome.attempt]
    return ranges !== undefined && (ranges.length > 1 || ranges[0]![0] > 1) // whether a worker counts from 0 or from 1
  })
}

/**
 * How many replies did not come: their workers numbered them before their outcomes, which did. A broker without room lets
 * go of messages that are not persistent, and a worker that was away sends the newest progress alone.
 */
export function missingReplies({ workers }: Pick<JobState, 'workers'>): number {
  let missing = 0
  for (const { outcome, seen } of workers) {
    const ranges = outcome?.attempt === undefined ? [] : (seen[outcome.attempt] ?? [])
    ranges.forEach(([from], index) => {
      const before = ranges[index - 1]
      if (before !== undefined) missing += from - before[1] - 1
      else if (from > 1) missing += from
    })
  }
  return missing
}

function indexOfPart(state: JobState, reply: Reply): number {
  const { worker_id, retried } = reply
  if (worker_id !== undefined)
    return state.workers.findIndex(part => part.worker_id === worker_id && part.retried === retried?.id)
  // The least reply names nobody: of a broadcast, each outcome of that kind is another worker's.
  return state.workers.findLastIndex(part => part.worker_id.startsWith('unnamed-') && part.at !== 'ended')
}

function newPart(state: JobState, { worker_id, attempt, retried }: Reply, name: string | undefined): WorkerPart {
  const id = worker_id ?? `unnamed-${state.workers.length + 1}`
  const which = retried === undefined ? {} : { retried: retried.id }
  return { worker_id: id, at: 'running', attempt, seen: {}, ...which, ...(name === undefined ? {} : { name }) }
}

function isRepeated(part: WorkerPart, attempt: number, seq: number): boolean {
  const ranges = part.seen[attempt]
  if (ranges !== undefined) return hasSeen(ranges, seq)
  const attempts = Object.keys(part.seen)
  return attempts.length >= maxAttempts && attempt < Number(attempts[0]) // forgotten: long past
}

const isUndecided = (state: JobState, part: WorkerPart) => state.phase.at !== 'ended' && part.outcome === undefined

function seeReply(part: WorkerPart, { attempt, seq }: Reply): WorkerPart {
  if (seq === undefined) return part
  const seen = { ...part.seen, [attempt]: see(part.seen[attempt] ?? [], seq) }
  const attempts = Object.keys(seen) // whole numbers come in ascending order
  if (attempts.length > maxAttempts) delete seen[Number(attempts[0])]
  return { ...part, seen }
}

function withPart(state: JobState, index: number, part: WorkerPart): JobState {
  const workers = [...state.workers]
  if (index < 0) workers.push(part)
  else workers[index] = part
  return { ...state, workers }
}

function applyOutcome(before: JobState, index: number, reply: OutcomeReply, isEarlier: boolean, at: number): Step {
  const part = before.workers[index]!
  const isDecided = before.phase.at === 'ended' || part.outcome !== undefined
  if (isDecided) {
    // Its run came to an end after all.
    const known = part.at === 'lost' || part.at === 'gone' ? withPart(before, index, { ...part, at: 'ended' }) : before
    return { state: withLate(known, reply), news: [], publishCancel: false }
  }
  const outcome = toOutcome(reply, part.name)
  const ended: WorkerPart = { ...part, at: 'ended', attempt: Math.max(part.attempt, reply.attempt), outcome }
  const state: JobState = {
    ...withPart(before, index, ended),
    ...retain(before, reply, isEarlier),
    unclaimed: false,
    attempt: Math.max(before.attempt, reply.attempt),
  }
  const phase: Phase =
    state.mode === 'queue'
      ? { at: 'ended', since: at, outcome: isTimeout(before, reply) ? timedOut(before) : outcome }
      : runningPhase(state.phase, at)
  return { state: { ...state, phase }, news: [reply], publishCancel: false }
}

/** The worker's clock was the first to see that the time is over. */
function isTimeout({ phase }: JobState, reply: OutcomeReply): boolean {
  return reply.type === 'cancelled' && reply.reason === timedOutReason && phase.at !== 'cancelling'
}

const timedOut = ({ timeout_ms }: JobState): Outcome => ({ type: 'timed_out', timeout_ms })

function applyNews(
  now: JobState,
  before: JobState,
  index: number,
  reply: Exclude<Reply, OutcomeReply>,
  isEarlier: boolean,
  at: number,
): Step {
  const isEnded = before.phase.at === 'ended'
  const publishCancel = reply.type === 'accepted' && isUnwanted(before, reply)
  if (isEnded && reply.type === 'progress') return { state: now, news: [], publishCancel }
  // The reply that ends its run has overtaken it.
  const isPast = isEarlier && before.workers[index]?.at === 'requeued'
  const take = isPast ? undefined : takeOf(before, index, reply)
  const part = accept(advance(now.workers[index]!, reply, isEnded || isEarlier), take)
  let state: JobState = { ...withPart(now, index, part), ...retain(before, reply, isEarlier) }
  if (take?.is === 'next') state = { ...state, workers: handedOver(state, part) }
  if (isEnded) return { state, news: [reply], publishCancel }
  if (part.progress !== undefined && part.progress === reply) state = { ...state, progress: part.progress }
  if (!isEarlier && (reply.attempt >= before.attempt || reply.retried !== undefined))
    state = { ...state, phase: nextPhase(state.phase, reply, at), attempt: reply.attempt }
  return { state: { ...state, unclaimed: false }, news: [reply], publishCancel }
}

/** Whether a worker that has it is to be told that nobody waits for it: one that was cut off heard no cancel. */
function isUnwanted({ phase }: JobState, { worker_id }: Reply): boolean {
  if (phase.at === 'cancelling') return true
  if (phase.at !== 'ended') return false
  const { outcome } = phase
  if (outcome.type !== 'cancelled') return outcome.type === 'timed_out'
  return outcome.worker_id === undefined || outcome.worker_id !== worker_id
}

/** Whether it has the job, as far as anything was heard of it. */
const isAtIt = ({ at }: WorkerPart) => at === 'running' || at === 'gone'

/** A worker began to run a queued job. */
interface Take {
  readonly attempt: number
  /** As the job had it that it was handed; `undefined`: it did not say. */
  readonly losses: number | undefined
  /**
   * `next`: the worker before it does no more, as far as the broker knows. `past`: heard late, another has it by now.
   * `beside`: it said so before, or the job was sent twice, so that others may go on.
   */
  readonly is: 'next' | 'past' | 'beside'
}

function takeOf(before: JobState, index: number, reply: Reply): Take | undefined {
  if (reply.type !== 'accepted' || before.mode === 'topic') return undefined
  const { attempt, losses } = reply
  const own = before.workers[index]
  const rivals = before.workers.filter(part => part !== own && isAtIt(part) && part.attempt === attempt)
  const isPast =
    reply.retried === undefined &&
    losses !== undefined &&
    rivals.some(({ accepted }) => losses < (accepted?.losses ?? 0))
  const isSaid = own?.accepted?.attempt === attempt && (losses ?? 0) <= own.accepted.losses
  const isCopy = before.resent === true && (losses ?? 0) <= before.losses
  return { attempt, losses, is: isPast ? 'past' : isSaid || isCopy ? 'beside' : 'next' }
}

function accept(part: WorkerPart, take: Take | undefined): WorkerPart {
  if (take === undefined || part.at === 'ended') return part
  const { attempt, losses = 0 } = take
  if (part.accepted !== undefined && part.accepted.attempt > attempt) return part
  return { ...part, accepted: { attempt, losses }, ...(take.is === 'past' ? { at: 'lost' } : {}) }
}

/**
 * One worker runs an attempt of a queued job at a time, as far as the broker knows: the one before was lost. Of a job that
 * was sent twice two may run, and one of them was.
 */
function handedOver({ workers, resent }: JobState, to: WorkerPart): readonly WorkerPart[] {
  const lost = workers.filter(part => part !== to && isAtIt(part) && part.attempt <= to.attempt)
  const [first] =
    resent === true ? [...lost].sort((one, other) => Number(other.at === 'gone') - Number(one.at === 'gone')) : []
  if (lost.length === 0) return workers
  return workers.map(part =>
    part === first || (first === undefined && lost.includes(part)) ? { ...part, at: 'lost' } : part,
  )
}

function advance(part: WorkerPart, reply: Exclude<Reply, OutcomeReply>, isPast: boolean): WorkerPart {
  const named = reply.type === 'accepted' && reply.name !== undefined ? { ...part, name: reply.name } : part
  if (isPast || named.at === 'ended' || reply.attempt < named.attempt) return named
  const at =
    reply.type === 'cannot_open'
      ? 'requeued'
      : reply.type === 'retrying' || reply.type === 'requeued'
        ? reply.type
        : 'running'
  const next: WorkerPart = { ...named, attempt: reply.attempt, at }
  return reply.type === 'progress' && isNewer(reply, part.progress) ? { ...next, progress: reply } : next
}

const isNewer = (reply: Progress, shown: Progress | undefined) => shown === undefined || !isLater(shown, reply)

function nextPhase(phase: Phase, reply: Reply, at: number): Phase {
  if (phase.at === 'cancelling' || reply.type === 'cannot_open') return phase
  if (reply.type === 'requeued') return { at: 'sent', since: at }
  if (reply.type !== 'retrying') return runningPhase(phase, at)
  const { error, next_at } = reply
  return { at: 'retrying', since: at, error, ...(next_at === undefined ? {} : { next_at }) }
}

const runningPhase = (phase: Phase, at: number): Phase =>
  phase.at === 'running' || phase.at === 'cancelling' ? phase : { at: 'running', since: at }
