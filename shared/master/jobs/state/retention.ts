/** The replies that a job keeps to show: in time order and bounded, so that a worker cannot fill a page's memory. */
import type { Reply } from '../../../contract/mod.ts'
import type { JobNews, JobState } from './job.ts'

/** How many of a job's replies are kept, apart from its partials, unless the host says otherwise. */
export const maxKept = 500
/** Partials are its result, so more of them are. */
export const maxPartials = 2000

/** How much of a job is kept. */
export interface RetentionLimits {
  /** Replies apart from partials. */
  readonly replies: number
  readonly partials: number
}

export const defaultLimits: RetentionLimits = { replies: maxKept, partials: maxPartials }

/**
 * Puts `news` in its place. The caller bounds the list afterwards.
 * @param isLateInOrder whether later ones of the same worker may be there already
 */
export function retain(
  kept: Pick<JobState, 'replies'>,
  news: JobNews,
  isLateInOrder: boolean,
): Pick<JobState, 'replies'> {
  const replies = [...kept.replies]
  if (news.type === 'progress') {
    const previous = replies.findLastIndex(one => one.type === 'progress' && one.worker_id === news.worker_id)
    if (previous >= 0) replies.splice(previous, 1)
  }
  const at = isLateInOrder && 'request_id' in news ? placeOf(replies, news) : replies.length
  replies.splice(at, 0, news)
  return { replies }
}

/** Lets go of replies past the limits, the oldest first and log lines before the rest, and counts them. */
export function trim(state: JobState, limits: RetentionLimits): JobState {
  if (state.replies.length <= Math.min(limits.replies, limits.partials)) return state
  const partials = state.replies.filter(isPartial).length
  const spare = {
    partial: Math.max(0, partials - limits.partials),
    other: Math.max(0, state.replies.length - partials - limits.replies),
  }
  if (spare.partial + spare.other === 0) return state
  const gone = new Set(state.replies.filter(isPartial).slice(0, spare.partial))
  if (spare.other > 0) {
    const others = state.replies.filter(one => !isPartial(one))
    const byWorth = [...others.filter(isLog), ...others.filter(one => !isLog(one))]
    for (const one of byWorth.slice(0, spare.other)) gone.add(one)
  }
  return {
    ...state,
    replies: state.replies.filter(one => !gone.has(one)),
    dropped: state.dropped + spare.other,
    ...(spare.partial === 0 ? {} : { dropped_partials: (state.dropped_partials ?? 0) + spare.partial }),
  }
}

const isPartial = ({ type }: JobNews): boolean => type === 'partial'
const isLog = ({ type }: JobNews): boolean => type === 'log'

function placeOf(replies: readonly JobNews[], reply: Reply): number {
  const first = replies.findIndex(
    one => 'request_id' in one && one.worker_id === reply.worker_id && isLater(one, reply),
  )
  return first < 0 ? replies.length : first
}

/** Whether `one` stands after `other`, of the same worker. */
export function isLater(one: Reply, other: Reply): boolean {
  return one.attempt === other.attempt ? (one.seq ?? 0) > (other.seq ?? 0) : one.attempt > other.attempt
}
