/** In each way that a job can end, all that an end takes is done, once. */
import { expect, test, vi } from 'vitest'
import * as z from 'zod'
import { systemClock } from '../../shared/clock.ts'
import { defineTask, type Job } from '../../shared/contract/mod.ts'
import { type BrokerSession, classic } from '../../shared/stomp/mod.ts'
import { type HeldJob, HeldJobs } from '../held-job.ts'
import type { WorkerEvent } from '../options.ts'
import { Pauses } from '../pauses.ts'
import type { CopySeal } from '../sealing/copy-seal.ts'
import { fakeDelivery, fakeStomp } from '../testing.ts'
import { JobEnds } from './job-ends.ts'
import { JobEvents } from './job-events.ts'
import { JobMemory } from './job-memory.ts'
import { JobMessages } from './job-messages.ts'
import { Replies } from './replies.ts'
import { ReplyBuffer } from './reply-buffer.ts'
import { Settler } from './settler.ts'

const session: BrokerSession = { dialect: classic, owner: 'foo', namespace: 'myapp', bridged: false }
const error = { name: 'Error', code: 'task_failed', message: 'no', retryable: true }

/** The parts of a worker around the ends of its jobs. */
function setUp(isDraining = false) {
  const stomp = fakeStomp()
  const heldJobs = new HeldJobs()
  const memory = new JobMemory()
  const log: string[] = []
  const tell = (event: WorkerEvent): void => void (event.type === 'job' && log.push(event.what))
  const removed = vi.fn()
  heldJobs.listen({ removed })
  const replyBuffer = new ReplyBuffer(stomp, () => {})
  const none = (): void => {}
  const at = {
    workerId: 'w',
    name: 'box',
    queueName: 'w',
    stomp,
    replyBuffer,
    session: () => session,
    clock: systemClock,
    newId: () => crypto.randomUUID(),
  }
  const ends = new JobEnds({
    heldJobs,
    memory,
    pauses: new Pauses(),
    problem: none,
    settler: new Settler({
      stomp,
      memory,
      problem: none,
      isStale: () => false,
      clock: systemClock,
      newId: at.newId,
      dropped: none,
    }),
    messages: new JobMessages({ ...at, sizeLimit: () => ({ bytes: 1_000, why: undefined }) }),
    events: new JobEvents({ ...at, tell }),
    session: () => session,
    isDraining: () => isDraining,
    steady: systemClock.steady,
    sizeLimit: () => ({ bytes: 1_000, why: undefined }),
  })
  const stopTimer = vi.fn()
  const acks = vi.fn()
  const hold = (
    phase: HeldJob['phase'],
    mode: HeldJob['mode'] = 'queue',
    id = crypto.randomUUID(),
    seal?: CopySeal,
  ): HeldJob => {
    const headers = { 'correlation-id': id, 'reply-to': '/queue/myapp.reply' }
    const origin = { requestId: id, replyTo: '/queue/myapp.reply', deadlineAt: 1e9, headers }
    const job: Job = { v: 1, request_id: id, task: 'a', input: 1, attempt: 1, losses: 0 }
    const copy = {
      origin,
      body: JSON.stringify(job),
      delivery: fakeDelivery({ ack: acks }),
      connection: 1,
      receivedAt: 0,
      seal,
    }
    const copies = [copy]
    const held: HeldJob = {
      requestId: id,
      task: 'a',
      mode,
      job,
      seal,
      copies,
      phase,
      deadlineAt: 1e9,
      implementation: { task: defineTask('a', { input: z.unknown() }), run: () => 1 },
      stop: new AbortController(),
      stopped: undefined,
      lastProgress: undefined,
      timers: new Set([stopTimer]),
      replies: new Replies(
        { ...at, isStale: () => false, dropped: none, name: 'box' },
        { requestId: id, copies, seal },
        1,
      ),
    }
    heldJobs.add(held)
    return held
  }
  return { stomp, heldJobs, memory, log, removed, ends, stopTimer, acks, hold }
}

type Act = (ends: JobEnds, held: HeldJob) => unknown
/** The ways: where the job is then, the words of the log, and the messages that go out, by the end of their destination. */
const ways: Record<string, [HeldJob['phase'], Act, { log: string[]; sent: string[] }]> = {
  'its result': [
    'running',
    (ends, held) => ends.outcome(held, { type: 'result', output: 1, took_ms: 1 }),
    { log: ['result'], sent: ['reply', 'events.a'] },
  ],
  'a result that is too large': [
    'running',
    (ends, held) => ends.outcome(held, { type: 'result', output: 'x'.repeat(2_000), took_ms: 1 }),
    { log: ['error'], sent: ['reply', 'events.a'] },
  ],
  'an error that goes to dead too': [
    'running',
    (ends, held) => ends.outcome(held, { type: 'error', error, took_ms: 1 }, { error, attempt: 1 }),
    { log: ['error', 'dead'], sent: ['reply', 'dead', 'events.a'] },
  ],
  'a cancel while it waits': [
    'waiting',
    (ends, held) => ends.stop(held, { why: 'cancelled' }),
    { log: ['cancelled'], sent: ['reply', 'events.a'] },
  ],
  'its deadline while it rests': [
    'resting',
    (ends, held) => ends.stop(held, { why: 'timed_out' }),
    { log: ['cancelled'], sent: ['reply', 'events.a'] },
  ],
  'a drain while it waits': [
    'waiting',
    (ends, held) => ends.stop(held, { why: 'shutdown' }),
    { log: ['given_back'], sent: ['tasks.a'] },
  ],
  'a drain while it rests': [
    'resting',
    (ends, held) => ends.stop(held, { why: 'shutdown' }),
    { log: [], sent: ['tasks.a'] },
  ],
  'a drain that stopped its run': [
    'running',
    (ends, held) => {
      ends.stop(held, { why: 'shutdown' })
      ends.stopped(held, held.stopped!)
    },
    { log: ['requeued'], sent: ['tasks.a', 'reply', 'events.a'] },
  ],
  'the end of its subscription': ['waiting', (ends, held) => ends.requeued(held), { log: ['given_back'], sent: [] }],
  'being passed on': [
    'waiting',
    (ends, held) => ends.republish(held, { handed_back: true }),
    { log: [], sent: ['tasks.a'] },
  ],
  'being published again as a loss': [
    'waiting',
    (ends, held) => ends.republishLost(held, { losses: 1 }),
    { log: ['lost'], sent: ['tasks.a'] },
  ],
  'being given up, since it lost its worker too often': [
    'waiting',
    (ends, held) => ends.buryLost(held, { losses: 5, alone: 3 }),
    { log: ['error', 'dead'], sent: ['reply', 'dead', 'events.a'] },
  ],
  'being published again for its next attempt': [
    'running',
    (ends, held) => ends.republishForRetry(held, 0),
    { log: [], sent: ['tasks.a'] },
  ],
  'code that goes on without it': ['running', (ends, held) => ends.abandon(held), { log: ['lost'], sent: [] }],
  'the end of its connection': ['waiting', (ends, held) => ends.connectionLost(held), { log: [], sent: [] }],
}

test.each(Object.entries(ways))('a job that ends by %s is over', async (_, [phase, act, { log, sent }]) => {
  const worker = setUp()
  const held = worker.hold(phase)
  const stays = worker.hold('waiting')
  await act(worker.ends, held)
  await vi.waitFor(() =>
    expect(worker.stomp.sent.map(({ destination }) => destination.split('myapp.')[1]).sort()).toEqual([...sent].sort()),
  )
  expect([...worker.heldJobs]).toEqual([stays])
  expect(worker.heldJobs.inHand('a'), 'the jobs in hand').toBe(1)
  expect(worker.stopTimer, 'its timers have stopped').toHaveBeenCalledOnce()
  expect(worker.log).toEqual(log)
  expect(worker.removed.mock.calls, 'the slots hear of it').toEqual([[held]])
  expect(worker.acks.mock.calls.length > 0, 'the broker has its ACK where something was sent').toBe(sent.length > 0)
})

test.each(Object.entries(ways))(
  'the last job that ends by %s leaves none: a worker that drains goes on',
  async (_, way) => {
    const worker = setUp()
    const held = worker.hold(way[0])
    const empty = worker.heldJobs.empty()
    await way[1](worker.ends, held)
    await empty
  },
)

test('a drain while it rests leaves the rest of its wait, and no mark; past that it may begin', async () => {
  const { ends, hold, stomp } = setUp(true)
  const waits = Object.assign(hold('resting'), { dueAt: systemClock.steady() + 60_000 })
  await ends.republishResting(waits)
  await ends.republishResting(Object.assign(hold('resting'), { dueAt: systemClock.steady() - 1 }))
  const [first, second] = stomp.sent.map(({ body }) => JSON.parse(body) as Job)
  expect(first?.wait_ms).toBeGreaterThan(59_000)
  expect(first?.wait_ms).toBeLessThanOrEqual(60_000)
  expect([first?.attempt, 'handed_back' in first!, second?.attempt, 'wait_ms' in second!]).toEqual([1, false, 1, false])
})

test('a lost job goes on marked once it is to run by itself: whoever has it next may end before it hears of it', async () => {
  const { ends, hold, stomp } = setUp()
  for (const lost of [{ losses: 1 }, { losses: 2, alone: 0 }, { losses: 3, alone: 1 }])
    await ends.republishLost(hold('waiting'), lost)
  expect(stomp.sent.map(({ body }) => (JSON.parse(body) as Job).handed_back)).toEqual([undefined, true, true])
})

test('a job leaves for its next attempt with its wait, which goes with that attempt', async () => {
  const { ends, hold, stomp } = setUp()
  await ends.republishForRetry(hold('running'), 700)
  await ends.republishForRetry(hold('running'), 0)
  const [first, second] = stomp.sent.map(({ body }) => JSON.parse(body) as Job)
  expect([first?.attempt, first?.wait_ms, second?.attempt, second?.wait_ms]).toEqual([2, 700, 2, undefined])
})

test('a job counts as processed with its outcome, and as failed with an error', async () => {
  const { ends, hold } = setUp()
  for (const [phase, act] of Object.values(ways)) await act(ends, hold(phase))
  expect(ends.counts).toEqual({ processed: 6, failed: 3 })
})

test('a job that is answered as it comes was never held: nothing is withdrawn for it', async () => {
  const { ends, hold, heldJobs, removed, log } = setUp()
  const held = hold('waiting')
  heldJobs.remove(held)
  removed.mockClear()
  await ends.outcome(held, { type: 'cancelled' })
  expect([log, removed.mock.calls]).toEqual([['cancelled'], []])
})

test('a job that is told to stop twice ends once', () => {
  const { ends, hold, log } = setUp()
  const held = hold('waiting')
  ends.stop(held, { why: 'cancelled' })
  ends.stop(held, { why: 'shutdown' })
  expect(log).toEqual(['cancelled'])
})

test('one more master waits while a job is sealed for its next attempt: each copy goes on with its own seal', async () => {
  const { ends, hold, heldJobs, stomp } = setUp()
  const gate = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const sealOf = (name: string): CopySeal => {
    const forAttempt = async () => {
      begun.resolve()
      await gate.promise
      return { protected: name, iv: '', ciphertext: '', tag: '' }
    }
    return { isOf: async () => true, forAttempt } as Partial<CopySeal> as CopySeal
  }
  const held = hold('running', 'queue', crypto.randomUUID(), sealOf('one'))
  const done = ends.republishForRetry(held, 0)
  expect(heldJobs.inHand('a'), 'nothing is taken in the place of it').toBe(0)
  await begun.promise
  const [own] = held.copies
  const replyTo = '/queue/myapp.reply.other.m'
  const origin = { ...own!.origin, replyTo, headers: { ...own!.origin.headers, 'reply-to': replyTo } }
  heldJobs.addCopy(held, { ...own!, origin, seal: sealOf('other') })
  heldJobs.addCopy(held, own!) // the first comes once more, and is the newest
  gate.resolve()
  await done
  const sent = stomp.sent.map(({ headers, body }) => [headers?.['reply-to'], JSON.parse(body).sealed?.protected])
  expect(sent).toEqual([
    [replyTo, 'other'],
    ['/queue/myapp.reply', 'one'],
  ])
  expect([...heldJobs]).toEqual([])
  expect(heldJobs.inHand('a')).toBe(0)
})
