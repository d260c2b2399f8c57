/** Workers, as presence tells of them. */
import { type Announce, type Beat, type TaskLimits, taskLimitsOf } from '../../contract/mod.ts'

/** A worker as presence tells of it. Everything in it was said by the worker. */
export interface WorkerInfo extends Omit<Beat, 'v' | 'type' | 'at'>, Pick<Announce, 'runtime' | 'host' | 'features'> {
  /** Absent until it has announced itself. */
  readonly started_at?: number
  /** Which of its connections it announced last. */
  readonly connection?: number
  /** How many of its runs go on after their jobs have ended. Absent for none. */
  readonly stuck?: number
  readonly tasks: readonly string[]
  /** Of its tasks, those that it takes no jobs of for now; absent where there are none. */
  readonly paused?: readonly string[]
  /** Of its tasks that have limits of their own there, as it announced them. */
  readonly limits?: ReadonlyMap<string, TaskLimits>
  /** By this machine's clock. Where `is_told`, when it last said anything new. */
  readonly last_seen_at: number
  /** A bridge hears its beats, and none is late. Absent where the beats come here. */
  readonly is_told?: true
}

/** The message of a worker's presence; a beat has fewer fields. */
export type Heard = Omit<Beat, 'v' | 'type' | 'at'> & Partial<Omit<Announce, 'type'>>

/**
 * The worker as it is known after this message of a task's presence.
 * @param at this machine's clock, ms
 * @param isTold whether a bridge hears its beats, and none is late
 */
export function workerOf(
  said: Heard,
  task: string,
  before: WorkerInfo | undefined,
  at: number,
  isTold = false,
): WorkerInfo {
  const tasks = before?.tasks ?? []
  const started_at = said.started_at ?? before?.started_at
  const connection = said.connection ?? before?.connection
  const paused = pausedAfter(said, task, before?.paused)
  const limits = said.task === undefined ? before?.limits : limitsWith(before?.limits, task, taskLimitsOf(said))
  const stuck = said.task === undefined ? before?.stuck : said.stuck
  return {
    worker_id: said.worker_id,
    name: said.name,
    state: said.state,
    concurrency: said.concurrency,
    active: said.active,
    processed: said.processed,
    failed: said.failed,
    interval_ms: said.interval_ms,
    runtime: said.runtime ?? before?.runtime ?? '',
    host: said.host ?? before?.host ?? '',
    features: said.features ?? before?.features ?? [],
    tasks: tasks.includes(task) ? tasks : [...tasks, task],
    last_seen_at: at,
    ...(started_at === undefined ? {} : { started_at }),
    ...(connection === undefined ? {} : { connection }),
    ...(paused === undefined ? {} : { paused }),
    ...(limits === undefined || limits.size === 0 ? {} : { limits }),
    ...(stuck ? { stuck } : {}),
    ...(isTold ? { is_told: true } : {}),
  }
}

/** No bridge hears its beats in the place of this side any more. @param at as above */
export function heardNow({ is_told: _, ...worker }: WorkerInfo, at: number): WorkerInfo {
  return { ...worker, last_seen_at: at }
}

/** Only an announcement says it. The same value where nothing has changed. */
function pausedAfter(said: Heard, task: string, before: WorkerInfo['paused']): WorkerInfo['paused'] {
  const isPaused = said.paused === true
  if (said.task === undefined || isPaused === (before?.includes(task) ?? false)) return before
  const others = (before ?? []).filter(other => other !== task)
  if (isPaused) return [...others, task]
  return others.length > 0 ? others : undefined
}

function limitsWith(before: WorkerInfo['limits'], task: string, said: TaskLimits | undefined): WorkerInfo['limits'] {
  const limits = new Map(before)
  if (said === undefined) limits.delete(task)
  else limits.set(task, said)
  return limits
}

/** Of a worker that reads the queue of its own name: one whose name was given to it. */
const named = 'named'

/** Whether it would take a job of the task. */
export const takes = (worker: WorkerInfo | undefined, task: string): boolean =>
  (worker?.state === 'idle' || worker?.state === 'busy') && !worker.paused?.includes(task)

/** Whether it would take a job of the task that is for a worker of that name. */
export const takesByName = (worker: WorkerInfo, task: string, wanted: string): boolean =>
  takes(worker, task) && worker.name === wanted && worker.tasks.includes(task) && worker.features.includes(named)

/** Whether others would take the jobs of its tasks than before. */
export const isOther = (worker: WorkerInfo, before: WorkerInfo | undefined): boolean =>
  presenceOf(before) !== presenceOf(worker) ||
  worker.tasks !== before?.tasks ||
  worker.paused !== before.paused ||
  worker.features.includes(named) !== before.features.includes(named)

/** Its state, where only presence counts: busy or idle makes no difference. */
const presenceOf = (worker: WorkerInfo | undefined): Exclude<WorkerInfo['state'], 'busy'> | undefined =>
  worker?.state === 'busy' ? 'idle' : worker?.state
