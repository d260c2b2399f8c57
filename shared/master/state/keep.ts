/** The replies that a job keeps to show: in time order and bounded, so that a worker cannot fill a page's memory. */
import type { Reply } from '../../contract/mod.ts'
import type { JobNews } from './job.ts'

/** How many of a job's replies are kept. */
export const maxKept = 500

export interface Kept {
  readonly replies: readonly JobNews[]
  readonly dropped: number
}

/**
 * `kept` with `news` in it.
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
  const least = replies.findIndex(one => one.type === 'log' || one.type === 'partial')
  replies.splice(Math.max(0, least), 1)
  return { replies, dropped: kept.dropped + 1 }
}

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
