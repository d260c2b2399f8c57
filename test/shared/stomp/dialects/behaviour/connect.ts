/** Connecting, versions, receipts, errors, heart-beats, disconnecting. */
import { describe, expect, test } from 'vitest'
import { unique } from '../../../../support/brokers/shared.ts'
import { connectRaw, openRaw } from '../../../../support/raw-stomp.ts'
import type { Kit } from './kit.ts'

export function connecting({ open, url, dialect, traits }: Kit): void {
  describe('connecting', () => {
    test.each([
      ['1.0,1.1,1.2', '1.2'],
      ['1.2', '1.2'],
      ['1.0,1.1', '1.1'],
      ['1.0', '1.0'],
    ])('offered %s, %s is agreed on', async (offered, agreed) => {
      await using stomp = await open({ 'accept-version': offered })
      expect(stomp.version).toBe(agreed)
    })

    test('without accept-version it is 1.0', async () => {
      await using stomp = await open({ 'accept-version': '' })
      expect(stomp.version).toBe('1.0')
    })

    test('CONNECTED tells the dialect by its server header', async () => {
      await using stomp = await openRaw(url())
      const { username, password } = new URL(url())
      stomp.send('CONNECT', { 'accept-version': '1.2', host: '/', login: username, passcode: password })
      const connected = await stomp.next('CONNECTED')
      expect(connected.headers.server).toMatch(dialect.serverPattern)
      expect(connected.headers.version).toBe('1.2')
    })

    test('STOMP does the same as CONNECT', async () => {
      await using stomp = await openRaw(url())
      const { username, password } = new URL(url())
      stomp.send('STOMP', { 'accept-version': '1.1,1.2', host: '/', login: username, passcode: password })
      expect((await stomp.next('CONNECTED')).headers.version).toBe('1.2')
    })

    test.concurrent.each([
      { login: 'foo', passcode: 'wrong' },
      { login: 'stranger', passcode: 'bar' },
      { login: '', passcode: '' },
    ])('login "$login" with passcode "$passcode" gets an ERROR, and the connection ends', async credentials => {
      // RabbitMQ closes 10 s after the ERROR.
      await using stomp = await openRaw(url(), { timeoutMs: 20_000 })
      stomp.send('CONNECT', { 'accept-version': '1.2', host: '/', ...credentials })
      if (traits.explainsBadLogin) expect((await stomp.next('ERROR')).headers.message).toBeTruthy()
      await stomp.expectClosed()
      expect(stomp.inbox.unread.filter(frame => frame.command !== 'ERROR')).toEqual([])
    })

    test.concurrent('no version in common is an ERROR', async () => {
      await using stomp = await openRaw(url(), { timeoutMs: 20_000 })
      stomp.send('CONNECT', { 'accept-version': '9.9', host: '/', login: 'foo', passcode: 'bar' })
      await stomp.next('ERROR')
      await stomp.expectClosed()
    })

    test.concurrent('a first frame other than CONNECT does nothing', async () => {
      const queue = `/queue/${unique('first')}`
      await using stranger = await openRaw(url(), { timeoutMs: 20_000 })
      stranger.send('SEND', { destination: queue }, 'not logged in')
      if (traits.closesOnStrangers) await stranger.expectClosed()
      await using stomp = await open()
      await stomp.subscribe(queue)
      await stomp.confirmed('SEND', { destination: queue }, 'fence')
      expect((await stomp.next()).body).toBe('fence')
    })

    test('DISCONNECT is answered, after the frames before it, and the connection ends', async () => {
      const queue = `/queue/${unique('disconnect')}`
      const stomp = await open()
      stomp.send('SEND', { destination: queue }, 'flushed')
      await stomp.disconnect()
      await stomp.expectClosed()
      await using reader = await open()
      await reader.subscribe(queue)
      expect((await reader.next()).body).toBe('flushed')
    })
  })

  describe('errors', () => {
    test('an unknown command is an ERROR', async () => {
      await using stomp = await open()
      stomp.send('FETCH', { destination: '/queue/myapp.x' })
      expect((await stomp.next('ERROR')).headers.message).toBeTruthy()
    })

    test('a SEND without a destination is an ERROR that names its receipt', async () => {
      await using stomp = await open()
      stomp.send('SEND', { receipt: 'r-42' }, 'nowhere')
      const error = await stomp.next('ERROR')
      expect(error.headers['receipt-id']).toBe(traits.namesReceiptInErrors ? 'r-42' : undefined)
    })

    test('nobody may do anything', async () => {
      const queue = `/queue/${unique('rights')}`
      for (const [command, headers] of [
        ['SEND', { destination: queue }],
        ['SUBSCRIBE', { destination: queue, id: '1' }],
      ] as const) {
        await using stomp = await connectRaw(url(), { login: 'nobody', passcode: 'nobody' })
        stomp.send(command, headers, '')
        expect((await stomp.next('ERROR')).headers.message).toBeTruthy()
      }
    })

    test('foo may use the names that myapp.> covers, and where the broker has such rights no others', async () => {
      await using stomp = await open()
      await stomp.confirmed('SEND', { destination: `/topic/${unique('own')}` }, '')
      if (!traits.boundsFoo) return
      stomp.send('SEND', { destination: `/topic/other.${unique('x')}` }, '')
      await stomp.next('ERROR')
      if (dialect.survivesRefusal) await stomp.confirmed('SEND', { destination: `/topic/${unique('own')}` }, '')
      else await stomp.expectClosed()
    })
  })

  describe('heart-beats', () => {
    test('the broker beats as often as the client asks', async () => {
      await using stomp = await open({ 'heart-beat': '0,500' })
      const before = stomp.heartBeats
      await expect.poll(() => stomp.heartBeats - before, { timeout: 10_000 }).toBeGreaterThanOrEqual(2)
    })

    test('a client that promised to beat and does not is let go, one that beats stays', async () => {
      await using silent = await open({ 'heart-beat': '500,0' }, { timeoutMs: 20_000 })
      await using lively = await open({ 'heart-beat': '500,0' })
      const beating = setInterval(() => lively.sendBytes('\n'), 200)
      try {
        await silent.expectClosed()
        await lively.confirmed('SEND', { destination: `/topic/${unique('alive')}` }, '')
      } finally {
        clearInterval(beating)
      }
    })
  })
}
