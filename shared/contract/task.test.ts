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

test('a schema may be a function, and an output may be absent', () => {
  const schema = Object.assign(() => true, { '~standard': z.string()['~standard'] })
  expect(define({ input: schema })().name).toBe('a.b')
  expect(define({ input: z.any(), output: undefined })().name).toBe('a.b')
})
