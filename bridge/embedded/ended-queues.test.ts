/** What readers still hold of a queue that is no more counts for nothing once they let go of it. */
import { expect, test } from 'vitest'
import { createEmbeddedBroker, type EmbeddedBroker } from './mod.ts'
import { openPeer, type Peer, settled, take } from './testing.ts'

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
