import type { Stomp } from '../../shared/stomp/mod.ts'
import type { WorkerLimits } from '../options.ts'

/** Room for the headers beside a body: destination, ids, pass. */
const headerBytes = 8 * 1024

/** Largest body that may be sent now: what the other side said, or was seen, to take, or the worker's own limit. */
export function outcomeBytes({ stomp, limits }: { readonly stomp: Stomp; readonly limits: WorkerLimits }): number {
  const maxFrameBytes = stomp.frameLimit?.maxFrameBytes
  return maxFrameBytes === undefined ? limits.maxOutcomeBytes : Math.max(1024, maxFrameBytes - headerBytes)
}
