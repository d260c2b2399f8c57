/**
 * The signal of a run in a child. Code that computes without a pause hears no message, but it may look: `aborted`, `reason` and
 * `throwIfAborted()` read memory that the parent writes, or a thread beside this one.
 */
import type { Stopped } from '../held-job.ts'
import { stopReason } from '../settle/outcome.ts'
import { reasonOf } from './messages.ts'

export interface RunSignal {
  readonly signal: AbortSignal
  stop(stopped: Stopped): void
}

/** Makes the signal of a run. */
export function createRunSignal(flag: Int32Array<SharedArrayBuffer>, run: number): RunSignal {
  const controller = new AbortController()
  const { signal } = controller
  let isStopped = false
  const stop = (stopped: Stopped): void => {
    if (isStopped) return
    isStopped = true
    controller.abort(stopReason(stopped))
  }
  const look = (): void => {
    if (isStopped || Atomics.load(flag, 0) !== run) return
    const why = reasonOf(Atomics.load(flag, 1))
    if (why !== undefined) stop({ why })
  }
  const own = Object.getOwnPropertyDescriptors(AbortSignal.prototype)
  Object.defineProperties(signal, {
    aborted: {
      get() {
        look()
        return own.aborted.get!.call(signal)
      },
    },
    reason: {
      get() {
        look()
        return own.reason.get!.call(signal)
      },
    },
    throwIfAborted: {
      value() {
        look()
        own.throwIfAborted.value!.call(signal)
      },
    },
  })
  return { signal, stop }
}
