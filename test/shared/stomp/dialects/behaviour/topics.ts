/** Topics: everyone who is subscribed, the sender included. */
import { describe, expect, test } from 'vitest'
import { unique } from '../../../../support/brokers/shared.ts'
import type { Kit } from './kit.ts'

export function topics({ open, dialect }: Kit): void {
  const { one, rest } = dialect.wildcards
  describe('topics', () => {
    test('every subscriber has the message, the sender included', async () => {
      const topic = `/topic/${unique('fan')}`
      await using sender = await open()
      await using other = await open()
      await sender.subscribe(topic)
      await other.subscribe(topic)
      await sender.confirmed('SEND', { destination: topic }, 'to all')
      expect((await sender.next()).body).toBe('to all')
      expect((await other.next()).body).toBe('to all')
    })

    test('a message from before SUBSCRIBE or after UNSUBSCRIBE is not seen', async () => {
      const topic = `/topic/${unique('while')}`
      await using stomp = await open()
      await stomp.confirmed('SEND', { destination: topic }, 'before')
      await stomp.subscribe(topic, { id: 'first' })
      await stomp.confirmed('SEND', { destination: topic }, 'while')
      expect((await stomp.next()).body).toBe('while')
      await stomp.confirmed('UNSUBSCRIBE', { id: 'first' })
      await stomp.confirmed('SEND', { destination: topic }, 'after')
      await stomp.subscribe(topic, { id: 'second' })
      await stomp.confirmed('SEND', { destination: topic }, 'fence')
      expect((await stomp.next()).body).toBe('fence')
    })

    test('two subscriptions of one connection each have the message, with their own id', async () => {
      const topic = `/topic/${unique('twice')}`
      await using stomp = await open()
      await stomp.subscribe(topic, { id: 'a' })
      await stomp.subscribe(topic, { id: 'b' })
      await stomp.confirmed('SEND', { destination: topic }, 'both')
      const ids = [await stomp.next(), await stomp.next()].map(message => message.headers.subscription)
      expect(ids.sort()).toEqual(['a', 'b'])
    })

    test('messages of one sender come in order', async () => {
      const topic = `/topic/${unique('order')}`
      await using stomp = await open()
      await stomp.subscribe(topic)
      const sent = Array.from({ length: 100 }, (_, index) => `${index}`)
      for (const body of sent) stomp.send('SEND', { destination: topic }, body)
      const seen: string[] = []
      for (const _ of sent) seen.push((await stomp.next()).body)
      expect(seen).toEqual(sent)
    })

    test('one wildcard stands for one part of the name', async () => {
      const base = unique('one')
      await using stomp = await open()
      await stomp.subscribe(`/topic/${base}.${one}`)
      for (const name of [`${base}.a.b`, base, `${base}.c`]) {
        await stomp.confirmed('SEND', { destination: `/topic/${name}` }, name)
      }
      const message = await stomp.next()
      expect(message.body).toBe(`${base}.c`)
      expect(message.headers.destination).toBe(`/topic/${base}.c`)
      expect(stomp.inbox.unread).toEqual([])
    })

    test('the other stands for all parts below, and for none', async () => {
      const base = unique('rest')
      await using stomp = await open()
      await stomp.subscribe(`/topic/${base}.${rest}`)
      const names = [base, `${base}.a`, `${base}.a.b`, `${base}.a.b.c`]
      for (const name of [`${base}x.a`, ...names]) {
        await stomp.confirmed('SEND', { destination: `/topic/${name}` }, name)
      }
      for (const name of names) expect((await stomp.next()).body).toBe(name)
    })

    test('a durable subscription keeps messages while its reader is away', async () => {
      const topic = `/topic/${unique('durable')}`
      const name = unique('reader').replaceAll('.', '-')
      const connect = dialect.durable.needsClientId ? { 'client-id': name } : {}
      const filled = Object.entries(dialect.durable.headers).map(([key, value]) => [key, value.replace('{name}', name)])
      const headers = { id: name, ...Object.fromEntries(filled) }
      const reader = await open(connect)
      await reader.subscribe(topic, headers)
      await reader.disconnect()
      await reader.expectClosed()
      await using sender = await open()
      await sender.confirmed('SEND', { destination: topic, persistent: 'true' }, 'while away')
      await using back = await open(connect)
      await back.subscribe(topic, headers)
      expect((await back.next()).body).toBe('while away')
    })
  })
}
