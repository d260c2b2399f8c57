import type { Core } from './core.ts'

/** Room for the headers beside a body: destination, ids, pass. */
const headerBytes = 8 * 1024

/** Largest body that may be sent now: what the other side said it takes, or the worker's own limit. */
export function outcomeBytes(core: Pick<Core, 'session' | 'limits'>): number {
  const { maxFrameBytes } = core.session()
  return maxFrameBytes === undefined ? core.limits.maxOutcomeBytes : Math.max(1024, maxFrameBytes - headerBytes)
}
