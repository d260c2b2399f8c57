import { expect, test, vi } from 'vitest'
import { systemClock } from '../../clock.ts'
import { uncaughtOf } from '../node-testing.ts'
import type { Changes, JobStorage, Unstored } from '../storage/storage.ts'
import { JobStore } from './job-store.ts'
import { newJobState } from './state/job.ts'

const job = (n: number, input = 0) =>
  newJobState({ request_id: `id-${n}`, task: 't', mode: 'queue', input, timeout_ms: 1, created_at: 0 })

/** A storage whose writes settle when the test says so. */
function slowStorage() {
  const writes: { changes: Changes; settle: (how?: Error | readonly Unstored[]) => void }[] = []
  const arrived: (() => void)[] = []
  const storage: JobStorage = {
    load: async () => ({ jobs: [] }),
    write: changes =>
      new Promise<readonly Unstored[]>((resolve, reject) => {
        writes.push({ changes, settle: how => (how instanceof Error ? reject(how) : resolve(how ?? [])) })
        arrived.shift()?.()
      }),
    close: async () => {},
  }
  const next = async () => {
    if (writes.length === 0) await new Promise<void>(resolve => arrived.push(resolve))
    return writes.shift()!
  }
  return { storage, next }
}

test('changes during a write go into the next, each job once', async () => {
  const { storage, next } = slowStorage()
  const store = new JobStore({ storage, clock: systemClock })
  const stored: number[] = []
  store.put(job(1), () => stored.push(1))
  store.start('m')
  const first = await next()
  for (let n = 2; n <= 5; n++) store.put(job(2, n), () => stored.push(n))
  store.remove('id-9')
  expect(stored).toEqual([])
  first.settle()
  const second = await next()
  expect([first.changes.master_id, ...first.changes.put, ...second.changes.put, ...second.changes.remove]).toEqual([
    'm',
    job(1),
    job(2, 5),
    'id-9',
  ])
  expect(stored).toEqual([1])
  second.settle()
  await store.close()
  expect(stored).toEqual([1, 2, 3, 4, 5])
})

test('nothing is written before storage was read', async () => {
  const { storage, next } = slowStorage()
  const store = new JobStore({ storage, clock: systemClock })
  store.put(job(1))
  store.start('m')
  const { changes, settle } = await next()
  expect(changes).toEqual({ master_id: 'm', put: [job(1)], remove: [] })
  settle()
  await store.close()
})

test('a failed write is told, tried again with the changes since, and confirmed only then', async () => {
  const { storage, next } = slowStorage()
  let pause: (() => void) | undefined
  const timer = (_ms: number, fire: () => void) => {
    pause = fire
    return () => {}
  }
  const clock = { ...systemClock, timer }
  const problems: (string | undefined)[] = []
  const store = new JobStore({ storage, clock })
  store.listen({ storageChanged: (problem, lost) => problems.push(problem && `${problem.code} ${lost.length}`) })
  let isStored = false
  store.put(job(1, 1), () => {
    isStored = true
  })
  store.start('m')
  const first = await next()
  store.put(job(1, 2))
  first.settle(new Error('disk full'))
  await Promise.resolve()
    .then(() => {})
    .then(() => {})
  expect(store.problem?.message).toContain('disk full')
  expect(isStored).toBe(false)
  pause?.()
  const again = await next()
  expect(again.changes).toEqual({ master_id: 'm', put: [job(1, 2)], remove: [] })
  again.settle()
  await store.close()
  expect([isStored, problems, store.problem]).toEqual([true, ['storage_failed 1', undefined], undefined])
})

/** A storage that is always quick. */
function quickStorage() {
  const written: string[] = []
  const storage: JobStorage = {
    load: async () => ({ jobs: [] }),
    write: async ({ put }) => void written.push(...put.map(one => one.request_id)),
    close: async () => {},
  }
  return { storage, written }
}

test('a job that is put at any moment after a write is stored without waiting for more', async () => {
  for (let ticks = 0; ticks < 12; ticks++) {
    const store = new JobStore({ storage: quickStorage().storage, clock: systemClock })
    store.start('m')
    await new Promise<void>(resolve => store.put(job(1), resolve))
    for (let i = 0; i < ticks; i++) await Promise.resolve()
    let isStored = false
    store.put(job(2), () => {
      isStored = true
    })
    await new Promise(resolve => setImmediate(resolve))
    expect([ticks, isStored]).toEqual([ticks, true])
    await store.close()
  }
})

test('close() writes each job that was put at any moment before it', async () => {
  for (let ticks = 0; ticks < 12; ticks++) {
    const { storage, written } = quickStorage()
    const store = new JobStore({ storage, clock: systemClock })
    store.start('m')
    await new Promise<void>(resolve => store.put(job(1), resolve))
    for (let i = 0; i < ticks; i++) await Promise.resolve()
    store.put(job(2))
    await store.close()
    expect([ticks, written]).toEqual([ticks, ['id-1', 'id-2']])
  }
})

test('a callback that throws is no failed write, and takes no other with it', async () => {
  const { storage, next } = slowStorage()
  const problems: unknown[] = []
  const store = new JobStore({ storage, clock: systemClock })
  store.listen({ storageChanged: problem => problems.push(problem) })
  const called: string[] = []
  const thrown = await uncaughtOf(async () => {
    store.start('m')
    ;(await next()).settle()
    store.put(job(1), () => {
      called.push('one')
      throw new Error('mine')
    })
    store.put(job(2), () => called.push('two'))
    for (;;) {
      const { changes, settle } = await next()
      settle()
      if (changes.put.some(({ request_id }) => request_id === 'id-2')) break
    }
    await store.close()
  })
  expect([called, thrown, problems]).toEqual([['one', 'two'], ['mine'], []])
})

test('a job that cannot be stored waits by itself, is named, and is tried again in its latest state', async () => {
  vi.useFakeTimers()
  try {
    const { storage, next } = slowStorage()
    const told: (string | undefined)[] = []
    const lost: string[] = []
    const store = new JobStore({ storage, clock: systemClock })
    store.listen({
      storageChanged: (problem, states) => {
        told.push(problem?.message)
        lost.push(...states.map(({ request_id }) => request_id))
      },
    })
    const called: string[] = []
    store.put(job(1), () => called.push('stored 1'))
    store.put(
      job(2),
      () => called.push('stored 2'),
      () => called.push('tried 2'),
    )
    store.start('m')
    const first = await next()
    store.put(job(2, 1), () => called.push('stored 2 as well'))
    first.settle([{ request_id: 'id-2', cause: new Error('quota') }])
    await vi.advanceTimersByTimeAsync(0)
    expect([called, lost]).toEqual([['stored 1', 'tried 2'], ['id-2']])
    expect(told).toEqual([expect.stringContaining('Cannot store job id-2 of "t": quota')])
    store.put(job(2, 2))
    store.after('id-2', () => called.push('after 2'))
    store.put(job(3), () => called.push('stored 3'))
    const second = await next()
    expect(second.changes.put).toEqual([job(3)])
    second.settle()
    await vi.advanceTimersByTimeAsync(1000)
    const third = await next()
    expect(third.changes.put).toEqual([job(2, 2)])
    third.settle()
    await vi.advanceTimersByTimeAsync(0)
    expect(called.slice(2)).toEqual(['stored 3', 'stored 2', 'stored 2 as well', 'after 2'])
    expect([told.at(-1), store.problem]).toEqual([undefined, undefined])
    await store.close()
  } finally {
    vi.useRealTimers()
  }
})

test('a storage that gives no answer keeps nothing from showing, and is said', async () => {
  vi.useFakeTimers()
  try {
    const { storage, next } = slowStorage()
    const store = new JobStore({ storage, clock: systemClock })
    store.start('m')
    const called: string[] = []
    store.put(
      job(1),
      () => called.push('stored'),
      () => called.push('tried'),
    )
    const { settle } = await next()
    await vi.advanceTimersByTimeAsync(4999)
    expect([called, store.problem]).toEqual([[], undefined])
    await vi.advanceTimersByTimeAsync(1)
    expect([called, store.problem?.message]).toEqual([['tried'], expect.stringContaining('no answer for 5000 ms')])
    settle()
    ;(await next()).settle()
    await vi.advanceTimersByTimeAsync(0)
    expect([called, store.problem]).toEqual([['tried', 'stored'], undefined])
    await store.close()
  } finally {
    vi.useRealTimers()
  }
})

test('a storage that gives no answer holds up neither an end nor a forgetting', async () => {
  vi.useFakeTimers()
  for (const end of ['close', 'erase'] as const) {
    const ended: string[] = []
    const { storage } = slowStorage()
    const store = new JobStore({
      storage: {
        ...storage,
        erase: async () => void ended.push('erased'),
        close: async () => void ended.push('closed'),
      },
      clock: systemClock,
    })
    store.put(job(1))
    store.start('m')
    const over = end === 'close' ? store.close() : store.erase(['id-1'])
    await vi.advanceTimersByTimeAsync(4_900)
    expect(ended).toEqual([])
    await vi.advanceTimersByTimeAsync(200)
    await over
    expect(ended).toEqual(end === 'close' ? ['closed'] : ['erased', 'closed'])
  }
  vi.useRealTimers()
})
