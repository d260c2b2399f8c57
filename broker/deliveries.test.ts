import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeFrame, FrameScanner } from '../shared/frames/mod.ts'
import { Deliveries } from './deliveries.ts'
import { parseDestination } from './destination.ts'
import { type AckMode, Subscription, type UnackedDelivery } from './subscription.ts'

const reader = { hasRoom: true, mayHear: () => true, deliver() {}, countBacklog() {} }
const subscriptionOf = (ackMode: AckMode): Subscription =>
  new Subscription(
    reader,
    { id: 's', number: 1, destination: parseDestination('/topic/a'), ackMode, prefetch: 1e6, head: new Uint8Array() },
    () => 0,
  )
const ackOf = (id: string) => new FrameScanner().push(encodeFrame('ACK', [['id', id]]))[0]!

/** An ACK of STOMP 1.2 covers every message of its subscription up to the named one that has none yet. */
class Model {
  readonly waiting: string[] = []
  take(id: string): string[] {
    return this.waiting.splice(0, this.waiting.indexOf(id) + 1)
  }
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('deliver' as const), to: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('ack' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hold' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat() }) },
)

test('an ACK in mode client means all before it, also when transactions hold some and give them back', () =>
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const deliveries = new Deliveries('1.2')
      const subscriptions = [subscriptionOf('client'), subscriptionOf('client')]
      const models = [new Model(), new Model()]
      const ownerOf = new Map<string, Model>()
      const held: { own: readonly UnackedDelivery[]; model: Model; ids: string[] }[] = []
      const free = (): string[] => models.flatMap(({ waiting }) => waiting)
      for (const one of steps) {
        if (one.do === 'deliver') {
          const key = deliveries.nextKey(subscriptions[one.to]!, 'm')
          deliveries.add(key, subscriptions[one.to]!, undefined)
          models[one.to]!.waiting.push(key)
          ownerOf.set(key, models[one.to]!)
          continue
        }
        if (one.do === 'abort') {
          const [back] = held.splice(one.which % Math.max(1, held.length), 1)
          if (!back) continue
          for (const delivery of back.own) delivery.transaction = undefined
          deliveries.release(back.own)
          back.model.waiting.push(...back.ids)
          back.model.waiting.sort((a, b) => Number(a) - Number(b))
          continue
        }
        const ids = free()
        const id = ids[one.which % Math.max(1, ids.length)]
        if (id === undefined) continue
        const model = ownerOf.get(id)!
        const named = deliveries.named(ackOf(id))
        const expected = model.take(id)
        expect(named.map(({ key }) => key)).toEqual(expected)
        if (one.do === 'ack') deliveries.settle(named, 'ack')
        else {
          for (const delivery of named) delivery.transaction = 't'
          deliveries.hold(named)
          held.push({ own: named, model, ids: expected })
        }
      }
      expect(deliveries.size).toBe(free().length + held.flatMap(({ ids }) => ids).length)
    }),
  ))

// Going through all that the connection has in hand at each ACK would take minutes here
test('the cost of an ACK in mode client does not grow with the messages that it leaves', { timeout: 20_000 }, () => {
  const deliveries = new Deliveries('1.2')
  const one = subscriptionOf('client-individual')
  const all = subscriptionOf('client')
  const count = 100_000
  for (const subscription of [one, all]) {
    for (let at = 0; at < count; at++) deliveries.add(deliveries.nextKey(subscription, 'm'), subscription, undefined)
  }
  const frame = { command: 'ACK', header: () => String(id) } as unknown as ReturnType<typeof ackOf>
  let id = count
  while (id < 2 * count) {
    id++
    deliveries.settle(deliveries.named(frame), 'ack')
  }
  expect(deliveries.size).toBe(count)
})
