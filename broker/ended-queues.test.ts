/** Messages that readers still hold of an ended queue count for nothing once the readers let go of them. */
import { expect, test } from 'vitest'
import { createEmbeddedBroker, type EmbeddedBroker } from './mod.ts'
import { ManualClock, openPeer, type Peer, settled, take, textOf } from './testing.ts'

const topic = '/topic/myapp.t'
const durable = { id: 'd', destination: topic, durable: 'true', ack: 'client-individual', 'prefetch-count': '2' }
const client = { headers: { 'client-id': 'c' } }

/** A durable subscription that was handed two messages, and a sender. */
async function openDurable(broker: EmbeddedBroker): Promise<{ reader: Peer; sender: Peer; held: readonly string[] }> {
  const [reader, sender] = [await openPeer(broker, client), await openPeer(broker)]
  await reader.confirmed('SUBSCRIBE', durable)
  for (let at = 0; at < 2; at++) await sender.confirmed('SEND', { destination: topic }, 'x'.repeat(1_000))
  const held = (await take(reader, 2)).map(frame => frame.header('ack')!)
  return { reader, sender, held }
}

/** Ends the durable subscription while its reader holds two messages. */
const ends = {
  overflow: async (sender: Peer) => {
    for (let at = 0; at < 5; at++) await sender.confirmed('SEND', { destination: topic })
  },
  'UNSUBSCRIBE by another connection': async (_sender: Peer, broker: EmbeddedBroker) => {
    const other = await openPeer(broker, client)
    await other.confirmed('UNSUBSCRIBE', { id: 'd', durable: 'true' })
    await other.confirmed('DISCONNECT')
  },
}

const lettingGo: Readonly<Record<string, (reader: Peer, held: readonly string[]) => Promise<unknown>>> = {
  leaving: async reader => reader.link.close(),
  UNSUBSCRIBE: reader => reader.confirmed('UNSUBSCRIBE', { id: 'd' }),
  NACK: async (reader, held) => {
    for (const id of held) await reader.confirmed('NACK', { id })
  },
  ACK: async (reader, held) => {
    for (const id of held) await reader.confirmed('ACK', { id })
  },
  'ABORT after UNSUBSCRIBE': async (reader, held) => {
    await reader.confirmed('BEGIN', { transaction: 't' })
    for (const id of held) await reader.confirmed('ACK', { id, transaction: 't' })
    await reader.confirmed('UNSUBSCRIBE', { id: 'd' })
    await reader.confirmed('ABORT', { transaction: 't' })
  },
}

test.each(
  Object.keys(ends).flatMap(end => Object.keys(lettingGo).map(how => [end as keyof typeof ends, how] as const)),
)('a durable subscription that ended by %s gives its room back at its reader’s %s', async (end, how) => {
  await using broker = createEmbeddedBroker({ limits: { maxQueueMessages: 5 } })
  const { reader, sender, held } = await openDurable(broker)
  await ends[end](sender, broker)
  await lettingGo[how]!(reader, held)
  await settled()
  expect(broker.stats()).toMatchObject({ bytes: 0, queues: [] })
})

const temporary = '/temp-queue/t'

/** A peer that asked something, another that was asked, and where the answer goes. */
async function openAsked(broker: EmbeddedBroker): Promise<{ asker: Peer; asked: Peer; replyTo: string }> {
  const [asker, asked] = [await openPeer(broker), await openPeer(broker)]
  await asked.confirmed('SUBSCRIBE', { id: 's', destination: '/queue/myapp.q' })
  await asker.confirmed('SEND', { destination: '/queue/myapp.q', 'reply-to': temporary })
  const [question] = await take(asked, 1)
  return { asker, asked, replyTo: question!.header('reply-to')! }
}

test('a COMMIT to a temporary queue that has gone drops those messages, tells of them, and makes no queue', async () => {
  const dropped: string[] = []
  await using broker = createEmbeddedBroker({
    onEvent: event => void (event.type === 'reply_dropped' && dropped.push(event.destination)),
  })
  const { asker, asked, replyTo } = await openAsked(broker)
  await asked.confirmed('BEGIN', { transaction: 't' })
  for (const destination of [replyTo, '/queue/myapp.kept', replyTo]) {
    await asked.confirmed('SEND', { transaction: 't', destination })
  }
  await asker.confirmed('DISCONNECT')
  await asker.ended
  await asked.confirmed('COMMIT', { transaction: 't' })
  expect(dropped).toEqual([replyTo, replyTo])
  expect(
    broker
      .stats()
      .queues.map(queue => queue.destination)
      .sort(),
  ).toEqual(['/queue/myapp.kept', '/queue/myapp.q'])
})

test('delayed messages to a temporary queue go with it; others come when they are due', async () => {
  const clock = new ManualClock()
  await using broker = createEmbeddedBroker({ clock })
  const { asker, asked, replyTo } = await openAsked(broker)
  for (const [at, destination] of [replyTo, '/queue/myapp.q', replyTo, '/queue/myapp.q'].entries()) {
    await asked.confirmed('SEND', { destination, AMQ_SCHEDULED_DELAY: `${(at + 1) * 1_000}` }, `${at}`)
  }
  await asker.confirmed('DISCONNECT')
  await asker.ended
  expect(broker.stats().delayed).toBe(2)
  clock.advance(4_000)
  expect((await take(asked, 2)).map(textOf)).toEqual(['1', '3'])
  expect(broker.stats()).toMatchObject({ bytes: 0, delayed: 0 })
  expect(clock.timers).toBe(0)
})
