/** The replies that a job keeps to show: in time order and bounded, so that a worker cannot fill a page's memory. */
import type { Reply } from '../../contract/mod.ts'
import type { JobNews, JobState } from './job.ts'

/** How many of a job's replies are kept, apart from its partials. */
export const maxKept = 500
/** Partials are its result, so more of them are. */
export const maxPartials = 2000

export type Kept = Pick<JobState, 'replies' | 'dropped' | 'dropped_partials'>

/**
 * What is kept once `news` is there; what it does not name stays as it was.
 * @param isLateInOrder whether later ones of the same worker may be there already
 */
export function keep(kept: Kept, news: JobNews, isLateInOrder: boolean): Kept {
  const replies = [...kept.replies]
  if (news.type === 'progress') {
    const previous = replies.findLastIndex(one => one.type === 'progress' && one.worker_id === news.worker_id)
    if (previous >= 0) replies.splice(previous, 1)
  }
  const at = isLateInOrder && 'request_id' in news ? placeOf(replies, news) : replies.length
  replies.splice(at, 0, news)
  if (replies.length <= maxKept) return { replies, dropped: kept.dropped }
  const partials = replies.filter(isPartial).length
  if (partials > maxPartials) {
    replies.splice(replies.findIndex(isPartial), 1)
    return { replies, dropped: kept.dropped, dropped_partials: (kept.dropped_partials ?? 0) + 1 }
  }
  if (replies.length - partials <= maxKept) return { replies, dropped: kept.dropped }
  const log = replies.findIndex(({ type }) => type === 'log')
  replies.splice(log >= 0 ? log : replies.findIndex(one => !isPartial(one)), 1)
  return { replies, dropped: kept.dropped + 1 }
}

const isPartial = ({ type }: JobNews): boolean => type === 'partial'

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
