import type { Core } from '../core.ts'

/** Room for the headers beside a body: destination, ids, pass. */
const headerBytes = 8 * 1024

/** Largest body that may be sent now: what the other side said, or was seen, to take, or the worker's own limit. */
export function outcomeBytes({ stomp, limits }: Pick<Core, 'stomp' | 'limits'>): number {
  const maxFrameBytes = stomp.frameLimit?.maxFrameBytes
  return maxFrameBytes === undefined ? limits.maxOutcomeBytes : Math.max(1024, maxFrameBytes - headerBytes)
}
