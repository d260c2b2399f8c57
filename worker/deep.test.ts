import { expect, test } from 'vitest'
import * as z from 'zod'
import { systemClock } from '../shared/clock.ts'
import { deadLetterBody } from '../shared/contract/dead-letter.ts'
import { defineTask, parseJob } from '../shared/contract/mod.ts'
import { runAttempt } from './run/attempt.ts'
import { createJobContext } from './run/job-context.ts'

const id = '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11'
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
const job = (levels: number): string => `{"request_id":"${id}","task":"t","input":${nested(levels)}}`
const error = { name: 'DroverError', code: 'rejected', message: 'too deep', retryable: false }

test.for([100, 5_000, 200_000])(
  'a job nested %i levels below its body is refused, and its dead letter has it as text',
  levels => {
    expect(() => parseJob(job(levels))).toThrow(/nested more than 100 levels/)
    const letter = JSON.parse(deadLetterBody(job(levels), { error, worker_id: 'w', at: 0 }, 4_000_000))
    expect(letter).toMatchObject({ request_id: id, task: 't', body: job(levels), error })
  },
)

test('a job of 100 levels is read, and brackets in its texts are no levels', () => {
  expect(parseJob(job(99)).task).toBe('t')
  expect(parseJob(JSON.stringify({ request_id: id, task: 't', input: `\\"${'['.repeat(500)}` })).task).toBe('t')
})

const { context } = createJobContext({
  request_id: id,
  task: 't',
  attempt: 1,
  losses: 0,
  signal: new AbortController().signal,
  maxCharacters: () => 1_000_000,
  send: fields => void JSON.stringify(fields),
  drained: async () => {},
  clock: { ...systemClock, steady: () => 0 },
  problem: () => {},
})
const throwing = (): never => {
  throw new Error('odd')
}
const odd: Record<string, () => unknown> = {
  'a proxy that throws': () => {
    throw new Proxy({}, { get: throwing, has: throwing, getPrototypeOf: throwing })
  },
  'an error whose message throws': () => {
    throw Object.defineProperty(new Error(''), 'message', { get: throwing })
  },
  null: () => {
    throw null
  },
  'a bigint as output': () => 1n,
  'a toJSON that throws': () => ({ toJSON: throwing }),
  'output of 5,000 levels': () => JSON.parse(nested(5_000)),
  'output of 100 levels': () => JSON.parse(nested(100)),
  'a deep partial': () => context.partial(JSON.parse(nested(5_000))),
}

test.for(Object.keys(odd))('%s ends the attempt as failed, with an error that can travel', async name => {
  const end = await runAttempt({ task: defineTask('t', { input: z.unknown() }), run: odd[name]! }, null, context)
  expect(end.is).toBe('failed')
  expect(() => JSON.stringify(end)).not.toThrow()
})

test('issues of a library that are no texts become texts', async () => {
  const input = { '~standard': { version: 1 as const, vendor: 'x', validate: () => ({ issues: [{ message: 1n }] }) } }
  const task = defineTask('t', { input: input as never })
  expect(await runAttempt({ task, run: () => 1 }, null, context)).toEqual({
    is: 'rejected',
    issues: [{ path: '', message: '1' }],
  })
})
