/** A broker may take a job back from a worker that still runs it. */

import { defaultTimeoutMs } from '../../shared/contract/default-timeouts.ts'
import type { Dialect } from '../../shared/stomp/mod.ts'

/**
 * Says of tasks that may run longer than the broker waits for an ACK that it will take their jobs back.
 * @param tasks one without a `timeoutMs` of its own may take as long as a queued job has by default, 1 h
 * @returns one sentence, or `undefined` where there is nothing to say
 * @example
 * ```ts ignore
 * unackedLimit(rabbitmq, [{ name: 'video.encode', timeoutMs: 7_200_000 }])
 * ```
 */
export function unackedLimit(
  { name, maxUnackedMs }: Pick<Dialect, 'name' | 'maxUnackedMs'>,
  tasks: readonly { readonly name: string; readonly timeoutMs?: number | undefined }[],
): string | undefined {
  if (maxUnackedMs === undefined) return undefined
  const longer = tasks
    .filter(({ timeoutMs = defaultTimeoutMs.queue }) => timeoutMs > maxUnackedMs)
    .map(task => `"${task.name}"`)
  if (longer.length === 0) return undefined
  const minutes = maxUnackedMs / 60_000
  return `This broker (${name}) takes a job back that is not done within ${minutes} minutes, unless it is configured otherwise, and all others of this worker with it: they run again elsewhere and count as losses. ${longer.join(', ')} may run longer: raise its consumer_timeout above that, or give them a timeoutMs below it`
}
