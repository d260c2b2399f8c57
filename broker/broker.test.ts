import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEmbeddedBroker } from './mod.ts'
import { type Headers, ManualClock, openPeer, type Peer, settled } from './testing.ts'

const anyDestination = fc.constantFrom(
  '/queue/myapp.a',
  '/queue/myapp.b',
  '/topic/myapp.t',
  '/temp-queue/r',
  '/queue/myapp.*',
)
const anyName = fc.constantFrom('1', '2')
const anyFrame: fc.Arbitrary<{ command: string; headers: Headers }> = fc.oneof(
  { weight: 6, arbitrary: send() },
  { weight: 3, arbitrary: subscribe() },
  {
    weight: 5,
    arbitrary: fc.record({
      command: fc.constantFrom('ACK', 'NACK'),
      headers: fc.constantFrom({}, { transaction: '1' }),
    }),
  },
  fc.record({ command: fc.constant('UNSUBSCRIBE'), headers: anyName.map(id => ({ id })) }),
  fc.record({
    command: fc.constantFrom('BEGIN', 'COMMIT', 'ABORT'),
    headers: anyName.map(transaction => ({ transaction })),
  }),
)

function send() {
  const extra = fc.constantFrom(
    {},
    { transaction: '1' },
    { AMQ_SCHEDULED_DELAY: '50' },
    { expires: '1' },
    { priority: '9' },
    { 'x-y': 'a:b' },
  )
  return fc.tuple(anyDestination, extra).map(([destination, more]) => ({
    command: 'SEND',
    headers: { destination, 'reply-to': '/temp-queue/r', ...more } as Headers,
  }))
}

function subscribe() {
  const ack = fc.constantFrom('auto', 'client', 'client-individual')
  return fc
    .record({
      destination: anyDestination,
      id: anyName,
      ack,
      prefetch: fc.constantFrom('1', '3'),
      durable: fc.boolean(),
    })
    .map(({ prefetch, durable, ...headers }) => ({
      command: 'SUBSCRIBE',
      headers: { ...headers, 'prefetch-count': prefetch, durable: String(durable) } as Headers,
    }))
}

test('peers may do anything: the books are right and nothing is left when all is read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(2), anyFrame), { maxLength: 60, size: 'max' }), async steps => {
      const clock = new ManualClock()
      await using broker = createEmbeddedBroker({ clock, limits: { maxQueueMessages: 8, maxBacklogMessages: 6 } })
      const peers: (Peer | undefined)[] = []
      for (const [at, { command, headers }] of steps) {
        let peer = peers[at]
        if (!peer || (await isEnded(peer))) {
          peer = await openPeer(broker, { headers: { 'client-id': `c${at}` } })
          peers[at] = peer
        }
        const isAck = command === 'ACK' || command === 'NACK'
        const message = isAck ? peer.frames.find(frame => frame.header('ack') !== undefined) : undefined
        if (isAck && !message) continue
        peer.send(command, message ? { ...headers, id: message.header('ack')! } : headers)
        if (message) peer.frames.splice(peer.frames.indexOf(message), 1)
        clock.advance(10)
        await settled()
      }
      for (const peer of peers) {
        peer?.link.close()
        await peer?.ended
      }
      clock.advance(1_000)
      await settled()
      const { queues, bytes, connections, delayed } = broker.stats()
      expect({ connections, delayed }).toEqual({ connections: 0, delayed: 0 })
      expect(queues.reduce((sum, queue) => sum + queue.bytes, 0)).toBe(bytes)
      expect(queues.filter(queue => queue.pending > 0)).toEqual([])
      const last = await openPeer(broker)
      await last.confirmed('SUBSCRIBE', { id: 'all', destination: '/queue/myapp.>' })
      for (let at = 0; at < 3; at++) {
        const owner = await openPeer(broker, { headers: { 'client-id': `c${at}` } })
        for (const id of ['1', '2']) await owner.confirmed('UNSUBSCRIBE', { id, durable: 'true' })
      }
      await settled()
      expect(broker.stats()).toMatchObject({ queues: [], bytes: 0 })
    }),
    { numRuns: 150 },
  )
})

const isEnded = async (peer: Peer): Promise<boolean> =>
  Promise.race([peer.ended.then(() => true), settled().then(() => false)])
