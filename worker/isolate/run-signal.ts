/**
 * The signal of a run in a child. Code that computes without a pause hears no message, but it may look: `aborted`, `reason` and
 * `throwIfAborted()` read memory that the parent writes, or a thread beside this one.
 */
import type { Stopped } from '../held-job.ts'
import { stopReason } from '../settle/outcome.ts'
import { stopNumbers } from './messages.ts'

/** Memory of two numbers: the run that is to stop, and why. */
export const newStopFlag = (): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(8))

/** Says in the flag that a run is to stop. @param why one of `stopNumbers` */
export function raiseFlag(flag: Int32Array<SharedArrayBuffer>, run: number, why: number): void {
  Atomics.store(flag, 1, why)
  Atomics.store(flag, 0, run)
}

export interface RunSignal {
  readonly signal: AbortSignal
  stop(stopped: Stopped): void
}

/** Makes the signal of a run. */
export function createRunSignal(flag: Int32Array<SharedArrayBuffer>, run: number): RunSignal {
  const controller = new AbortController()
  const { signal } = controller
  let reason: Error | undefined
  const stop = (stopped: Stopped): void => {
    if (reason !== undefined) return
    reason = stopReason(stopped)
    controller.abort(reason)
  }
  const look = (): Error | undefined => {
    if (reason === undefined && Atomics.load(flag, 0) === run) {
      const why = stopNumbers[Atomics.load(flag, 1)]
      if (why !== undefined) stop({ why })
    }
    return reason
  }
  Object.defineProperties(signal, {
    aborted: { get: () => look() !== undefined },
    reason: { get: look },
    throwIfAborted: {
      value() {
        if (look() !== undefined) throw reason
      },
    },
  })
  return { signal, stop }
}
