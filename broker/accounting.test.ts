/** Peers may do anything. Once they are gone and the queues are read, nothing is counted any more. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEmbeddedBroker, type EmbeddedBroker } from './mod.ts'
import { type Headers, ManualClock, openPeer, type Peer, settled } from './testing.ts'

const queues = ['/queue/myapp.a', '/queue/myapp.b', '/temp-queue/t']
const topics = ['/topic/myapp.a', '/topic/myapp.b']

const destination = fc.constantFrom(...queues, ...topics)
const transaction = fc.constantFrom(undefined, 't', 'u')
const id = fc.constantFrom('s', 'd')

const operation = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      command: fc.constant('SEND' as const),
      destination,
      transaction,
      'reply-to': fc.constantFrom(undefined, '/temp-queue/t', '/temp-queue/u'),
      expires: fc.constantFrom(undefined, '1700000000500'),
      AMQ_SCHEDULED_DELAY: fc.constantFrom(undefined, '200', '1000'),
      persistent: fc.constantFrom(undefined, 'true', 'false'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      command: fc.constant('SUBSCRIBE' as const),
      id,
      destination: fc.oneof(destination, fc.constantFrom('/queue/myapp.*', '/topic/myapp.>')),
      ack: fc.constantFrom('auto', 'client', 'client-individual'),
      durable: fc.constantFrom(undefined, 'true'),
      'prefetch-count': fc.constantFrom('1', '2'),
    }),
  },
  fc.record({ command: fc.constant('UNSUBSCRIBE' as const), id, durable: fc.constantFrom(undefined, 'true') }),
  { weight: 3, arbitrary: fc.record({ command: fc.constantFrom('ACK' as const, 'NACK' as const), transaction }) },
  fc.record({
    command: fc.constantFrom('BEGIN' as const, 'COMMIT' as const, 'ABORT' as const),
    transaction: fc.constantFrom('t', 'u'),
  }),
  /** To a temporary queue of the asking peer, which may be gone. */
  { weight: 2, arbitrary: fc.record({ command: fc.constant('answer' as const), transaction }) },
  fc.record({ command: fc.constantFrom('leave' as const, 'pause' as const, 'resume' as const, 'time' as const) }),
)

const peerCount = 3

test('when all are gone and the queues are read, the broker counts nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(peerCount - 1), operation), { minLength: 10, maxLength: 60 }),
      fc.constantFrom('error' as const, 'wait' as const),
      async (steps, policy) => {
        const clock = new ManualClock()
        const limits = { maxQueueMessages: 4, maxTotalBytes: 10_000, maxBacklogMessages: 5, maxUnsentBytes: 2_000 }
        await using broker = createEmbeddedBroker({ clock, limits, policy })
        const open = (at: number) => openActor(broker, `c${at % 2}`)
        const actors: Actor[] = []
        for (let at = 0; at < peerCount; at++) actors.push(await open(at))
        const replyTos: string[] = []
        for (const [at, step] of steps) {
          if (actors[at]!.isGone) actors[at] = await open(at)
          const actor = actors[at]!
          replyTos.push(...actor.peer.frames.flatMap(frame => frame.header('reply-to') ?? []))
          if (step.command === 'time') clock.advance(1_000)
          else act(actor, step, replyTos.at(-1))
          await settled()
        }
        for (const { peer } of actors) {
          peer.link.resume()
          peer.link.close()
        }
        await settled()
        clock.advance(60_000)
        await settled()
        const drain = await openPeer(broker)
        await drain.confirmed('SUBSCRIBE', { id: 'all', destination: '/queue/myapp.>' })
        for (const at of [0, 1]) {
          const { peer: owner } = await open(at)
          for (const name of ['s', 'd']) await owner.confirmed('UNSUBSCRIBE', { id: name, durable: 'true' })
        }
        // A link of this process tells of room far above these limits: readers look again in time
        for (let at = 0; at < 5; at++) {
          clock.advance(10_000)
          await settled()
        }
        expect(broker.stats()).toMatchObject({ bytes: 0, delayed: 0, queues: [], durables: 0, transactions: 0 })
        expect(broker.stats().subscriptions, 'the one that reads the queues').toBe(1)
      },
    ),
    { numRuns: 300 },
  )
}, 60_000)

interface Actor {
  readonly peer: Peer
  readonly subscriptions: Set<string>
  readonly transactions: Set<string>
  isGone: boolean
}

async function openActor(broker: EmbeddedBroker, clientId: string): Promise<Actor> {
  const peer = await openPeer(broker, { headers: { 'client-id': clientId } })
  const actor: Actor = { peer, subscriptions: new Set(), transactions: new Set(), isGone: false }
  void peer.ended.then(() => {
    actor.isGone = true
  })
  return actor
}

type Step = typeof operation extends fc.Arbitrary<infer T> ? T : never

/** Does a step, as far as it makes sense now: an ERROR ends the connection, and the walk with it. */
function act({ peer, subscriptions, transactions }: Actor, step: Step, replyTo: string | undefined): void {
  const { command, ...asked } = step
  const transaction = 'transaction' in asked ? asked.transaction : undefined
  const isOpen = transaction !== undefined && transactions.has(transaction)
  const headers: Record<string, string | undefined> = { ...asked, transaction: isOpen ? transaction : undefined }
  const send = (command: string, headers: Record<string, string | undefined>, body = ''): void =>
    peer.send(command, stated(headers), body)
  const body = 'x'.repeat(300)
  switch (step.command) {
    case 'SEND':
      send(command, headers, body)
      break
    case 'answer':
      if (replyTo !== undefined) send('SEND', { ...headers, destination: replyTo }, body)
      break
    case 'SUBSCRIBE':
      if (!subscriptions.has(step.id)) send(command, headers)
      subscriptions.add(step.id)
      break
    case 'UNSUBSCRIBE':
      if (subscriptions.delete(step.id) || step.durable === 'true') send(command, headers)
      break
    case 'ACK':
    case 'NACK': {
      const at = peer.frames.findIndex(frame => frame.header('ack') !== undefined)
      const [message] = at < 0 ? [] : peer.frames.splice(at, 1)
      if (message && subscriptions.has(message.header('subscription')!))
        send(command, { ...headers, id: message.header('ack') })
      break
    }
    case 'BEGIN':
      if (!transactions.has(step.transaction)) send(command, asked)
      transactions.add(step.transaction)
      break
    case 'COMMIT':
    case 'ABORT':
      if (transactions.delete(step.transaction)) send(command, asked)
      break
    case 'leave':
      peer.link.close()
      break
    case 'pause':
      peer.link.pause()
      break
    case 'resume':
      peer.link.resume()
      break
    case 'time':
      break
    default:
      step satisfies never
  }
}

const stated = (headers: Readonly<Record<string, string | undefined>>): Headers =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
