/** The content of a message, and how long it lives. */
import { describe, expect, test } from 'vitest'
import { expiryHeaders } from '../../../../../shared/stomp/dialects/mod.ts'
import { unique } from '../../../../support/brokers/shared.ts'
import type { Kit } from './kit.ts'

export function messages({ open, dialect, traits }: Kit): void {
  describe('messages', () => {
    test('a MESSAGE says where it is from and for which subscription, and how to acknowledge it', async () => {
      const queue = `/queue/${unique('frame')}`
      await using stomp = await open()
      await stomp.subscribe(queue, { id: 'mine', ack: 'client' })
      await stomp.confirmed('SEND', { destination: queue, 'content-type': 'text/plain' }, 'hello')
      const { headers } = await stomp.next()
      expect(headers).toMatchObject({ destination: queue, subscription: 'mine', 'content-type': 'text/plain' })
      expect(headers['message-id']).toBeTruthy()
      expect(headers.ack !== undefined).toBe(stomp.version === '1.2')
    })

    test('the headers that the contract uses, and custom ones, are passed on', async () => {
      const queue = `/queue/${unique('headers')}`
      const own = {
        'correlation-id': '0191b1a0-0000-7000-8000-000000000001',
        'reply-to': '/queue/myapp.reply.ada.tab-1',
        priority: '6',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        'drover-sender': 'ada',
        'drover-pass': 'v1.abc_DEF-123',
        'content-type': 'application/json',
        'x-custom': 'some value',
      }
      await using stomp = await open()
      await stomp.subscribe(queue)
      await stomp.confirmed('SEND', { destination: queue, persistent: 'true', ...own }, '{}')
      expect((await stomp.next()).headers).toMatchObject(own)
    })

    test.each([
      ['every byte', Uint8Array.from({ length: 256 }, (_, index) => index)],
      ['NUL first and last', new Uint8Array([0, 1, 0])],
      ['bytes that are not UTF-8', new Uint8Array([0xff, 0xfe, 0x80])],
      ['nothing', new Uint8Array()],
      ['1 MiB', new Uint8Array(1024 * 1024).map((_, index) => index * 31)],
    ])('a body of %s comes out as it went in', async (_, bytes) => {
      const queue = `/queue/${unique('binary')}`
      await using stomp = await open()
      await stomp.subscribe(queue)
      await stomp.confirmed('SEND', { destination: queue, 'content-type': 'application/octet-stream' }, bytes)
      const message = await stomp.next()
      expect(message.bytes.length).toBe(bytes.length)
      expect(Buffer.compare(message.bytes, bytes)).toBe(0)
    })

    test('a body without content-length ends at its NUL', async () => {
      const queue = `/queue/${unique('nul')}`
      await using stomp = await open()
      await stomp.subscribe(queue)
      stomp.sendBytes(`SEND\ndestination:${queue}\n\nwith ümlaut\0\n\nSEND\ndestination:${queue}\n\nsecond\0`)
      expect((await stomp.next()).body).toBe('with ümlaut')
      expect((await stomp.next()).body).toBe('second')
    })

    test.each(['1.1', '1.2'])('STOMP %s: header names and values are escaped both ways', async version => {
      const queue = `/queue/${unique('escapes')}`
      await using stomp = await open({ 'accept-version': version })
      await stomp.subscribe(queue)
      const own = { 'x-own': 'a:b\\c\nd', 'x:colon': 'v', ...(version === '1.2' ? { 'x-cr': 'a\rb' } : {}) }
      await stomp.confirmed('SEND', { destination: queue, ...own }, '')
      expect((await stomp.next()).headers).toMatchObject(own)
    })

    test('STOMP 1.0: a colon in a value stands as it is', async () => {
      const queue = `/queue/${unique('plain')}`
      await using stomp = await open({ 'accept-version': '1.0' })
      await stomp.subscribe(queue)
      await stomp.confirmed('SEND', { destination: queue, 'x-own': 'http://host:1/' }, 'v1.0')
      const message = await stomp.next()
      expect([message.body, message.headers['x-own']]).toEqual([
        'v1.0',
        traits.writesPlain10 ? 'http://host:1/' : 'http\\c//host\\c1/',
      ])
    })

    test('a header crosses versions', async () => {
      const queue = `/queue/${unique('versions')}`
      await using newer = await open()
      await using older = await open({ 'accept-version': '1.1' })
      await older.subscribe(queue)
      await newer.confirmed('SEND', { destination: queue, 'x-own': 'a:b\\c\nd' }, '')
      expect((await older.next()).headers['x-own']).toBe('a:b\\c\nd')
    })

    test('of a repeated header one counts, the first, as STOMP says, or the second', async () => {
      const queue = `/queue/${unique('repeated')}`
      await using stomp = await open()
      await stomp.subscribe(queue)
      stomp.sendBytes(`SEND\ndestination:${queue}\nx-own:first\nx-own:second\n\n\0`)
      expect((await stomp.next()).headers['x-own']).toBe(traits.ofRepeated)
    })

    test('an expired message is not handed out', async () => {
      const queue = `/queue/${unique('expired')}`
      await using stomp = await open()
      const expiresAt = Date.now() + 50
      await stomp.confirmed('SEND', { destination: queue, ...expiryHeaders(dialect, expiresAt, Date.now()) }, 'expired')
      const later = expiryHeaders(dialect, Date.now() + 60_000, Date.now())
      await stomp.confirmed('SEND', { destination: queue, ...later }, 'fence')
      await expect.poll(() => Date.now()).toBeGreaterThan(expiresAt + 50)
      await stomp.subscribe(queue)
      expect((await stomp.next()).body).toBe('fence')
    })

    test('a message that expires in ten thousand years is taken as any other', async () => {
      const queue = `/queue/${unique('far-off')}`
      await using stomp = await open()
      await stomp.subscribe(queue)
      const headers = expiryHeaders(dialect, Number.MAX_SAFE_INTEGER + Date.now(), Date.now())
      expect(headers.expires).toMatch(/^\d{1,15}$/) // a bridge takes no more digits
      await stomp.confirmed('SEND', { destination: queue, ...headers }, 'far off')
      expect((await stomp.next()).body).toBe('far off')
    })

    test('a delayed message comes after its delay, where the broker can', async () => {
      const queue = `/queue/${unique('delayed')}`
      await using stomp = await open()
      await stomp.subscribe(queue)
      const sentAt = performance.now()
      const delay = { [dialect.delayHeader ?? 'AMQ_SCHEDULED_DELAY']: 300 }
      await stomp.confirmed('SEND', { destination: queue, ...delay }, 'delayed')
      await stomp.confirmed('SEND', { destination: queue }, 'at once')
      const bodies = [(await stomp.next()).body, (await stomp.next()).body]
      if (dialect.delayHeader === undefined) {
        expect(bodies).toEqual(['delayed', 'at once'])
      } else {
        expect(bodies).toEqual(['at once', 'delayed'])
        expect(performance.now() - sentAt).toBeGreaterThanOrEqual(295)
      }
    })

    test('a temporary queue takes the answers of others, where the broker has such', async () => {
      await using asker = await open()
      await using answerer = await open()
      const requests = `/queue/${unique('requests')}`
      await answerer.subscribe(requests)
      const mine = '/temp-queue/answers'
      if (dialect.temporaryReply === undefined) return
      if (dialect.temporaryReply.test(mine)) await asker.subscribe(mine)
      await asker.confirmed('SEND', { destination: requests, 'reply-to': mine }, 'question')
      const replyTo = (await answerer.next()).headers['reply-to']!
      expect(replyTo).toMatch(dialect.temporaryReply)
      await answerer.confirmed('SEND', { destination: replyTo }, 'answer')
      expect((await asker.next()).body).toBe('answer')
    })
  })
}
