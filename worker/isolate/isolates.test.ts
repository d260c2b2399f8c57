import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { systemClock } from '../../shared/clock.ts'
import { defineTask } from '../../shared/contract/mod.ts'
import { implement } from '../implement.ts'
import type { IsolatedJob } from './child-runs.ts'
import { Isolates } from './isolates.ts'
import type { ToChild } from './messages.ts'
import type { ChildOptions } from './port.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const one = implement(defineTask('a', { input: z.unknown() }), () => 'ran', {
  isolate: 'thread',
  module: 'file:///tasks.ts',
})

interface FakeChild extends ChildOptions {
  readonly heard: ToChild[]
  readonly raised: [run: number, why: number][]
  isKilled: boolean
}

/** A worker's children, of which each does as the test says. @param endsByItself whether one that is told to close ends */
async function setUp({ endsByItself = true, dies = true } = {}) {
  const children: FakeChild[] = []
  const problems: unknown[] = []
  const isolates = new Isolates({
    clock: systemClock,
    implementations: new Map([['a', one]]),
    survivesUncaughtErrors: true,
    uncaught: error => void problems.push(error.message),
    startChild(options) {
      const child: FakeChild = { ...options, heard: [], raised: [], isKilled: false }
      children.push(child)
      return {
        send(message) {
          child.heard.push(message)
          if (message.is === 'load') options.onMessage({ is: 'loaded', tasks: ['a'] })
          if (message.is === 'close' && endsByItself) options.onEnd('exit code 0')
        },
        raise: (...words) => void child.raised.push(words),
        kill() {
          child.isKilled = true
          if (dies) options.onEnd('ended by SIGKILL')
        },
      }
    },
  })
  await isolates.start()
  const begin = (more: Partial<IsolatedJob> = {}) =>
    isolates.run(
      one,
      {
        request_id: 'x',
        task: 'a',
        attempt: 1,
        losses: 0,
        input: 1,
        signal: new AbortController().signal,
        stopped: () => undefined,
        maxCharacters: () => 10,
        send() {},
        drained: async () => {},
        problem() {},
        ...more,
      },
      undefined,
    )
  const runsOf = (child: FakeChild | undefined) => child?.heard.filter(({ is }) => is === 'run').length
  const end = (child: FakeChild | undefined, run = 1): void => {
    child?.onMessage({ is: 'begun', run })
    child?.onMessage({ is: 'end', run, end: { is: 'done', output: 'ran' } })
  }
  return { isolates, children, problems, begin, runsOf, end }
}

test('Isolates starts one child ahead, and gives a run another child only while that is busy', async () => {
  const { children, begin, runsOf, end } = await setUp()
  expect(children).toHaveLength(1)
  const [first, second] = [begin(), begin()]
  expect(children.map(runsOf)).toEqual([1, 1])
  end(children[0])
  end(children[1])
  expect(await Promise.all([first.ended, second.ended])).toEqual([
    { is: 'done', output: 'ran' },
    { is: 'done', output: 'ran' },
  ])
  begin()
  expect(children.map(runsOf)).toEqual([1, 2])
})

test('Isolates closes children that had nothing to do for a minute, but for one', async () => {
  const { children, begin, end } = await setUp()
  const runs = [begin(), begin(), begin()]
  for (const child of children) end(child)
  await Promise.all(runs.map(({ ended }) => ended))
  await vi.advanceTimersByTimeAsync(130_000)
  const isClosed = ({ heard }: FakeChild) => heard.at(-1)?.is === 'close'
  expect(children.map(isClosed)).toEqual([true, true, false])
})

test('a run whose child had died before it began has another child; one that had begun has failed', async () => {
  const { children, begin, end } = await setUp()
  const first = begin()
  children[0]!.onEnd('ended by SIGKILL')
  await vi.waitFor(() => expect(children).toHaveLength(2))
  end(children[1])
  expect(await first.ended).toEqual({ is: 'done', output: 'ran' })
  const second = begin()
  children[1]!.onMessage({ is: 'begun', run: 2 })
  children[1]!.onEnd('exit code 7')
  const message = 'The thread of task "a" ended in the run: exit code 7'
  const error = { name: 'DroverError', code: 'isolate_died', message, retryable: true }
  expect(await second.ended).toEqual({ is: 'failed', error })
  const third = begin()
  children[2]!.onEnd('no memory')
  await vi.waitFor(() => expect(children).toHaveLength(4))
  children[3]!.onEnd('no memory')
  expect(await third.ended).toMatchObject({
    error: { message: 'The thread of task "a" ended before the run: no memory' },
  })
})

test('a child that does not begin a run is ended, and another one has the run', async () => {
  const { children, begin, end } = await setUp()
  const first = begin()
  await vi.advanceTimersByTimeAsync(3_050)
  end(children[0]) // this process had not read it
  await first.ended
  const second = begin()
  await vi.advanceTimersByTimeAsync(3_050)
  expect(children[0]!.isKilled).toBe(false)
  await vi.advanceTimersByTimeAsync(50)
  expect([children[0]!.isKilled, children.length]).toEqual([true, 2])
  end(children[1])
  expect(await second.ended).toEqual({ is: 'done', output: 'ran' })
})

test('a child that says what cannot be read is ended, and its run has failed', async () => {
  const { children, begin } = await setUp()
  for (const said of [{ is: 'end' }, { is: 'end', end: { is: 'failed' } }, { is: 'reply' }, { is: 'other' }]) {
    const run = begin({ send: ({ type }) => void type.length })
    const child = children.at(-1)!
    child.onMessage({ is: 'begun', run: 1 })
    child.onMessage({ run: 1, ...said } as never)
    expect([await run.ended, child.isKilled]).toMatchObject([{ error: { code: 'isolate_died' } }, true])
  }
})

test('a child in which something was thrown that nobody waits for takes no other run', async () => {
  const { children, problems, begin, end } = await setUp()
  const first = begin()
  children[0]!.onMessage({ is: 'uncaught', message: 'no' })
  end(children[0])
  await first.ended
  begin()
  expect([children.length, children[0]!.heard.at(-1), problems]).toEqual([2, { is: 'close' }, ['no']])
})

test('nor does one in which it was thrown after the run', async () => {
  const { children, begin, end } = await setUp()
  const first = begin()
  end(children[0])
  await first.ended
  children[0]!.onMessage({ is: 'uncaught', message: 'late' })
  expect([children.length, children[0]!.heard.at(-1)]).toEqual([1, { is: 'close' }])
  begin()
  expect(children).toHaveLength(2)
})

test('what a child says of a run that is over counts no longer; a signal is for the run that it has', async () => {
  const { children, begin, end } = await setUp()
  const said: unknown[] = []
  const send = (fields: unknown): void => void said.push(fields)
  const stop = new AbortController()
  const first = begin({ send })
  end(children[0])
  await first.ended
  begin({ send, signal: stop.signal, stopped: () => ({ why: 'timed_out' }) })
  children[0]!.onMessage({ is: 'reply', run: 1, fields: { type: 'partial', data: 'late' } })
  children[0]!.onMessage({ is: 'reply', run: 2, fields: { type: 'partial', data: 'now' } })
  stop.abort()
  expect(said).toEqual([{ type: 'partial', data: 'now' }])
  expect([children[0]!.raised, children[0]!.heard.at(-1)]).toEqual([
    [[2, 2]],
    { is: 'stop', run: 2, stopped: { why: 'timed_out' } },
  ])
})

test('a run waits until the broker has taken its partials, and learns how large they may be from then on', async () => {
  const { children, begin } = await setUp()
  let characters = 10
  const taken = Promise.withResolvers<void>()
  begin({ maxCharacters: () => characters, drained: () => taken.promise })
  children[0]!.onMessage({ is: 'drain', run: 1 })
  characters = 5
  expect(children[0]!.heard.at(-1)).toMatchObject({ is: 'run', limit: { maxCharacters: 10 } })
  taken.resolve()
  await vi.waitFor(() =>
    expect(children[0]!.heard.at(-1)).toMatchObject({ is: 'drained', limit: { maxCharacters: 5 } }),
  )
})

test('a start is over without an error when the worker is told to end meanwhile; else it says why it failed', async () => {
  const started = (isTold: boolean) => {
    let fail = (): void => {}
    const isolates = new Isolates({
      clock: systemClock,
      implementations: new Map([['a', one]]),
      survivesUncaughtErrors: true,
      uncaught() {},
      startChild({ onEnd }) {
        fail = () => onEnd('no such file')
        return { send: ({ is }) => is === 'close' && fail(), raise() {}, kill() {} }
      },
    })
    const starting = isolates.start()
    if (isTold) void isolates.stop()
    else fail()
    return starting
  }
  await started(true)
  const message = 'Cannot load file:///tasks.ts: no such file'
  await expect(started(false)).rejects.toMatchObject({ code: 'config_invalid', message })
})

test('kill() says whether the child has ended; at the end all are told to close, and killed when they do not', async () => {
  const stuck = await setUp({ dies: false, endsByItself: false })
  const killing = stuck.begin().kill()
  await vi.advanceTimersByTimeAsync(3_000)
  expect([await killing, stuck.children[0]!.isKilled]).toEqual([false, true])
  const { isolates, children, begin } = await setUp({ endsByItself: false })
  expect(await begin().kill()).toBe(true)
  begin()
  const stopping = isolates.stop()
  await vi.advanceTimersByTimeAsync(1_000)
  await stopping
  expect(children.map(({ isKilled }) => isKilled)).toEqual([true, true])
})
