/** A broker that takes the header of a delay and does not delay: seen by what a worker that drains gives back. */
import type { Core } from './core.ts'

/** Half of what a given-back job is to stay away. */
const soonMs = 250
const why =
  'This broker handed a job out again at once that was sent with a delay: a worker that leaves may so show losses that are none. ' +
  'On ActiveMQ Classic, set schedulerSupport="true" in the broker element of its configuration'

/** A job of that id comes: tells once where its delay was ignored. */
export function noticeUndelayed(core: Core, requestId: string): void {
  const at = core.delayed.get(requestId)
  if (at === undefined) return
  core.delayed.delete(requestId)
  if (core.now() - at >= soonMs || core.told.has(why)) return
  core.told.add(why)
  core.tell({ type: 'problem', message: why })
}
