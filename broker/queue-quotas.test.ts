/** Whose share a message uses, and until when. */
import { expect, test } from 'vitest'
import { createEmbeddedBroker } from './mod.ts'
import { openPeer, type Peer } from './testing.ts'

const users = ['foo', 'eve', 'bob'].map(login => ({ login, passcode: login, allow: ['myapp.>'] }))
const as = (login: string) => ({ headers: { login, passcode: login, 'client-id': login } })
const large = 'x'.repeat(12_000)
const limits = { maxOwnerBytes: 20_000 }

/** The refusal of a SEND. */
async function refusal(peer: Peer, headers: Record<string, string>, body = large): Promise<string | undefined> {
  peer.send('SEND', { ...headers, 'on-full': 'receipt', receipt: 'r' }, body)
  return (await peer.next()).header('drover-code')
}

test('a job and a dead letter are in the share of the sender that a bridge tells of', async () => {
  await using broker = createEmbeddedBroker({ users, limits })
  const bridge = await openPeer(broker, as('foo'))
  const job = { destination: '/queue/myapp.tasks.a', 'drover-sender': 'ada' }
  expect(await refusal(bridge, job)).toBeUndefined()
  expect(await refusal(bridge, { destination: '/queue/myapp.dead', 'drover-sender': 'kim' })).toBeUndefined()
  expect(await refusal(bridge, { ...job, destination: '/queue/myapp.dead' })).toBe('queue_full')
})

test('messages that wait for a durable subscription are in the share of its reader', async () => {
  await using broker = createEmbeddedBroker({ users, limits })
  const destination = '/topic/myapp.t'
  const reader = await openPeer(broker, as('bob'))
  await reader.confirmed('SUBSCRIBE', { id: 's', destination, durable: 'true' })
  reader.link.close()
  await reader.ended
  const sender = await openPeer(broker, as('eve'))
  for (const to of [destination, '/queue/myapp.a'])
    expect(await refusal(sender, { destination: to }), to).toBeUndefined()
  expect(await refusal(await openPeer(broker, as('bob')), { destination: '/queue/myapp.a' })).toBe('queue_full')
})

test('messages that a COMMIT publishes do not count twice', async () => {
  await using broker = createEmbeddedBroker({ users, limits })
  const sender = await openPeer(broker, as('eve'))
  await sender.confirmed('BEGIN', { transaction: 't' })
  const headers = { destination: '/queue/myapp.a', persistent: 'false', transaction: 't' }
  for (let at = 0; at < 3; at++) await sender.confirmed('SEND', headers, 'x'.repeat(4_000))
  await sender.confirmed('COMMIT', { transaction: 't' })
  expect(broker.stats()).toMatchObject({ queues: [{ waiting: 3 }], dropped: 0 })
})

test('one owner’s dead letters leave room for those of others, also by one COMMIT', async () => {
  await using broker = createEmbeddedBroker({ users, limits: { maxQueueMessages: 40, maxOwnerQueueMessages: 30 } })
  const eve = await openPeer(broker, as('eve'))
  await eve.confirmed('BEGIN', { transaction: 't' })
  for (let at = 0; at < 50; at++)
    await eve.confirmed('SEND', { destination: '/queue/myapp.dead', transaction: 't' }, 'letter')
  await eve.confirmed('COMMIT', { transaction: 't' })
  expect(broker.stats()).toMatchObject({ queues: [{ waiting: 30 }], dropped: 20 })
})
