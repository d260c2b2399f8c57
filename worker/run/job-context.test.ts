import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import type { ReplyFields } from '../settle/replies.ts'
import { createJobContext } from './job-context.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setUp(maxCharacters = 1_000) {
  const sent: ReplyFields[] = []
  const problems: string[] = []
  let drains = 0
  const { context, end } = createJobContext({
    request_id: '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11',
    task: 'a',
    attempt: 1,
    losses: 0,
    signal: new AbortController().signal,
    maxCharacters: () => maxCharacters,
    send: fields => void sent.push(fields),
    drained: async () => void drains++,
    clock: systemClock,
    problem: message => void problems.push(message),
  })
  return { context, end, sent, problems, drains: () => drains }
}

test('progress goes out at once, then at most every 100 ms, the latest winning', async () => {
  const { context, sent } = setUp()
  for (let percent = 1; percent <= 100; percent++) {
    context.progress(percent)
    await vi.advanceTimersByTimeAsync(5)
  }
  await vi.advanceTimersByTimeAsync(200)
  expect(sent.length).toBeLessThanOrEqual(7)
  expect([sent[0], sent.at(-1)]).toEqual([
    { type: 'progress', percent: 1 },
    { type: 'progress', percent: 100 },
  ])
})

test('a run that logs without end fills no memory: what is left out is counted', async () => {
  const { context, end, sent, problems } = setUp(1_000_000)
  const log = (lines: number, data?: unknown): void => {
    for (let at = 0; at < lines; at++) context.log('info', 'x'.repeat(8_000), data)
  }
  log(500)
  expect([sent.length, problems], 'a burst goes out').toEqual([500, []])
  log(500)
  expect(sent.length).toBeLessThan(520)
  const before = sent.length
  await vi.advanceTimersByTimeAsync(1_000)
  log(1)
  const leftOut = 1_000 - before
  expect([sent.length, problems]).toEqual([
    before + 1,
    [expect.stringMatching(`^${leftOut} of its log lines were left out`)],
  ])
  log(2, 'y'.repeat(900_000))
  log(100, 'z')
  end()
  expect(sent.length, 'data counts').toBeLessThan(before + 10)
  expect(problems).toHaveLength(2)
})

test('progress that waits is sent before a log line, before a partial and before the end', async () => {
  const { context, end, sent } = setUp()
  context.progress(1)
  context.progress(2)
  context.log('info', 'line')
  context.progress(3)
  await context.partial('piece')
  context.progress(4)
  end()
  expect(sent.map(fields => ('percent' in fields ? fields.percent : fields.type))).toEqual([
    1,
    2,
    'log',
    3,
    'partial',
    4,
  ])
  expect(vi.getTimerCount()).toBe(0)
})

test('nothing is sent after the end', async () => {
  const { context, end, sent } = setUp()
  end()
  context.progress(1)
  context.log('info', 'x')
  await context.partial(1)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(sent).toEqual([])
})

test.for([
  [-5, { percent: 0 }],
  [400, { percent: 100 }],
  [Number.NaN, {}],
  [undefined, {}],
] as const)('progress of %s is sent as something that a master can show', ([percent, shown]) => {
  const { context, sent } = setUp()
  context.progress(percent)
  expect(sent).toEqual([{ type: 'progress', ...shown }])
})

test('data that is not JSON or too large is left out of progress and log lines, and told', () => {
  const { context, sent, problems } = setUp(100)
  const cycle: Record<string, unknown> = {}
  cycle.self = cycle
  context.progress(1, 'm', cycle)
  context.log('warn', 'l', 'x'.repeat(200))
  expect(sent).toEqual([
    { type: 'progress', percent: 1, message: 'm' },
    { type: 'log', level: 'warn', message: 'l' },
  ])
  expect(problems).toHaveLength(2)
})

test('a partial that cannot be sent fails in the run', async () => {
  const { context } = setUp(100)
  await expect(context.partial('x'.repeat(200))).rejects.toMatchObject({ code: 'output_too_large' })
  await expect(context.partial(1n)).rejects.toMatchObject({ code: 'output_invalid' })
  await expect(context.partial(undefined)).rejects.toMatchObject({ code: 'output_invalid' })
})

test('partials wait for the broker once 256 Ki characters are on their way', async () => {
  const { context, drains } = setUp(1_000_000)
  for (let i = 0; i < 10; i++) await context.partial('x'.repeat(100_000))
  expect(drains()).toBe(3)
})
