import { afterEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/mod.ts'
import { FrameLimit } from '../../shared/stomp/sending/frame-limit.ts'
import { fakeDelivery, fakeEndedJob, fakeStomp } from '../testing.ts'
import { JobMemory } from './job-memory.ts'
import { Settler } from './settler.ts'

afterEach(() => void vi.useRealTimers())

const outcome = { destination: '/queue/myapp.reply', body: '{"type":"result"}' }
const letter = { destination: '/queue/myapp.dead', body: '{}' }
const answers = [{ message: outcome, connection: 1 }]
const ended = fakeEndedJob({ request_id: '1', body: outcome.body, answers, untilAt: 9e15 })
const refusal = (): Error => new DroverError('forbidden', 'not there')
const loss = (): Error => new DroverError('connection_lost', 'gone')

function setUp(body = outcome.body) {
  const kept = { ...ended, body, answers: [{ message: { ...outcome, body }, connection: 1 }] }
  const stomp = fakeStomp()
  const memory = new JobMemory()
  const problems: string[] = []
  const dropped = { count: 0 }
  const settler = new Settler({
    stomp,
    memory,
    problem: message => void problems.push(message),
    isStale: () => false,
    clock: { ...systemClock, steady: () => Date.now() },
    newId: () => crypto.randomUUID(),
    dropped: () => void dropped.count++,
  })
  const delivery = { acks: 0, done: 0, isGone: false }
  const job = fakeDelivery({
    ack: () => void delivery.acks++,
    settled: () => void delivery.done++,
    isGone: () => delivery.isGone,
  })
  memory.keep(kept, 0)
  return {
    stomp,
    memory,
    problems,
    settler,
    delivery,
    dropped,
    settle: () => settler.outcome(kept, [job], () => letter),
  }
}

test('Settler sends the outcome with its ACK, and one that was confirmed is not sent again', async () => {
  const { stomp, settler, delivery, settle } = setUp()
  await settle()
  await settler.resend()
  expect(stomp.sent).toEqual([outcome])
  expect(delivery).toMatchObject({ acks: 1, done: 1 })
})

test('Settler keeps an outcome whose connection went, and sends it when there is one again', async () => {
  const { stomp, settler, delivery, settle } = setUp()
  stomp.fates.push(loss())
  await settle()
  expect([stomp.sent, delivery.done]).toEqual([[], 0])
  await settler.resend()
  await settler.resend()
  expect(stomp.sent).toEqual([outcome])
})

test('Settler sends an outcome apart from others once the connection went with it: its refusal would tell of which', async () => {
  const { stomp, settler, settle } = setUp()
  stomp.fates.push(loss())
  await settle()
  await settle()
  await settler.idle()
  expect(stomp.hows.map(how => how?.isAlone === true)).toEqual([false, true])
})

test('Settler takes an ERROR that closes the connection for a loss, since it may not be about the outcome', async () => {
  const { stomp, memory, settle } = setUp()
  stomp.fates.push(new DroverError('broker_error', 'for the moment'))
  const settling = settle()
  stomp.become({ at: 'waiting', retryAt: 0, reason: new Error('closed') })
  await settling
  expect(memory.unsettled()).toEqual([ended])
})

test('Settler buries a job whose outcome is refused, and keeps it while that is refused too', async () => {
  vi.useFakeTimers()
  const { stomp, memory, delivery, settle } = setUp()
  stomp.fates.push(refusal(), refusal(), refusal(), refusal(), refusal())
  const settling = settle()
  await vi.advanceTimersByTimeAsync(1_000)
  expect([stomp.sent, memory.unsettled(), delivery.done]).toEqual([[], [ended], 0])
  await vi.advanceTimersByTimeAsync(2_000)
  await settling
  expect([stomp.sent, memory.unsettled(), delivery.done]).toEqual([[letter], [], 1])
})

const full = {
  broker: () => new DroverError('broker_error', 'The broker refused: Usage Manager Store is Full, 100% of 8388608'),
  bridge: () => new DroverError('queue_full', 'The broker has no room for this message now; try again later'),
  store: () => new DroverError('store_failed', 'The broker cannot keep messages now: disk I/O error'),
}

test.for(['broker', 'bridge', 'store'] as const)(
  'Settler sends no dead letter while the %s says that there is no room, but the outcome when there is',
  async who => {
    vi.useFakeTimers()
    const { stomp, memory, delivery, settle } = setUp()
    for (let i = 0; i < 6; i++) stomp.fates.push(full[who]())
    const settling = settle()
    await vi.advanceTimersByTimeAsync(10_000)
    expect([stomp.sent, memory.unsettled(), delivery.done]).toEqual([[], [ended], 0])
    await vi.advanceTimersByTimeAsync(60_000)
    await settling
    expect([stomp.sent, memory.unsettled(), delivery.done]).toEqual([[outcome], [], 1])
  },
)

test('Settler sends an outcome alone again that was refused alone, and nothing once it is stopped', async () => {
  vi.useFakeTimers()
  const { stomp, memory, settler } = setUp()
  const full = () => new DroverError('broker_error', 'no')
  stomp.fates.push(full())
  await settler.resend()
  expect(memory.unsettled()).toEqual([ended])
  await vi.advanceTimersByTimeAsync(1_000)
  expect([stomp.sent, memory.unsettled()]).toEqual([[outcome], []])
  settler.stop()
  expect(vi.getTimerCount()).toBe(0)
})

test('Settler sends an outcome alone whose job went with its connection', async () => {
  const { stomp, memory, delivery, settle } = setUp()
  delivery.isGone = true
  await settle()
  expect([stomp.sent, memory.unsettled(), delivery.acks]).toEqual([[outcome], [], 0])
})

test('Settler lets a job be that waits to be tried again when its connection goes', async () => {
  vi.useFakeTimers()
  const { stomp, delivery, settle } = setUp()
  stomp.fates.push(refusal(), refusal())
  const settling = settle()
  await vi.advanceTimersByTimeAsync(10)
  delivery.isGone = true
  await vi.advanceTimersByTimeAsync(1_000)
  await settling
  expect([stomp.sent, delivery.done]).toEqual([[], 0])
})

test('Settler sends no outcome for ever that takes the connection down each time', async () => {
  const { stomp, memory, delivery, settle } = setUp()
  for (let i = 0; i < 5; i++) {
    stomp.fates.push(loss())
    await settle()
  }
  expect(memory.unsettled()).toEqual([ended])
  await settle()
  expect([stomp.sent, memory.unsettled(), delivery.done]).toEqual([[{ ...outcome, body: expect.any(String) }], [], 1])
  expect(JSON.parse(stomp.sent[0]!.body)).toMatchObject({
    type: 'error',
    error: {
      code: 'output_too_large',
      message: expect.stringMatching(/^The connection ended each time .* may be too large/),
      retryable: false,
    },
  })
})

test('Settler tells the connection how large was too large, so that others as large do not end it as often', async () => {
  const { stomp, settle } = setUp(JSON.stringify({ type: 'result', output: 'x'.repeat(100_000) }))
  const frameLimit = new FrameLimit()
  Object.assign(stomp, { frameLimit })
  for (let i = 0; i < 5; i++) {
    stomp.fates.push(loss())
    await settle()
    expect(frameLimit.maxFrameBytes).toBe(undefined)
  }
  await settle()
  expect(frameLimit.maxFrameBytes).toBeGreaterThan(90_000)
  expect(frameLimit.maxFrameBytes).toBeLessThan(101_000)
  expect(frameLimit.why).toContain('websocket.maxTextMessageSize')
})

test('Settler buries a job that takes the connection down even without its payload', async () => {
  vi.useFakeTimers()
  const { stomp, memory, delivery, settle } = setUp()
  const settleInTime = async () => {
    const settling = settle()
    await vi.advanceTimersByTimeAsync(30_000)
    await settling
  }
  for (let i = 0; i < 10; i++) {
    stomp.fates.push(loss())
    await settleInTime()
  }
  await settleInTime()
  expect([stomp.sent, memory.unsettled(), delivery.done]).toEqual([[letter], [], 1])
})

test('Settler does not count tries without a connection', async () => {
  const { stomp, settle } = setUp()
  const { state } = stomp
  stomp.become({ at: 'connecting' })
  for (let i = 0; i < 20; i++) await settle()
  stomp.become(state)
  await settle()
  expect(stomp.sent).toEqual([outcome])
})

test('Settler takes no broker’s slowness for a refusal: an outcome that is not confirmed in time is tried for ever', async () => {
  const { stomp, memory, settle } = setUp()
  const slow = new DroverError('timed_out', 'no RECEIPT')
  for (let i = 0; i < 20; i++) {
    stomp.fates.push(i % 2 === 0 ? slow : new DroverError('connection_lost', 'given up', { cause: slow }))
    await settle()
  }
  expect([stomp.sent, memory.unsettled()]).toEqual([[], [ended]])
  await settle()
  expect(stomp.sent).toEqual([outcome])
})

test.for(['broker', 'bridge'] as const)(
  'Settler takes no session that a %s ended for want of room for a refusal: the outcome is tried for ever',
  async who => {
    const { stomp, memory, settle } = setUp()
    for (let i = 0; i < 12; i++) {
      stomp.fates.push(new DroverError('connection_lost', 'it ended', { cause: full[who]() }))
      await settle()
    }
    expect([stomp.sent, memory.unsettled()]).toEqual([[], [ended]])
    await settle()
    expect(stomp.sent).toEqual([outcome])
  },
)

test('Settler tells how a job ended under an id of its own: the one of its outcome stays for that, and for its dead letter', async () => {
  const { stomp, settler } = setUp()
  const marked = { ...ended, answers: [{ message: { ...outcome, once: 'its delivery' }, connection: 1 }], letter }
  stomp.fates.push(full.broker())
  vi.useFakeTimers()
  const settling = settler.outcome(marked, [fakeDelivery()], () => letter)
  await settler.answer(marked)
  await vi.advanceTimersByTimeAsync(1_000)
  await settling
  await settler.answer(marked)
  expect(stomp.sent.map(({ body, once }) => [body, once])).toEqual([
    [outcome.body, expect.stringMatching(/^[0-9a-f-]{36}$/)],
    [outcome.body, 'its delivery'],
    [letter.body, undefined],
    [outcome.body, expect.stringMatching(/^[0-9a-f-]{36}$/)],
  ])
})
