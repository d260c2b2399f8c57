import { expect, test } from 'vitest'
import * as z from 'zod'
import { defineTask, type TaskOptions } from './task.ts'

/** As a program without types gives it. */
const define = (options: unknown) => () => defineTask('a.b', options as TaskOptions)

test.for([
  [{}, 'Task "a.b": input is missing; expected a Standard Schema, such as z.object({ … })'],
  [undefined, 'Task "a.b": input is missing; expected a Standard Schema, such as z.object({ … })'],
  [{ input: null }, 'Task "a.b": input is null; expected a Standard Schema, such as z.object({ … })'],
  [
    { input: { type: 'object', properties: {} } },
    'Task "a.b": input is an object without "~standard"; expected a Standard Schema, such as z.object({ … }); a JSON Schema goes into inputJsonSchema',
  ],
  [
    { input: z.object({}), output: { type: 'string' } },
    'Task "a.b": output is an object without "~standard"; expected a Standard Schema, such as z.object({ … })',
  ],
  [
    { input: z.object({}), output: 'text' },
    'Task "a.b": output is a string; expected a Standard Schema, such as z.object({ … })',
  ],
] as const)('options that hold no schema are refused where they stand: %j', ([options, message]) => {
  expect(define(options)).toThrow(expect.objectContaining({ code: 'task_invalid', message }))
})

test.for([
  ['soon', "backoff is \"soon\"; expected { type: 'fixed' | 'exponential', delayMs, … } or a function"],
  [{ type: 'linear', delayMs: 1 }, "backoff.type is \"linear\"; expected 'fixed' or 'exponential'"],
  [{ type: 'fixed' }, 'backoff.delayMs is undefined; expected a whole number from 0'],
  [{ type: 'fixed', delayMs: '5' }, 'backoff.delayMs is "5"; expected a whole number from 0'],
  [{ type: 'fixed', delayMs: Number.NaN }, 'backoff.delayMs is NaN; expected a whole number from 0'],
  [{ type: 'exponential', delayMs: 9, maxMs: 8 }, 'backoff.maxMs is 8; expected a whole number from 9, its delayMs'],
  [{ type: 'fixed', delayMs: 9, jitter: 1.5 }, 'backoff.jitter is 1.5; expected a number from 0 to 1'],
] as const)('a backoff that is none is refused where it stands: %j', ([backoff, message]) => {
  const options = { input: z.any(), backoff }
  expect(define(options)).toThrow(expect.objectContaining({ code: 'task_invalid', message: `Task "a.b": ${message}` }))
})

test('a task has a backoff or its short form', () => {
  const options = { input: z.any(), backoff: () => 5, retryDelayMs: 5 }
  expect(define(options)).toThrow('both backoff and retryDelayMs')
  expect(define({ input: z.any(), backoff: { type: 'fixed', delayMs: 0, jitter: 1 } })().name).toBe('a.b')
})

test('a schema may be a function, and an output may be absent', () => {
  const schema = Object.assign(() => true, { '~standard': z.string()['~standard'] })
  expect(define({ input: schema })().name).toBe('a.b')
  expect(define({ input: z.any(), output: undefined })().name).toBe('a.b')
})
