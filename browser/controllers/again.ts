/** Dispatching a known job again, as a person asks for it: the page around may veto, and hears of the new job. */
import type { Master } from '../../shared/master/mod.ts'
import { DroverDispatchEvent, DroverDispatchedEvent } from '../events.ts'

/**
 * @param from the widget that the events leave from
 * @returns the new job's id; `undefined` when the page around vetoed it
 * @throws {DroverError} as `master.again`
 */
export function dispatchAgain(from: EventTarget, master: Master, requestId: string): string | undefined {
  const job = master.jobs.get(requestId)
  if (job !== undefined) {
    const { task, input, mode, timeout_ms, priority, until } = job
    const options = { timeoutMs: timeout_ms, priority, until }
    if (!from.dispatchEvent(new DroverDispatchEvent({ task, input, mode, options }))) return undefined
  }
  const { task, request_id } = master.again(requestId)
  from.dispatchEvent(new DroverDispatchedEvent(task, request_id))
  return request_id
}
