import type { Announce, Beat } from '../../contract/mod.ts'

/** A worker as presence tells of it. Everything in it was said by the worker. */
export interface WorkerInfo extends Omit<Beat, 'v' | 'type' | 'at'>, Pick<Announce, 'runtime' | 'host' | 'features'> {
  /** Absent until it has announced itself. */
  readonly started_at?: number
  /** Which of its connections it announced last. */
  readonly connection?: number
  readonly tasks: readonly string[]
  /** By this machine's clock. */
  readonly last_seen_at: number
}

/** Its state, as far as it says who is there: busy or not is no difference. */
export const presenceOf = (worker: WorkerInfo | undefined): Exclude<WorkerInfo['state'], 'busy'> | undefined =>
  worker?.state === 'busy' ? 'idle' : worker?.state
