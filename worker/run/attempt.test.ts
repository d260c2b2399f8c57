import { expect, test } from 'vitest'
import * as z from 'zod'
import { type AnyTask, defineTask } from '../../shared/contract/mod.ts'
import { implement, type Run } from '../implement.ts'
import { runAttempt } from './attempt.ts'
import type { JobContext } from './job-context.ts'

const input = z.object({
  at: z.string().transform(text => text.length),
  files: z.array(z.object({ path: z.string() })),
})
const task = defineTask('a', { input, output: z.object({ n: z.int() }) })
const good = { at: 'four', files: [] }

function context(partials: unknown[] = [], signal: AbortSignal = new AbortController().signal): JobContext {
  return {
    request_id: '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11',
    task: 'a',
    attempt: 1,
    losses: 0,
    tags: [],
    signal,
    progress() {},
    log() {},
    async partial(data) {
      partials.push(data)
    },
  }
}
const run = (wanted: Run<unknown, unknown>, of: AnyTask = task, value: unknown = good) =>
  runAttempt({ task: of, run: wanted }, value, context())

test('runAttempt() gives the run the parsed input, and checks its output', async () => {
  const { run: typed } = implement(task, ({ at }) => ({ n: at }))
  expect(await runAttempt({ task, run: typed }, good, context())).toEqual({ is: 'done', output: { n: 4 } })
})

test('runAttempt() rejects an input with the path of everything that is wrong, and runs nothing', async () => {
  let runs = 0
  const end = await run(() => ++runs, task, { at: 1, files: [{ path: 'x' }, {}] })
  expect(end).toMatchObject({ is: 'rejected', issues: [{ path: 'at' }, { path: 'files.1.path' }] })
  expect(runs).toBe(0)
})

const login = defineTask('b', {
  input: z.object({
    password: z
      .string()
      .refine(text => text.length > 9, { error: ({ input }) => `"${String(input)}" is too short` })
      .meta({ format: 'password' }),
  }),
})

test.for([
  ['hunter2', { is: 'rejected', issues: [{ path: 'password', message: '"••••••" is too short' }] }],
  ['hunter2hunter2', { is: 'failed', error: { message: 'No login with ••••••' } }],
] as const)('runAttempt() says why not and quotes no secret: %j', async ([password, end]) => {
  const run: Run<{ password: string }> = input => {
    throw new Error(`No login with ${input.password}`)
  }
  const schema = z.toJSONSchema(login.input)
  expect(await runAttempt({ task: login, run }, { password }, context(), schema)).toMatchObject(end)
})

test('runAttempt() sends the yields of a generator and takes its return value', async () => {
  const partials: unknown[] = []
  const generator = async function* () {
    yield 'one'
    yield 'two'
    return { n: 2 }
  }
  expect(await runAttempt({ task, run: generator }, good, context(partials))).toEqual({ is: 'done', output: { n: 2 } })
  expect(partials).toEqual(['one', 'two'])
})

test('runAttempt() ends a generator at its first yield after the signal, and lets it tidy up', async () => {
  const stop = new AbortController()
  let isTidy = false
  const generator = async function* () {
    try {
      stop.abort(new Error('enough'))
      yield 1
      throw new Error('went on')
    } finally {
      isTidy = true
    }
  }
  const end = await runAttempt({ task, run: generator }, good, context([], stop.signal))
  expect(end).toMatchObject({ is: 'failed', error: { message: 'enough' } })
  expect(isTidy).toBe(true)
})

test.for([
  ['of the wrong shape', () => ({ n: 1.5 }), 'n: '],
  [
    'that is a cycle',
    () =>
      Object.assign(
        {},
        {
          get self() {
            return this
          },
        },
      ),
    'not JSON',
  ],
  ['that holds a bigint', () => ({ n: 1n }), 'not JSON'],
] as const)('runAttempt() fails for good on an output %s', async ([, wanted, found]) => {
  expect(await run(wanted)).toMatchObject({
    is: 'failed',
    error: { code: 'output_invalid', retryable: false, message: expect.stringContaining(found) },
  })
})

test('runAttempt() takes no output for a task without a schema of it', async () => {
  const bare = defineTask('a', { input: z.unknown() })
  expect(await run(() => {}, bare)).toEqual({ is: 'done', output: undefined })
})

test.for([
  ['an error', new TypeError('bad'), { name: 'TypeError', code: 'task_failed', message: 'bad', retryable: true }],
  [
    'undefined',
    undefined,
    { name: 'Error', code: 'task_failed', message: 'The task threw undefined', retryable: true },
  ],
  ['a string', 'no', { message: 'no' }],
  ['an error with a code', Object.assign(new Error('x'), { code: 'ENOENT' }), { code: 'ENOENT' }],
  ['one that must not be retried', Object.assign(new Error('x'), { retryable: false }), { retryable: false }],
  ['an object without a message', { stack: 'secret' }, { message: 'The task threw something that is not an error' }],
  ['null', null, { message: 'The task threw null' }],
  ['a symbol', Symbol('s'), { message: 'The task threw Symbol(s)' }],
  ['a message that is not text', { message: 7n }, { message: 'The task threw something that is not an error' }],
  [
    'getters that throw',
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('no')
        },
      },
    ),
    { name: 'Error' },
  ],
] as const)('runAttempt() survives a task that throws %s', async ([, thrown, error]) => {
  const end = await run(() => {
    throw thrown
  })
  expect(end).toMatchObject({ is: 'failed', error })
  expect(JSON.stringify(end)).not.toContain('secret')
})

test('runAttempt() survives a schema that throws', async () => {
  const throwing = {
    '~standard': {
      version: 1,
      vendor: 'x',
      validate: () => {
        throw new Error('schema')
      },
    },
  } as const
  expect(await run(() => 1, defineTask('a', { input: throwing }))).toMatchObject({ is: 'failed' })
})
