/** A task, as presence tells of it. */
import { type TaskLimits, taskLimitsOf } from '../../contract/mod.ts'
import type { Subscription } from '../../stomp/mod.ts'
import type { Heard } from './worker-info.ts'

/** A task as its workers announce it. */
export interface TaskInfo {
  readonly task: string
  /** JSON Schema of the input side, from the worker that announced last. */
  readonly input_schema?: unknown
  /** `required`: open jobs are rejected, as the worker that announced last says. */
  readonly sealed?: 'required'
  /** Of each worker, as the one that announced last says. */
  readonly limits?: TaskLimits
  /** How many workers would answer now. */
  readonly workers: number
  /** Whether every worker that is there has had the time to say so. */
  readonly known: boolean
}

export interface TaskRoster {
  readonly task: string
  known: boolean
  /** Whether a worker has announced it, with a schema if it has one. */
  isAnnounced: boolean
  input_schema?: unknown
  sealed?: 'required' | undefined
  limits?: TaskLimits | undefined
  readonly workers: Set<string>
  subscription?: Subscription
}

export const newTaskRoster = (task: string): TaskRoster => ({
  task,
  known: false,
  isAnnounced: false,
  workers: new Set(),
})

/** Notes the words of a worker's message about the task itself. */
export function announced(roster: TaskRoster, said: Heard): void {
  if (said.input_schema !== undefined) roster.input_schema = said.input_schema
  if (!('task' in said)) return
  roster.isAnnounced = true
  roster.sealed = said.sealed
  roster.limits = taskLimitsOf(said)
}

/** @param workers how many would answer now */
export function taskInfo({ task, known, input_schema, sealed, limits }: TaskRoster, workers: number): TaskInfo {
  return {
    task,
    known,
    workers,
    ...(input_schema === undefined ? {} : { input_schema }),
    ...(sealed === undefined ? {} : { sealed }),
    ...(limits === undefined ? {} : { limits }),
  }
}
