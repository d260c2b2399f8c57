/** One owner, or several together, leave some room for an owner that has none. */
import { expect, test } from 'vitest'
import { ownLimit } from '../shared/quota.ts'
import { type BrokerLimits, createEmbeddedBroker, type EmbeddedBroker } from './mod.ts'
import { openPeer, settled } from './testing.ts'

const people = ['eve', 'bob', 'kim', 'joe', 'liz', 'ada'] as const
const users = people.map(login => ({ login, passcode: login, allow: ['myapp.>'] }))
const as = (login: string) => ({ headers: { login, passcode: login } })
const start = (limits: Partial<BrokerLimits>): EmbeddedBroker => createEmbeddedBroker({ users, limits })

/** Sends until it is refused. */
async function fill(broker: EmbeddedBroker, login: string, to: (at: number) => string, body = 'x') {
  const peer = await openPeer(broker, as(login))
  for (let sent = 0; ; sent++) {
    const refused = await peer.confirmed('SEND', { destination: to(sent) }, body).then(
      () => undefined,
      (error: Error) => error.message,
    )
    if (refused !== undefined) return { sent, refused }
  }
}

test.each([
  [{ maxQueueMessages: 40, maxOwnerQueueMessages: 30 }, 'x', /eve has 30 messages in .*tasks.a; .*limit is 30/],
  [
    { maxQueueBytes: 160_000, maxOwnerQueueBytes: 120_000 },
    'x'.repeat(3_600),
    /eve has 1\d{5} bytes in .*limit is 120/,
  ],
] as const)('one owner fills no task queue by which others get their jobs done, %j', async (limits, body, said) => {
  await using broker = start(limits)
  const first = await fill(broker, 'eve', () => '/queue/myapp.tasks.a', body)
  expect(first.refused).toMatch(said)
  const counts: number[] = []
  for (const login of people.slice(1, 5))
    counts.push((await fill(broker, login, () => '/queue/myapp.tasks.a', body)).sent)
  expect(
    counts.every(count => count > 0),
    `jobs of the others: ${counts}`,
  ).toBe(true)
  // The frames that eve had ended have room again
  const worker = await openPeer(broker, as('ada'))
  worker.send('SUBSCRIBE', { id: 's', destination: '/queue/myapp.tasks.a' })
  const eve = await openPeer(broker, as('eve'))
  await expect.poll(() => broker.stats().bytes).toBe(0)
  await eve.confirmed('SEND', { destination: '/queue/myapp.tasks.a' }, body)
})

test('one owner’s dead letters, however small, leave room for those of others', async () => {
  await using broker = start({ maxQueueMessages: 40, maxOwnerQueueMessages: 30 })
  const dead = '/queue/myapp.dead'
  const send = async (login: string, count: number) => {
    const peer = await openPeer(broker, as(login))
    for (let at = 0; at < count; at++) await peer.confirmed('SEND', { destination: dead }, 'letter')
    return broker.stats().queues[0]
  }
  expect(await send('eve', 50)).toMatchObject({ waiting: 30, dropped: 20 })
  expect(await send('ada', 4)).toMatchObject({ waiting: 34, dropped: 20 })
})

test('room that is promised and not used keeps nobody out of a queue of jobs', async () => {
  await using broker = start({ maxQueueBytes: 100_000, maxOwnerQueueBytes: 75_000 })
  const destination = '/queue/myapp.tasks.a'
  for (const [login, name] of [
    ['eve', 't'],
    ['bob', 'u'],
  ] as const) {
    const peer = await openPeer(broker, as(login))
    await peer.confirmed('BEGIN', { transaction: name })
    await peer.confirmed('SEND', { destination, transaction: name, 'on-full': 'receipt' }, 'x'.repeat(60_000))
  }
  const ada = await openPeer(broker, as('ada'))
  await ada.confirmed('SEND', { destination }, 'x'.repeat(60_000))
})

test('reply queues are one owner’s alone, who may fill them', async () => {
  await using broker = start({ maxQueueMessages: 40, maxOwnerQueueMessages: 30 })
  const { sent } = await fill(broker, 'eve', () => '/queue/myapp.reply.eve.m1', 'x'.repeat(5_000))
  expect(sent).toBe(40)
})

test.each([
  ['queues', { maxQueues: 100, maxOwnerQueues: 25 }, 'x', (login: string, at: number) => `/queue/myapp.${login}.${at}`],
  ['bytes', { maxTotalBytes: 400_000, maxOwnerBytes: 200_000 }, 'x'.repeat(3_600), () => '/queue/myapp.a'],
] as const)('several owners together do not take all %s', async (_, limits, body, to) => {
  await using broker = start(limits)
  const counts: number[] = []
  for (const login of people) counts.push((await fill(broker, login, at => to(login, at), body)).sent)
  expect(
    counts.every(count => count > 0),
    `of each owner: ${counts}`,
  ).toBe(true)
  expect(counts[0]).toBeGreaterThanOrEqual('maxQueues' in limits ? 25 : 45)
})

test.each([
  [0, 5_000],
  [15_000, 5_000],
  [17_500, 2_500],
  [19_999, 1],
  [20_000, 0],
])('of 20,000 with %i used one owner may have %i', (used, limit) => {
  expect(ownLimit({ inAll: 20_000, ofOwner: 5_000 }, used)).toBe(limit)
})

test('frames that begin and do not end are bounded for each owner and for all: the session that keeps most goes', async () => {
  await using broker = start({ maxUnfinishedBytes: 200_000, maxOwnerUnfinishedBytes: 100_000 })
  const begin = async (login: string, bytes: number) => {
    const peer = await openPeer(broker, as(login))
    peer.link.send(new TextEncoder().encode(`SEND\ndestination:/queue/myapp.a\nreceipt:r\n\n${'x'.repeat(bytes)}`))
    return peer
  }
  const ada = await begin('ada', 30_000)
  const small = await begin('eve', 20_000)
  const large = [await begin('eve', 60_000), await begin('eve', 61_000)]
  const error = await large[1]!.error()
  expect(error.header('drover-code')).toBe('queue_full')
  const whole = async (peer: typeof ada) => {
    peer.link.send(Uint8Array.of(0))
    expect((await peer.next()).command).toBe('RECEIPT')
  }
  for (const peer of [ada, small, large[0]!]) await whole(peer)
  // Ended frames count no more, and several owners together do not keep all
  const others = await Promise.all(['bob', 'kim', 'joe'].map(login => begin(login, 90_000)))
  await whole(await begin('ada', 10_000))
  await settled()
  expect(broker.stats().connections).toBe(3 + 1 + 2)
  expect(others).toHaveLength(3)
})

test('the backlog of one owner’s topic readers is bounded for all of them, and counts until it is read', async () => {
  await using broker = start({ maxOwnerBacklogBytes: 20_000 })
  const destination = '/topic/myapp.t'
  const sender = await openPeer(broker, as('ada'))
  const publish = async (count: number) => {
    for (let at = 0; at < count; at++) await sender.confirmed('SEND', { destination }, 'x'.repeat(2_000))
  }
  const read = async (login: string) => {
    const reader = await openPeer(broker, as(login))
    await reader.confirmed('SUBSCRIBE', { id: 's', destination, ack: 'client-individual', 'prefetch-count': '1' })
    return reader
  }
  const [first, bystander] = [await read('eve'), await read('bob')]
  // Five are behind at most, again and again: far more in all than may wait at once
  for (let round = 0; round < 5; round++) {
    await publish(6)
    for (const reader of [first, bystander]) {
      for (let at = 0; at < 6; at++) reader.send('ACK', { id: (await reader.next()).header('ack')! })
    }
  }
  await read('eve')
  const last = await read('eve')
  // Three for each of hers are the first that do not fit
  await publish(4)
  expect((await last.error()).header('message')).toMatch(/^eve would have 2\d{4} bytes .*limit is 20000/)
  expect(broker.stats().connections, 'that makes room for the others').toBe(4)
})
