/** What masters say to the workers of a task: cancel, state, ping. Promise 5. */
import { parseControl } from '../shared/contract/mod.ts'
import type { Incoming } from '../shared/stomp/mod.ts'
import { deliver } from './consume/deliver.ts'
import type { Core } from './core.ts'
import { reportAgain } from './run/reports.ts'

/** How long a cancelled id is remembered: the longest that a job without a timeout of its own can be on its way. */
const rememberedMs = 3_600_000

/** Acts on a control message of a task's own control topic; what cannot be read is told and ignored. */
export function control(core: Core, task: string, incoming: Incoming): void {
  let message: ReturnType<typeof parseControl>
  try {
    message = parseControl(incoming.body)
  } catch (error) {
    core.counts.dropped++
    core.tell({ type: 'problem', message: `A control message for "${task}" cannot be read`, error })
    return
  }
  if (message === undefined) core.counts.dropped++ // of a type that this version does not know
  if (message?.type === 'ping') core.presence.pinged(task)
  if (message?.type === 'state') tellState(core, task, message.request_id)
  if (message?.type === 'cancel') cancel(core, task, message.request_id, message.reason)
  if (message?.type === 'job' && message.worker_ids.includes(core.workerId)) takeAgain(core, task, incoming)
}

/**
 * A broadcast that this worker may have missed. Whoever sent it has to have had the right to broadcast: a bridge that lets
 * such a message through writes a pass into it, and one of before does not.
 */
function takeAgain(core: Core, task: string, incoming: Incoming): void {
  const { 'reply-to': replyTo, 'drover-sender': sender, 'drover-pass': pass } = incoming.headers
  const cameByBridge = core.session().bridged || sender !== undefined
  if (replyTo === undefined || (cameByBridge && pass === undefined)) core.counts.dropped++
  else deliver(core, core.implementations.get(task)!, 'topic', incoming)
}

function cancel(core: Core, task: string, requestId: string, reason: string | undefined): void {
  const now = core.clock.steady()
  const claim = core.claims.get(requestId)
  const isOurs = claim?.task === task
  core.memory.cancel(task, requestId, reason, Math.max(isOurs ? claim.deadlineAt : 0, now + rememberedMs))
  if (isOurs) core.ends.stop(claim, { why: 'cancelled', reason })
}

function tellState(core: Core, task: string, requestId: string): void {
  const claim = core.claims.get(requestId)
  if (claim?.task === task && claim.phase !== 'waiting') {
    reportAgain(claim)
  }
  const ended = core.memory.ended(requestId, core.clock.steady())
  if (ended?.task === task) void core.settler.answer(ended)
}
