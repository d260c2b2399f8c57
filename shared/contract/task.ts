/** A task as both sides know it: its name, its schemas, and how a job of it behaves by default. */

import { checkBackoff, type TaskBackoff } from './backoff.ts'
import { DroverError } from './errors.ts'
import { checkTaskName } from './names.ts'
import type { StandardJsonSchema, StandardSchema } from './standard-schema.ts'

/** The options of `defineTask`. Every schema is a Standard Schema: zod, Valibot, ArkType and others. */
export interface TaskOptions<
  Input extends StandardSchema = StandardSchema,
  Output extends StandardSchema = StandardSchema,
> {
  /** Checked by the worker before a run; its input side is sent and announced. */
  input: Input
  /** Checked by the worker before a result is sent. */
  output?: Output | undefined
  /** From being sent to the outcome. Default: 1 h for a job to one worker, 60 s for a broadcast. */
  timeoutMs?: number | undefined
  /** How many runs may fail before the job does. Default 1. */
  attempts?: number | undefined
  /**
   * Wait before the next attempt: a rule, or a function of the attempt that failed and its error. Default: exponential from 1 s,
   * at most 60 s. No attempt is made that could only begin after the job's timeout.
   */
  backoff?: TaskBackoff | undefined
  /** The short form of `backoff`: a number of ms, or a function of the attempt that failed. */
  retryDelayMs?: number | ((attempt: number) => number) | undefined
  /**
   * How often a job may lose its worker while nothing else runs there, before it goes to dead. Default 3. Up to two losses
   * beside other jobs, which may have been theirs, come before; with 0 the first of these is the last.
   */
  losses?: number | undefined
  /** `required`: a job that came in the open is rejected. docs/security.md. */
  sealed?: 'required' | undefined
  /** JSON Schema of the input side, for schemas that cannot give theirs. */
  inputJsonSchema?: Record<string, unknown> | undefined
  /**
   * One sentence for people who choose a task. Announced as the `description` of the input's JSON Schema, at most 500
   * characters of it, unless that has one; the page's form shows it. Each field is explained in its own schema, with an
   * example where it is hard to guess: zod's `.describe(…)` and `.meta({ examples: […] })`.
   */
  description?: string | undefined
}

export interface Task<
  Name extends string = string,
  Input extends StandardSchema = StandardSchema,
  Output extends StandardSchema = StandardSchema,
> extends Readonly<TaskOptions<Input, Output>> {
  readonly name: Name
}

// biome-ignore lint/suspicious/noExplicitAny: a task of any schemas; `unknown` would make the types invariant
export type AnyTask = Task<string, any, any>

/** The input that is dispatched: the schema's input side. */
export type InputOf<T extends AnyTask> = NonNullable<T['input']['~standard']['types']>['input']
/** The input that a run is given: the schema's output side. */
export type ParsedInputOf<T extends AnyTask> = NonNullable<T['input']['~standard']['types']>['output']
/** The output that the master's caller gets. */
export type OutputOf<T extends AnyTask> =
  T extends Task<string, StandardSchema, infer O extends StandardSchema>
    ? NonNullable<O['~standard']['types']>['output']
    : unknown

/**
 * Defines a task, for page and workers alike.
 * @param name dot-separated parts of `[a-z0-9_-]+`
 * @throws {DroverError} `task_invalid` for a bad name, a value that is no schema, or options out of range
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import * as z from 'zod'
 * import { defineTask } from 'drover/contract'
 * const thumbnail = defineTask('image.thumbnail', {
 *   input: z.object({ path: z.string(), width: z.int() }),
 *   output: z.object({ bytes: z.int() }),
 *   timeoutMs: 30_000,
 *   attempts: 3,
 * })
 * assert.equal(thumbnail.name, 'image.thumbnail')
 * ```
 */
export function defineTask<
  const Name extends string,
  Input extends StandardSchema,
  Output extends StandardSchema = StandardSchema<unknown, unknown>,
>(name: Name, options: TaskOptions<Input, Output>): Task<Name, Input, Output> {
  checkTaskName(name)
  checkSchema(name, 'input', options?.input)
  if (options.output !== undefined) checkSchema(name, 'output', options.output)
  checkWhole(name, 'timeoutMs', options.timeoutMs, 1)
  checkWhole(name, 'attempts', options.attempts, 1)
  checkWhole(name, 'losses', options.losses, 0)
  checkBackoff(name, options.backoff)
  if (options.backoff !== undefined && options.retryDelayMs !== undefined) {
    throw new DroverError(
      'task_invalid',
      `Task "${name}" has both backoff and retryDelayMs, which is its short form; expected one of them`,
    )
  }
  const { sealed } = options
  if (sealed !== undefined && sealed !== 'required') {
    throw new DroverError(
      'task_invalid',
      `Task "${name}": sealed is ${JSON.stringify(sealed)}; expected 'required', or nothing`,
    )
  }
  return Object.freeze({ ...options, name })
}

/** A program without types finds out here, and not by each of its jobs. */
function checkSchema(task: string, option: 'input' | 'output', value: unknown): void {
  if ((value as Partial<StandardSchema> | null | undefined)?.['~standard'] !== undefined) return
  const isObject = typeof value === 'object' && value !== null
  const found =
    value === undefined
      ? 'missing'
      : value === null
        ? 'null'
        : isObject
          ? 'an object without "~standard"'
          : `a ${typeof value}`
  const hint = isObject && option === 'input' ? '; a JSON Schema goes into inputJsonSchema' : ''
  throw new DroverError(
    'task_invalid',
    `Task "${task}": ${option} is ${found}; expected a Standard Schema, such as z.object({ … })${hint}`,
  )
}

function checkWhole(task: string, option: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least)) return
  throw new DroverError('task_invalid', `Task "${task}": ${option} is ${value}; expected a whole number from ${least}`)
}

/**
 * The JSON Schema of a task's input side, as workers announce it.
 * @returns `undefined` when the schema library gives none and the task states none
 */
export function inputJsonSchema(task: AnyTask): Record<string, unknown> | undefined {
  if (task.inputJsonSchema !== undefined) return task.inputJsonSchema
  const standard = task.input['~standard'] as StandardJsonSchema['~standard']
  return standard.jsonSchema?.input({ target: 'draft-2020-12' })
}
