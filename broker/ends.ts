/**
 * Which places hold the ends of jobs, which are replies and dead letters, and whose they are. An unread reply is the fault of the
 * user who asked for it, so it counts in the share of that user. Small ends find room where a job would be refused, since a worker
 * has to go on ending jobs.
 */

// A namespace has no part `tasks` or `reply` behind its first, so that the queue of a task called `a.reply.b.c` is none
const ownQueue = /^\/queue\/[^.]+(?:\.(?!(?:tasks|reply)\.)[^.]+)*\.reply(?:\.([a-z0-9_-]+)\.[A-Za-z0-9_-]+)?$/

/**
 * @param route of a queue, a topic or a temporary queue
 * @returns `undefined` where no replies wait; `owner`: in its name, where one stands there
 */
function replyQueueOf(route: string): { readonly owner: string | undefined } | undefined {
  if (route.startsWith('/temp-queue/')) return noOwner
  const found = ownQueue.exec(route)
  return found === null ? undefined : found[1] === undefined ? noOwner : { owner: found[1] }
}

const noOwner = { owner: undefined }

const deadQueue = /^\/queue\/[^.]+(?:\.(?!(?:tasks|reply|dead)\.)[^.]+)*\.dead$/

/** Whether replies wait there, or dead letters. */
export const isForEnds = (route: string): boolean => replyQueueOf(route) !== undefined || deadQueue.test(route)

/** Whether several owners put messages of theirs into this queue, such as jobs and dead letters. */
export const isShared = (route: string): boolean => route.startsWith('/queue/') && replyQueueOf(route) === undefined

/** @param owner who makes the queue */
export const payerOf = (route: string, owner: string): string => replyQueueOf(route)?.owner ?? owner

/** How much more than its limits a queue, an owner and the broker hold of small ends: so many times. */
export const endsReserve: number = 1 / 16

/** An end of at most this size finds room in the reserve, such as a stand-in that says why the outcome itself did not come. */
const smallEndBytes = 4_096

export const isSmallEnd = (route: string, bytes: number): boolean => bytes <= smallEndBytes && isForEnds(route)
