/** An outcome whose master does not read, told by the settler that sends it. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/mod.ts'
import { embedded } from '../../shared/stomp/mod.ts'
import { fakeDelivery, fakeEndedJob, fakeStomp } from '../testing.ts'
import { type EndedJob, JobMemory } from './job-memory.ts'
import { Settler } from './settler.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const destination = '/queue/myapp.reply.eve.m1'
const output = 'x'.repeat(2_000)
const full = () => new DroverError('queue_full', `The message to ${destination} does not fit: it holds 9 messages`)

function setUp(letter?: EndedJob['letter']) {
  const stomp = fakeStomp()
  const { state } = stomp
  if (state.at !== 'open') throw new Error('not open')
  stomp.become({ at: 'open', session: { ...state.session, dialect: embedded } })
  const memory = new JobMemory()
  const told = { dropped: 0, parked: 0, acks: 0, problems: [] as string[] }
  const settler = new Settler({
    stomp,
    memory,
    problem: message => void told.problems.push(message),
    isStale: () => false,
    clock: { ...systemClock, steady: () => Date.now() },
    newId: () => crypto.randomUUID(),
    dropped: () => void told.dropped++,
  })
  const settle = (request_id: string, to = destination) => {
    const body = JSON.stringify({ v: 1, type: 'result', request_id, worker_id: 'w', seq: 3, at: 1, attempt: 1, output })
    const answers = [{ message: { destination: to, body }, connection: 1 }]
    const ended = fakeEndedJob({ request_id, body, answers, letter, untilAt: 9e15 })
    memory.keep(ended, 0)
    const delivery = fakeDelivery({ settled: () => void told.acks++, park: () => void told.parked++ })
    return settler.outcome(ended, [delivery], () => ({ destination: '/queue/myapp.dead', body: '{}' }))
  }
  /** A job whose outcome finds no room until it has waited long enough, and so often more. */
  const settleUnread = async (request_id: string, more = 0) => {
    for (let at = 0; at < 3 + more; at++) stomp.fates.push(full())
    const settling = settle(request_id)
    await vi.advanceTimersByTimeAsync(3_000)
    await settling
  }
  const bodies = () => stomp.sent.map(({ body }) => JSON.parse(body))
  return { stomp, memory, settler, settle, settleUnread, bodies, told }
}

test('an outcome waits some seconds for room, in no slot, and comes as it is when there is some', async () => {
  const { stomp, settle, bodies, memory, told } = setUp()
  stomp.fates.push(full(), full())
  const settling = settle('1')
  await vi.advanceTimersByTimeAsync(900)
  expect([bodies(), memory.isSettled('1'), told.parked]).toEqual([[], false, 1])
  await vi.advanceTimersByTimeAsync(2_500)
  await settling
  expect(bodies()).toMatchObject([{ type: 'result', output }])
  expect(stomp.sent[0]!.headers).toEqual({ 'on-full': 'receipt' })
  expect(memory.isSettled('1')).toBe(true)
})

test('past that it is told why it did not come, the next ones at once, and each is tried as it is before', async () => {
  const { stomp, settle, bodies, memory, told, settleUnread } = setUp()
  await settleUnread('1')
  const error = { code: 'reply_queue_full', message: expect.stringContaining(destination), retryable: true }
  expect(bodies()).toMatchObject([{ type: 'error', request_id: '1', worker_id: 'w', seq: 3, error }])
  stomp.fates.push(full())
  await settle('2')
  expect(bodies()[1]).toMatchObject({ type: 'error', request_id: '2', error })
  // Another master of the same owner, who pays for both
  stomp.fates.push(full())
  await settle('3', '/queue/myapp.reply.eve.m2')
  expect(bodies()[2]).toMatchObject({ type: 'error', request_id: '3' })
  // Read again
  await settle('4')
  expect(bodies()[3]).toMatchObject({ type: 'result' })
  stomp.fates.push(full())
  const patient = settle('5')
  await vi.advanceTimersByTimeAsync(500)
  expect(stomp.sent).toHaveLength(4)
  await vi.advanceTimersByTimeAsync(1_000)
  await patient
  expect(bodies()[4]).toMatchObject({ type: 'result', request_id: '5' })
  expect([memory.unsettled(), told.dropped, told.acks]).toEqual([[], 0, 5])
})

test('where not even that fits the job is let go of, counted and told; its other messages are sent', async () => {
  const { stomp, memory, told, settleUnread } = setUp({ destination: '/queue/myapp.tasks.a', body: '{}' })
  await settleUnread('1', 1)
  expect(stomp.sent).toMatchObject([{ destination: '/queue/myapp.tasks.a' }])
  expect([memory.unsettled(), told.dropped, told.acks]).toEqual([[], 1, 1])
  expect(told.problems.at(-1)).toContain(destination)
})

test('few outcomes wait at a time, for all masters that do not read: the others are told at once', async () => {
  const { stomp, settle, bodies } = setUp()
  const settling: Promise<void>[] = []
  for (let at = 0; at < 20; at++) {
    stomp.fates.push(full())
    settling.push(settle(String(at), `/queue/myapp.reply.owner${at}.m`))
    await vi.advanceTimersByTimeAsync(0)
  }
  expect(bodies()).toHaveLength(4)
  await vi.advanceTimersByTimeAsync(1_000)
  await Promise.all(settling)
  expect(bodies().filter(({ type }) => type === 'result')).toHaveLength(16)
})

test('a broker that is full as a whole has its outcomes later, however long that takes', async () => {
  const { stomp, settle, bodies, memory } = setUp()
  const whole = 'The message to /queue/x does not fit: the broker holds 99 bytes; its limit is 100; send it again later'
  for (let at = 0; at < 9; at++) stomp.fates.push(new DroverError('queue_full', whole))
  const settling = settle('1')
  await vi.advanceTimersByTimeAsync(60_000)
  expect([bodies(), memory.isSettled('1')]).toEqual([[], false])
  await vi.advanceTimersByTimeAsync(240_000)
  await settling
  expect(bodies()).toMatchObject([{ type: 'result', output }])
})

test('an outcome that is sent alone, since its connection went, is told as well; a worker that leaves waits for nobody', async () => {
  const { stomp, settle, settler, bodies, memory } = setUp()
  stomp.fates.push(new DroverError('connection_lost', 'gone'))
  await settle('1')
  for (let at = 0; at < 3; at++) stomp.fates.push(full())
  await settler.resend()
  expect([bodies(), memory.isSettled('1')]).toEqual([[], false])
  await vi.advanceTimersByTimeAsync(20_000)
  expect(bodies()).toMatchObject([{ type: 'error', request_id: '1' }])
  expect(memory.unsettled()).toEqual([])
  stomp.fates.push(full())
  const settling = settle('2')
  await vi.advanceTimersByTimeAsync(10)
  const hurrying = settler.hurry()
  await vi.advanceTimersByTimeAsync(10)
  await Promise.all([hurrying, settling])
  expect(bodies()[1]).toMatchObject({ type: 'error', error: { code: 'reply_queue_full' } })
})

test('an outcome that is sent alone and finds room tells as well that its reader reads again', async () => {
  const { stomp, settle, settler, bodies, told, settleUnread } = setUp()
  await settleUnread('1')
  stomp.fates.push(new DroverError('connection_lost', 'gone'))
  await settle('2')
  await settler.resend()
  expect(bodies()).toMatchObject([{ type: 'error' }, { type: 'result', request_id: '2' }])
  told.parked = 0
  stomp.fates.push(full())
  const patient = settle('3')
  await vi.advanceTimersByTimeAsync(1_000)
  await patient
  expect(told.parked).toBe(1)
  expect(bodies()[2]).toMatchObject({ type: 'result', request_id: '3' })
})

test('an outcome that is refused for good while it waits alone takes nobody’s place among those that wait', async () => {
  const { stomp, settle, settler, memory, told } = setUp()
  for (let at = 0; at < 20; at++) {
    stomp.fates.push(new DroverError('connection_lost', 'gone'))
    await settle(String(at), `/queue/myapp.reply.owner${at}.m`)
    stomp.fates.push(full(), new DroverError('forbidden', 'no'))
    await settler.resend()
    await settler.resend()
    expect(memory.unsettled()).toEqual([])
  }
  told.parked = 0
  stomp.fates.push(full())
  const settling = settle('last')
  await vi.advanceTimersByTimeAsync(10)
  expect(told.parked).toBe(1)
  await vi.advanceTimersByTimeAsync(5_000)
  await settling
})
