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

export interface Implementation {
  readonly task: AnyTask
  // biome-ignore lint/suspicious/noExplicitAny: tasks of different inputs stand in one list
  readonly run: Run<any, unknown>
}

/**
 * Joins a task with the function that does it.
 * @param task as `defineTask` made it
 * @param run is given the parsed input and the job; an error that it throws fails the attempt, and one with
 * `retryable: false` fails the job
 * @throws {DroverError} `task_invalid` when `run` is not a function
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
 * ```
 */
export function implement<T extends AnyTask>(task: T, run: Run<ParsedInputOf<T>, SentOutputOf<T>>): Implementation {
  if (typeof run === 'function') return { task, run }
  throw new DroverError('task_invalid', `Task "${task.name}" is implemented by a ${typeof run}; expected a function`)
}
