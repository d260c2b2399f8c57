/** Queues: one reader each, one at a time, and again when a reader goes. */
import { describe, expect, test } from 'vitest'
import { prefetchHeaders } from '../../../../../shared/stomp/dialects/mod.ts'
import { unique } from '../../../../support/brokers/shared.ts'
import type { RawStomp } from '../../../../support/raw-stomp.ts'
import type { Kit } from './kit.ts'

export function queues({ open, dialect, traits }: Kit): void {
  const oneByOne = { ack: 'client-individual', ...prefetchHeaders(dialect, 1) }
  const send = async (stomp: RawStomp, destination: string, ...bodies: string[]): Promise<void> => {
    for (const body of bodies) await stomp.confirmed('SEND', { destination, persistent: 'true' }, body)
  }
  const read = async (stomp: RawStomp, count: number): Promise<string[]> => {
    const bodies: string[] = []
    for (let index = 0; index < count; index++) bodies.push((await stomp.next()).body)
    return bodies
  }

  describe('queues', () => {
    test('a message waits for a reader', async () => {
      const queue = `/queue/${unique('waits')}`
      await using stomp = await open()
      await send(stomp, queue, 'a', 'b', 'c')
      await stomp.subscribe(queue)
      expect(await read(stomp, 3)).toEqual(['a', 'b', 'c'])
    })

    test('competing readers have one each, and the third message waits for an ACK', async () => {
      const queue = `/queue/${unique('compete')}`
      await using first = await open()
      await using second = await open()
      await first.subscribe(queue, oneByOne)
      await second.subscribe(queue, oneByOne)
      await send(first, queue, 'a', 'b', 'c')
      const [one, two] = [await first.next(), await second.next()]
      expect([one.body, two.body].sort()).toEqual(['a', 'b'])
      await first.confirmed('SEND', { destination: `/topic/${unique('fence')}` }, '')
      expect([...first.inbox.unread, ...second.inbox.unread]).toEqual([])
      second.ack(two)
      expect((await second.next()).body).toBe('c')
      first.ack(one)
    })

    test('auto: a delivery does not come again', async () => {
      const queue = `/queue/${unique('auto')}`
      await using sender = await open()
      const reader = await open()
      await reader.subscribe(queue, { ack: 'auto' })
      await send(sender, queue, 'a')
      expect(await read(reader, 1)).toEqual(['a'])
      await reader.confirmed('SEND', { destination: `/topic/${unique('fence')}` }, '')
      await reader.disconnect()
      await reader.expectClosed()
      await send(sender, queue, 'fence')
      await sender.subscribe(queue)
      expect(await read(sender, 1)).toEqual(['fence'])
    })

    test('client: an ACK covers all that came before it', async () => {
      const queue = `/queue/${unique('cumulative')}`
      await using stomp = await open()
      const reader = await open()
      await reader.subscribe(queue, { ack: 'client' })
      await send(stomp, queue, 'a', 'b', 'c')
      const [, b] = [await reader.next(), await reader.next(), await reader.next()]
      reader.ack(b!)
      await reader.confirmed('SEND', { destination: `/topic/${unique('fence')}` }, '')
      await reader[Symbol.asyncDispose]()
      await stomp.subscribe(queue)
      expect(await read(stomp, 1)).toEqual(['c'])
      await send(stomp, queue, 'fence')
      expect(await read(stomp, 1)).toEqual(['fence'])
    })

    test('client-individual: an ACK covers its own message, and the rest comes again in order', async () => {
      const queue = `/queue/${unique('individual')}`
      await using stomp = await open()
      const reader = await open()
      await reader.subscribe(queue, { ack: 'client-individual' })
      await send(stomp, queue, 'a', 'b', 'c', 'd')
      const [, b] = [await reader.next(), await reader.next(), await reader.next(), await reader.next()]
      reader.ack(b!, { receipt: 'acked' })
      await reader.next({ command: 'RECEIPT', headers: { 'receipt-id': 'acked' } })
      await reader[Symbol.asyncDispose]()
      await stomp.subscribe(queue)
      const again = [await stomp.next(), await stomp.next(), await stomp.next()]
      await send(stomp, queue, 'fence') // not earlier: the broker may learn of the death after this SUBSCRIBE
      again.push(await stomp.next())
      expect(again.map(message => message.body)).toEqual(['a', 'c', 'd', 'fence'])
      const redelivered = again.map(message => message.headers.redelivered ?? 'false')
      const rest = { always: 'true', sometimes: expect.any(String) }[traits.marksUnstartedRedelivered]
      expect(redelivered).toEqual(['true', rest, rest, 'false'])
    })

    test('a reader whose socket dies gives its message to another, marked as redelivered', async () => {
      const queue = `/queue/${unique('death')}`
      await using second = await open()
      const first = await open()
      await first.subscribe(queue, oneByOne)
      await send(second, queue, 'a')
      const message = await first.next()
      expect(message.headers.redelivered ?? 'false').toBe('false')
      await first[Symbol.asyncDispose]()
      await second.subscribe(queue, oneByOne)
      const again = await second.next()
      expect([again.body, again.headers.redelivered]).toEqual(['a', 'true'])
      second.ack(again)
      await send(second, queue, 'b')
      const next = await second.next()
      expect([next.body, next.headers.redelivered ?? 'false']).toEqual(['b', 'false'])
    })

    test('an unacknowledged message goes back at UNSUBSCRIBE, marked or not, or at the latest with the connection', async () => {
      const queue = `/queue/${unique('unsubscribe')}`
      const first = await open()
      await using second = await open()
      await first.subscribe(queue, oneByOne)
      await send(second, queue, 'a')
      await first.next()
      await first.confirmed('UNSUBSCRIBE', { id: queue })
      if (!traits.givesBackOnUnsubscribe) await first[Symbol.asyncDispose]()
      await second.subscribe(queue, oneByOne)
      const again = await second.next()
      expect(again.body).toBe('a')
      expect(again.headers.redelivered ?? 'false').toBe(dialect.unsubscribeReturns ? 'false' : 'true')
      await first[Symbol.asyncDispose]()
    })

    test('NACK hands the message out again, wherever in the queue, or does away with it', async () => {
      const queue = `/queue/${unique('nack')}`
      await using stomp = await open()
      await stomp.subscribe(queue, oneByOne)
      await send(stomp, queue, 'a', 'b')
      stomp.nack(await stomp.next())
      const seen: string[] = []
      const readUpTo = async (last: string): Promise<void> => {
        while (!seen.includes(last)) {
          const message = await stomp.next()
          seen.push(message.body)
          if (message.body === 'a') expect(message.headers.redelivered).toBe('true')
          stomp.ack(message)
        }
      }
      await readUpTo('b')
      await send(stomp, queue, 'fence')
      await readUpTo('fence')
      expect(seen.sort()).toEqual(traits.nackRequeues ? ['a', 'b', 'fence'] : ['b', 'fence'])
    })

    test('a priority above the usual is handed out first, where the broker orders by it', async () => {
      const queue = `/queue/${unique('priority')}`
      await using stomp = await open()
      for (const priority of [4, 0, 9, 4, 9]) {
        await stomp.confirmed('SEND', { destination: queue, priority }, `${priority}`)
      }
      await stomp.subscribe(queue)
      const order = (await read(stomp, 5)).join('')
      expect(order).toBe(dialect.unordered === undefined ? '99440' : '40949')
    })

    test('ACK of a message that was never handed out does not acknowledge another', async () => {
      const queue = `/queue/${unique('stray')}`
      await using stomp = await open()
      const reader = await open()
      await reader.subscribe(queue, oneByOne)
      await send(stomp, queue, 'a')
      await reader.next()
      reader.send('ACK', { id: 'never-seen' })
      await reader[Symbol.asyncDispose]()
      await stomp.subscribe(queue, oneByOne)
      expect(await read(stomp, 1)).toEqual(['a'])
    })
  })
}
