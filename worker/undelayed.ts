/** A broker that takes the header of a delay and does not delay: seen by what a worker that drains gives back. */
import type { Core } from './core.ts'

/** Half of what a given-back job is to stay away. */
const soonMs = 250
/** A job of that id comes: tells once where its delay was ignored. */
export function noticeUndelayed(core: Core, requestId: string): void {
  const at = core.delayed.get(requestId)
  if (at === undefined) return
  core.delayed.delete(requestId)
  if (core.clock.steady() - at >= soonMs) return
  const { delaySetting = 'what makes it delay' } = core.session().dialect
  const message = `This broker handed a job out at once that was sent with a delay: a worker that leaves may so show losses that are none. Set ${delaySetting}`
  if (!core.told.has(message)) core.tell({ type: 'problem', message })
  core.told.add(message)
}
