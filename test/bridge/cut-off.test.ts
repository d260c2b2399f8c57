/** A broadcast that is sent again, to workers that are named: it goes by their control topic, and is vouched for like any. */
import { expect, test } from 'vitest'
import { createMac } from '../../bridge/mac.ts'
import { createPasses } from '../../bridge/passes.ts'
import { sharedBroker, unique } from '../brokers/shared.ts'
import { startBridge, tokenFor } from './bridges.ts'
import { bodyOf, connectRaw, raw } from './raw-session.ts'
import { openTcpPeer } from './tcp-peer.ts'

test('by the control topic only who may broadcast sends a job, and it comes with its pass', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  const ns = unique('again')
  await using bridge = await startBridge({ broker: stompUrl })
  const connect = async (sub: string, grants: object) =>
    await connectRaw(bridge.url, { token: await tokenFor(sub, { ns, ...grants }) })
  const control = `/topic/${ns}.control.a`
  const replies = `/queue/${ns}.reply.ada.m`
  const send = (...more: string[]) => raw('SEND', [`destination:${control}`, ...more], more.join(' '))

  await using dispatcher = await connect('ada', { dispatch: ['a'] })
  dispatcher.send(send(`reply-to:${replies}`, 'correlation-id:c1'))
  const refusal = await dispatcher.next('ERROR')
  expect([refusal.header('drover-code'), refusal.header('message')]).toEqual([
    'forbidden',
    expect.stringContaining('may not broadcast'),
  ])

  await using worker = await connect('rex', { work: ['a'] })
  worker.send(raw('SUBSCRIBE', ['id:w', `destination:${control}`, 'receipt:s']))
  await worker.next('RECEIPT')
  await using master = await connect('ada', { broadcast: ['a'] })
  master.send(send('n:cancel'))
  const cancel = await worker.next('MESSAGE')
  expect([cancel.header('n'), cancel.header('drover-pass')]).toEqual(['cancel', undefined])
  master.send(send(`reply-to:${replies}`, 'correlation-id:c1', 'drover-pass:mine'))
  const again = await worker.next('MESSAGE')
  const pass = again.header('drover-pass') ?? ''
  expect(again.header('reply-to')).toBe(replies)
  worker.send(raw('SEND', [`destination:${replies}`, 'correlation-id:c1', `drover-pass:${pass}`, 'receipt:r'], '{}'))
  expect((await worker.next('RECEIPT')).header('receipt-id')).toBe('r')

  // What was written by a program with the broker's own login, of another secret and then without a pass
  await using plain = await openTcpPeer(stompUrl)
  const now = () => Date.now()
  const mac = createMac(createMac('k'.repeat(40))('drover pass 2'))
  const job = { destination: `/topic/${ns}.tasks.a`, replyTo: replies, sender: 'ada' }
  const foreign = createPasses({ mac, olderMac: mac, now }).write(job, 'c1', Date.now() + 60_000)
  const own = { destination: control, 'reply-to': replies, 'drover-sender': 'ada', 'correlation-id': 'c1' }
  const write = (headers: Record<string, string>, body: string) =>
    plain.sendAll(1, Object.entries({ ...own, ...headers }), new TextEncoder().encode(body))
  await write({ 'drover-pass': foreign }, 'foreign')
  await write({}, 'without')
  const next = await worker.next('MESSAGE')
  expect([bodyOf(next), next.header('drover-pass')]).toEqual(['without', expect.stringMatching(/^3\./)])
  expect(bridge.events.filter(({ type }) => type === 'pass_misfit')).toMatchObject([
    { destination: job.destination, reason: expect.stringContaining('another secret') },
  ])
})
