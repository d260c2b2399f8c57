import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../clock.ts'
import { DroverError } from '../../contract/errors.ts'
import { artemis, type BrokerSession, classic, type Outgoing, rabbitmq, type Stomp } from '../../stomp/mod.ts'
import { scripted, session } from '../testing.ts'
import { Timeouts } from '../timeouts.ts'
import { Fence } from './fence.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const replyTo = '/queue/myapp.reply.foo.m'

function ground(publish: (message: Outgoing) => Promise<void> = async () => {}, more: Partial<BrokerSession> = {}) {
  const sent: Outgoing[] = []
  const news: string[] = []
  const stomp: Stomp = {
    ...scripted().stomp,
    publish: message => {
      sent.push(message)
      return publish(message)
    },
  }
  const times: (number | undefined)[] = []
  const fence = new Fence({
    stomp,
    clock: systemClock,
    timeouts: new Timeouts(systemClock),
    newId: () => crypto.randomUUID(),
    onBack: (_sentAt, _receivedAt, timestamp) => times.push(timestamp),
  })
  fence.open({ ...session, ...more }, replyTo)
  const tell = (name: string) => () => void news.push(name)
  fence.pass({ passed: tell('passed'), unable: tell('unable'), silent: tell('silent') })
  const back = (message: Outgoing, headers = {}): boolean =>
    fence.read({ body: message.body, headers, destination: replyTo, ack() {} })
  return { fence, sent, news, back, times }
}

test('a fence goes to the queue that is read, and has passed once it is back', () => {
  const { sent, news, back, times } = ground(undefined, { dialect: rabbitmq })
  expect(sent).toMatchObject([{ destination: '/amq/queue/myapp.reply.foo.m', headers: { persistent: 'true' } }])
  expect(back(sent[0]!, { timestamp: '17' })).toBe(true)
  expect([news, times]).toEqual([['passed'], [17]])
  expect(back(sent[0]!)).toBe(true)
  expect(news).toEqual(['passed'])
})

test('where persistent messages overtake others, one of each has to come back', () => {
  const { sent, news, back } = ground(undefined, { dialect: classic })
  expect(sent.map(({ headers }) => headers?.persistent)).toEqual(['true', 'false'])
  back(sent[0]!)
  expect(news).toEqual([])
  back(sent[1]!)
  expect(news).toEqual(['passed'])
})

test('a message that is no fence is left to others, and one of another session is taken and counts for nothing', () => {
  const { fence, news, back } = ground()
  const body = '{"v":1,"type":"accepted"}'
  expect(fence.read({ body, headers: {}, destination: replyTo, ack: () => expect.unreachable() })).toBe(false)
  expect(back({ destination: replyTo, body: '{"v":1,"type":"fence","fence_id":"of-before"}' })).toBe(true)
  expect(news).toEqual([])
})

test('it is sent again each second, and a RECEIPT without a fence is told of once after 2 s', async () => {
  const { sent, news, back } = ground()
  await vi.advanceTimersByTimeAsync(1_999)
  expect([sent.length, news]).toEqual([2, []])
  await vi.advanceTimersByTimeAsync(1_001)
  expect([sent.length, news]).toEqual([4, ['silent']])
  back(sent[2]!)
  await vi.advanceTimersByTimeAsync(5_000)
  expect([sent.length, news]).toEqual([4, ['silent', 'passed']])
})

test('without a RECEIPT nothing is said of the queue', async () => {
  const { news } = ground(() => new Promise(() => {}))
  await vi.advanceTimersByTimeAsync(10_000)
  expect(news).toEqual([])
})

test.for(['forbidden', 'broker_error'] as const)(
  'where it is refused (%s) there is none, also on the next session',
  async code => {
    const { fence, news, sent } = ground(() => Promise.reject(new DroverError(code, 'no')), { dialect: artemis })
    await vi.advanceTimersByTimeAsync(5_000)
    expect([sent.length, news, fence.isAble]).toEqual([1, ['unable'], false])
    fence.away()
    fence.open(session, replyTo)
    expect(fence.isAble).toBe(false)
  },
)

test('a bridge has to say that it lets them through', () => {
  for (const [features, isAble] of [
    [undefined, false],
    [['other'], false],
    [['other', 'fence'], true],
  ] as const) {
    const { fence, news } = ground(undefined, { bridged: true, ...(features && { features }) })
    expect([fence.isAble, news]).toEqual([isAble, isAble ? [] : ['unable']])
  }
})
