/** Which workers need a look: silent ones, those with runs that nothing stops, and those that are busy and finish nothing. */
import { lateAfterBeats } from '../../shared/contract/mod.ts'
import type { WorkerInfo } from '../../shared/master/mod.ts'
import { ago, type Look, lookOfWorker, number, pausedLook, runningLook, wholeSeconds } from '../look/mod.ts'

export interface Health {
  readonly look: Look
  /** The fault, in words. */
  readonly hint?: string
}

/** When it was heard of last, ms. @param now where a bridge hears its beats: it says so when one is late */
export const seenAt = ({ is_told, state, last_seen_at }: WorkerInfo, now: number): number =>
  is_told && state !== 'gone' ? now : last_seen_at

/** Notes when each worker last finished something, since presence only counts. */
export class Finishes {
  readonly #seen = new Map<string, { done: number; since: number }>()

  /** @param now ms; call it whenever workers changed */
  note(workers: readonly WorkerInfo[], now: number): void {
    const ids = new Set<string>()
    for (const { worker_id, processed, failed, active } of workers) {
      ids.add(worker_id)
      const done = processed + failed
      const before = this.#seen.get(worker_id)
      if (before === undefined || before.done !== done || active === 0) this.#seen.set(worker_id, { done, since: now })
    }
    for (const id of this.#seen.keys()) if (!ids.has(id)) this.#seen.delete(id)
  }

  /** Since when it is busy and has finished nothing, ms. */
  since(workerId: string): number | undefined {
    return this.#seen.get(workerId)?.since
  }
}

/**
 * @param busySince since when it has finished nothing
 * @param stuckAfterMs how long that may be
 */
export function healthOf(worker: WorkerInfo, now: number, busySince: number | undefined, stuckAfterMs: number): Health {
  const { state, interval_ms, active, stuck } = worker
  const last_seen_at = seenAt(worker, now)
  if (state === 'gone') return { look: lookOfWorker('gone'), hint: `not heard since ${ago(last_seen_at, now)}` }
  if (now - last_seen_at > lateAfterBeats * interval_ms) {
    return {
      look: { word: 'Silent', icon: 'warning', tone: 'warning' },
      hint: `was ${state}; silent for ${wholeSeconds(now - last_seen_at)}`,
    }
  }
  if (stuck !== undefined && state !== 'draining') {
    const runs = stuck === 1 ? '1 run heeds' : `${number(stuck)} runs heed`
    return { look: { word: 'Stuck', icon: 'warning', tone: 'warning' }, hint: `${runs} no signal` }
  }
  if (active > 0 && busySince !== undefined && now - busySince > stuckAfterMs) {
    return {
      look: { word: 'Stuck?', icon: 'warning', tone: 'warning' },
      hint: `finished nothing for ${wholeSeconds(now - busySince)}`,
    }
  }
  // Jobs that run go on
  const isPaused = state !== 'draining' && active === 0 && worker.tasks.every(task => worker.paused?.includes(task))
  if (isPaused && worker.tasks.length > 0) return { look: pausedLook }
  return { look: active > 0 && state === 'idle' ? runningLook : lookOfWorker(state) }
}
