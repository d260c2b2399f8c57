/** Messages that change nothing: they are counted, so that it shows, and acknowledged. */
import type { Incoming } from '../../stomp/mod.ts'
import type { ChangeListeners } from '../changes.ts'

/** Messages that were acknowledged and changed nothing, by why: as `Master.discards` shows them. */
export interface Discards {
  /** Nothing that names a job, or no presence that can be read. */
  readonly invalid: number
  readonly unknown_type: number
  /** The header `correlation-id` names another job than the body, and none that an outcome could end. */
  readonly mismatched: number
  /** About a job that this master does not know, or no longer. */
  readonly unknown_job: number
  /** Applied before. */
  readonly repeated: number
  /** About a sealed job, and sealed in no way that opens as this reply, or said in the open. */
  readonly unsealed: number
}

/** Why a message is discarded. */
export type Discard = keyof Discards

/** How many of them could not be read: programs that are to be mended send these. The others come of ordinary repetition. */
export function unreadOf({ invalid, unknown_type, mismatched, unsealed }: Discards): number {
  return invalid + unknown_type + mismatched + unsealed
}

export class DiscardCounter {
  readonly counts: Record<Discard, number> = {
    invalid: 0,
    unknown_type: 0,
    mismatched: 0,
    unknown_job: 0,
    repeated: 0,
    unsealed: 0,
  }
  readonly #changes: ChangeListeners

  constructor(changes: ChangeListeners) {
    this.#changes = changes
  }

  count(why: Discard): void {
    this.counts[why]++
    this.#changes.tell({ type: 'discards' })
  }

  /** Acknowledges a message that is about no job here, and counts it. */
  discard(message: Pick<Incoming, 'ack'>, why: Discard): void {
    this.count(why)
    message.ack()
  }
}
