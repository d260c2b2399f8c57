/** The job memory on a disk that the test has: its rows, the groups that they are written in, and failures. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import { fakeEndedJob } from '../testing.ts'
import { type EndedJob, JobMemory } from './job-memory.ts'
import { KeptMemory } from './kept-memory.ts'
import type { KeptCancel, KeptJob, StateChanges, StateDisk } from './state-disk.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const clock = { ...systemClock, now: () => Date.now(), steady: () => Date.now() - 500_000 }
const ended = (request_id: string, more: Partial<EndedJob> = {}): EndedJob => {
  const body = `{"of":"${request_id}"}`
  return fakeEndedJob({
    request_id,
    attempt: 2,
    sender: 'ada',
    body,
    answers: [{ message: { destination: '/queue/r', body, once: '7' }, connection: 3 }],
    untilAt: clock.steady() + 600_000,
    ...more,
  })
}

/** A disk that keeps its rows in memory, and fails when it is told to. */
function fakeDisk() {
  const jobs = new Map<number, KeptJob>()
  const cancels = new Map<string, KeptCancel>()
  const writes: StateChanges[] = []
  const disk = { isFull: false, namespace: 'here' as string | undefined, writes, jobs, close: vi.fn() }
  const port: StateDisk = {
    file: 'worker.db',
    load: () => ({ namespace: disk.namespace, jobs: [...jobs.values()], cancels: [...cancels.values()] }),
    turn: async () => {},
    write(changes) {
      if (disk.isFull) throw new Error('database or disk is full')
      writes.push(changes)
      disk.namespace = changes.namespace ?? disk.namespace
      if (changes.isWhole) for (const all of [jobs, cancels]) all.clear()
      for (const row of changes.removed) jobs.delete(row)
      for (const job of changes.jobs) jobs.set(job.row, job)
      for (const row of changes.settled) jobs.set(row, { ...jobs.get(row)!, isUnsettled: false })
      for (const one of changes.cancels) cancels.set(one.key, one)
      for (const key of changes.uncancelled) cancels.delete(key)
    },
    close: disk.close,
  }
  return { disk, port }
}

function start(port: StateDisk, limits = { count: 100, characters: 10_000 }) {
  const memory = new JobMemory(limits)
  const problem = vi.fn()
  const kept = new KeptMemory({ disk: port, memory, clock, problem })
  kept.claim('here')
  return { memory, problem, kept }
}

const written = () => vi.advanceTimersByTimeAsync(0)

test('the next start has the outcomes, to whom they go, which are in doubt, and the cancelled ids', async () => {
  const { disk, port } = fakeDisk()
  const { memory } = start(port)
  const letter = { destination: '/queue/dead', body: '{}' }
  memory.keep(ended('1', { letter, isSealed: true }), clock.steady())
  memory.keep(ended('2'), clock.steady())
  memory.cancel('a', '3', 'enough', clock.steady() + 60_000)
  await written()
  expect(disk.writes.length, 'one group').toBe(1)
  memory.settled('2')
  await vi.advanceTimersByTimeAsync(100)
  expect(disk.writes.at(-1)).toMatchObject({ jobs: [], settled: [2] })
  vi.setSystemTime(1_010_000)
  const { memory: next } = start(port)
  expect(next.unsettled().map(({ request_id }) => request_id)).toEqual(['1'])
  const answers = [{ ...ended('1').answers[0], connection: 0 }] // its pass is older than every connection of this process
  expect(next.ended('1', clock.steady())).toEqual({
    ...ended('1', { letter, isSealed: true }),
    answers,
    untilAt: 1_100_000,
  })
  expect(next.ended('2', clock.steady())?.body).toBe('{"of":"2"}')
  expect(next.cancelled('a', '3', clock.steady())?.reason).toBe('enough')
  expect(next.cancelled('a', '3', clock.steady() + 50_000), 'its time goes on').toBeUndefined()
})

test('what the memory forgets the disk forgets: past its count, its characters and its age', async () => {
  const { disk, port } = fakeDisk()
  const { memory } = start(port, { count: 2, characters: 1_000 })
  for (const id of ['1', '2', '3']) {
    memory.keep(ended(id), clock.steady())
    memory.settled(id)
    await written()
  }
  await vi.advanceTimersByTimeAsync(100)
  expect([...disk.jobs.values()].map(({ body }) => body)).toEqual(['{"of":"2"}', '{"of":"3"}'])
  vi.setSystemTime(1_000_000 + 600_000)
  const { memory: next } = start(port)
  expect([...next.ids()]).toEqual([])
  await vi.advanceTimersByTimeAsync(100)
  expect(disk.jobs.size).toBe(0)
})

test('a full disk is told once, the worker goes on in memory, and all of it is written once there is room', async () => {
  const { disk, port } = fakeDisk()
  const { memory, problem } = start(port)
  memory.keep(ended('1'), clock.steady())
  await written()
  disk.isFull = true
  for (let at = 2; at < 50; at++) {
    memory.keep(ended(`${at}`), clock.steady())
    await written()
  }
  memory.settled('1')
  await vi.advanceTimersByTimeAsync(5_000)
  expect(problem.mock.calls.map(([message]) => message)).toEqual([
    'This worker cannot keep its memory of ended jobs in worker.db, and goes on without',
  ])
  expect(memory.ended('49', clock.steady())).toBeDefined()
  disk.isFull = false
  await vi.advanceTimersByTimeAsync(60_000)
  expect(problem.mock.lastCall?.[0]).toContain('in worker.db again')
  expect(disk.writes.at(-1)).toMatchObject({ isWhole: true })
  const { memory: next } = start(port)
  expect([...next.ids()].length).toBe(49)
  expect(next.isSettled('1')).toBe(true)
})

test('a job that ends here once more has one row, and closing writes the rest', async () => {
  const { disk, port } = fakeDisk()
  const { memory, kept } = start(port)
  memory.keep(ended('1'), clock.steady())
  await written()
  memory.keep(ended('1', { body: '{"second":true}' }), clock.steady())
  await written()
  memory.settled('1')
  kept.close()
  kept.close()
  expect([...disk.jobs.values()]).toMatchObject([{ body: '{"second":true}', isUnsettled: false }])
  expect(disk.close).toHaveBeenCalledOnce()
  memory.keep(ended('2'), clock.steady())
  await vi.advanceTimersByTimeAsync(1_000)
  expect(disk.jobs.size, 'nothing after that').toBe(1)
})

test('a row that is no job is damage, and is told with its file', () => {
  const { disk, port } = fakeDisk()
  disk.jobs.set(4, { row: 4, isUnsettled: true, keptAt: 0, leftMs: 1, body: '{}', facts: '{' })
  expect(() => start(port)).toThrow('worker.db is damaged: its row 4 is no job; name another file')
})

test('a state is of one namespace: in another one nothing of it is loaded, and nothing is written', async () => {
  const { disk, port } = fakeDisk()
  disk.namespace = undefined // new, or of a version that did not write it
  const { memory, kept } = start(port)
  memory.keep(ended('1'), clock.steady())
  await written()
  expect([disk.namespace, disk.jobs.size]).toEqual(['here', 1])
  kept.close()
  const writes = disk.writes.length
  const there = new JobMemory()
  const other = new KeptMemory({ disk: port, memory: there, clock, problem() {} })
  expect(() => other.claim('there')).toThrow(
    'worker.db is the state of a worker in namespace "here", and this one is in "there"; name another file, or start it there',
  )
  other.close()
  expect([[...there.ids()], disk.writes.length, disk.namespace]).toEqual([[], writes, 'here'])
})
