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

/** How a worker runs an implementation, apart from its others. */
export interface ImplementOptions {
  /** How many jobs of the task this worker runs at once at most, within its own `concurrency`. Default: that one. */
  readonly concurrency?: number | undefined
  /**
   * How many jobs of the task begin here at most in any `perMs`, such as `{ jobs: 10, perMs: 1000 }`. Each attempt counts, and each
   * broadcast. Default: as many as may.
   */
  readonly rate?: { readonly jobs: number; readonly perMs: number } | undefined
  /**
   * Where its code runs: in a thread or a process of its own, so that it may compute without a pause, and be ended. A process may
   * die in any way, and its worker goes on; docs/workers.md compares the two. Default: in the worker itself.
   */
  readonly isolate?: 'thread' | 'process' | undefined
  /**
   * URL of the module that exports the implementation, which a thread or process imports: `import.meta.url`. Needed with
   * `isolate`, but where `drover worker` has loaded the module itself.
   */
  readonly module?: string | URL | undefined
  /** The largest heap of its thread or process, MiB. Default: the runtime's. Not for a thread under Deno, which knows no bound. */
  readonly memoryMb?: number | undefined
  /** More options of the runtime's command line for its process, such as permissions under Deno. */
  readonly flags?: readonly string[] | undefined
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
 * @param options limits of this task in this worker, and where its code runs. A task at its limit leaves its jobs to other workers,
 * and other tasks of this worker go on
 * @throws {DroverError} `task_invalid` when `run` is not a function, or an option is out of range
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
  if (typeof run !== 'function') {
    throw new DroverError('task_invalid', `Task "${task.name}" is implemented by a ${typeof run}; expected a function`)
  }
  checkIsolation(task.name, options)
  const { concurrency, rate } = options
  checkWhole(task, 'concurrency', concurrency)
  if (rate !== undefined) {
    checkWhole(task, 'rate.jobs', rate.jobs, mostStarts)
    checkWhole(task, 'rate.perMs', rate.perMs)
  }
  return { ...options, task, run }
}

/** A program without types finds out here. */
function checkIsolation(task: string, { isolate, memoryMb, flags }: ImplementOptions): void {
  const refuse = (found: string): never => {
    throw new DroverError('task_invalid', `Task "${task}": ${found}`)
  }
  if (isolate !== undefined && isolate !== 'thread' && isolate !== 'process') {
    refuse(`isolate is ${JSON.stringify(isolate)}; expected 'thread' or 'process'`)
  }
  if (memoryMb !== undefined && !(Number.isInteger(memoryMb) && memoryMb > 0)) {
    refuse(`memoryMb is ${memoryMb}; expected a whole number from 1`)
  }
  if (memoryMb !== undefined && isolate === undefined) refuse('memoryMb is for a task with "isolate"')
  if (flags !== undefined && isolate !== 'process') refuse(`flags are for a task with isolate: 'process'`)
}

/** The starts of so many jobs are remembered. */
const mostStarts = 100_000

/** @throws {DroverError} `task_invalid` */
function checkWhole({ name }: AnyTask, option: string, value: unknown, most = Number.MAX_SAFE_INTEGER): void {
  if (value === undefined && option === 'concurrency') return
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most) return
  const range = most === Number.MAX_SAFE_INTEGER ? 'from 1' : `from 1 to ${most}`
  throw new DroverError(
    'task_invalid',
    `Task "${name}": ${option} is ${JSON.stringify(value)}; expected a whole number ${range}`,
  )
}
