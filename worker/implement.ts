/** A task and the function that does it, which a worker runs. Design section 8. */
import type { AnyTask, ParsedInputOf, Task } from '../shared/contract/mod.ts'
import { DroverError } from '../shared/contract/mod.ts'
import type { StandardSchema } from '../shared/contract/standard-schema.ts'
import type { JobContext } from './run/job-context.ts'

/** The output that a run gives back: the input side of its schema, since that travels and the master parses it. */
export type SentOutputOf<T extends AnyTask> =
  // biome-ignore lint/suspicious/noExplicitAny: an input of any schema
  T extends Task<string, any, infer O extends StandardSchema> ? NonNullable<O['~standard']['types']>['input'] : unknown

/** A run: an async function, or an async generator whose yields are partials and whose return value is the output. */
export type Run<Input = unknown, Output = unknown> = (
  input: Input,
  job: JobContext,
) => Output | Promise<Output> | AsyncGenerator<unknown, Output, undefined>

/** How a worker runs a task, apart from its other tasks. */
export interface ImplementOptions {
  /** How many jobs of the task this worker runs at once at most, within its own `concurrency`. Default: that one. */
  readonly concurrency?: number | undefined
  /**
   * How many jobs of the task begin here at most in any `perMs`, such as `{ jobs: 10, perMs: 1000 }`. Each attempt counts, and each
   * broadcast. Default: as many as may.
   */
  readonly rate?: { readonly jobs: number; readonly perMs: number } | undefined
}

export interface Implementation extends ImplementOptions {
  readonly task: AnyTask
  // biome-ignore lint/suspicious/noExplicitAny: tasks of different inputs stand in one list
  readonly run: Run<any, unknown>
}

/**
 * Joins a task with the function that does it.
 * @param task as `defineTask` made it
 * @param run is given the parsed input and the job; an error that it throws fails the attempt, and one with
 * `retryable: false` fails the job
 * @param options limits of this task in this worker. A task at its limit leaves its jobs to other workers, and other tasks of this
 * worker go on
 * @throws {DroverError} `task_invalid` when `run` is not a function, `config_invalid` for an option out of range
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import * as z from 'zod'
 * import { defineTask, implement } from 'drover/worker'
 * const add = defineTask('sums.add', { input: z.object({ a: z.number(), b: z.number() }), output: z.number() })
 * const { task } = implement(add, async ({ a, b }, job) => {
 *   job.progress(50, 'adding')
 *   return a + b
 * })
 * assert.equal(task.name, 'sums.add')
 * const gentle = implement(add, ({ a, b }) => a + b, { concurrency: 2, rate: { jobs: 10, perMs: 1000 } })
 * assert.equal(gentle.concurrency, 2)
 * ```
 */
export function implement<T extends AnyTask>(
  task: T,
  run: Run<ParsedInputOf<T>, SentOutputOf<T>>,
  options: ImplementOptions = {},
): Implementation {
  const { concurrency, rate } = options
  checkWhole(task, 'concurrency', concurrency)
  if (rate !== undefined) {
    checkWhole(task, 'rate.jobs', rate.jobs, mostStarts)
    checkWhole(task, 'rate.perMs', rate.perMs)
  }
  if (typeof run === 'function') return { task, run, ...options }
  throw new DroverError('task_invalid', `Task "${task.name}" is implemented by a ${typeof run}; expected a function`)
}

/** The starts of so many jobs are remembered. */
const mostStarts = 100_000

/** @throws {DroverError} `config_invalid` */
function checkWhole({ name }: AnyTask, option: string, value: unknown, most = Number.MAX_SAFE_INTEGER): void {
  if (value === undefined && option === 'concurrency') return
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most) return
  const range = most === Number.MAX_SAFE_INTEGER ? 'from 1' : `from 1 to ${most}`
  throw new DroverError(
    'config_invalid',
    `Task "${name}": ${option} is ${JSON.stringify(value)}; expected a whole number ${range}`,
  )
}
