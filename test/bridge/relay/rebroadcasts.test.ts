/** A broadcast that is sent again, to workers that are named: it goes by their control topic, and is vouched for like any. */
import { expect, test } from 'vitest'
import { createMac } from '../../../bridge/grants/mac.ts'
import { createPasses } from '../../../bridge/grants/passes.ts'
import { secret, startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { bodyOf, connectRaw, raw } from '../../support/raw-session.ts'
import { openTcpPeer } from '../tcp-peer.ts'

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

  // Written by a program with the broker's own login: a pass of another secret, and then no pass
  await using plain = await openTcpPeer(stompUrl)
  const now = () => Date.now()
  const mac = createMac(createMac('k'.repeat(40))('drover pass 2'))
  const job = { destination: `/topic/${ns}.tasks.a`, replyTo: replies, sender: 'ada' }
  const foreign = createPasses({ mac, olderMac: mac, now }).write(job, 'c1', Date.now() + 60_000)
  const own = { destination: control, 'reply-to': replies, 'correlation-id': 'c1' }
  const write = (headers: Record<string, string>, body: string) =>
    plain.sendAll(1, Object.entries({ ...own, ...headers }), new TextEncoder().encode(body))
  await write({ 'drover-sender': 'ada', 'drover-pass': foreign }, 'foreign')
  await write({}, 'of a program')
  const next = await worker.next('MESSAGE')
  expect([bodyOf(next), next.header('drover-pass')]).toEqual(['of a program', expect.stringMatching(/^3\./)])
  // An earlier bridge lets anybody who may dispatch send this, and writes no pass: nobody proved a right to broadcast
  await write({ 'drover-sender': 'ada' }, 'by an older bridge')
  const unproved = await worker.next('MESSAGE')
  expect([bodyOf(unproved), unproved.header('drover-pass')]).toEqual(['by an older bridge', undefined])
  expect(bridge.events.filter(({ type }) => type === 'pass_misfit')).toMatchObject([
    { destination: job.destination, reason: expect.stringContaining('another secret') },
  ])
})

test('a broadcast that is not the sender’s own is refused, and one of another job reaches no worker', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  const ns = unique('again')
  await using bridge = await startBridge({ broker: stompUrl })
  const control = `/topic/${ns}.control.a`
  const replies = `/queue/${ns}.reply.ada.m`
  const refused = {
    'for another': [[`reply-to:/queue/${ns}.reply.eve.m`, 'correlation-id:c1'], /not this session's own/],
    'for all masters': [[`reply-to:/queue/${ns}.reply`, 'correlation-id:c1'], /not this session's own/],
    'for nobody': [['reply-to:', 'correlation-id:c1'], /not this session's own/],
    'without a number': [[`reply-to:${replies}`], /no correlation-id/],
    'of a task that it only dispatches': [
      [`reply-to:${replies}`, 'correlation-id:c1', `destination:/topic/${ns}.control.b`],
      /may not broadcast that task/,
    ],
  } as const
  const token = await tokenFor('ada', { ns, dispatch: ['b'], broadcast: ['a'] })
  for (const [what, [headers, message]] of Object.entries(refused)) {
    for (const version of ['1.0', '1.2']) {
      await using session = await connectRaw(bridge.url, { token, version })
      const elsewhere = headers.some(line => line.startsWith('destination:'))
      session.send(raw('SEND', [...(elsewhere ? [] : [`destination:${control}`]), ...headers], 'x'))
      expect((await session.next('ERROR')).header('message'), `${what}, ${version}`).toMatch(message)
    }
  }

  const mac = createMac(createMac(secret)('drover pass 2'))
  const passes = createPasses({ mac, olderMac: mac, now: Date.now })
  const passOf = (destination: string, endsAt = Date.now() + 60_000): string =>
    passes.write({ destination, replyTo: replies, sender: 'ada' }, 'c1', endsAt)
  const topic = `/topic/${ns}.tasks.a`
  const forged = [
    { 'drover-pass': passOf(`/queue/${ns}.tasks.a`) },
    { 'drover-pass': passOf(control) },
    { 'drover-pass': passOf(topic, Date.now() - 1) },
    { 'drover-pass': passOf(topic), 'correlation-id': 'c2' },
    { 'drover-pass': passOf(topic), 'drover-sender': 'eve' },
    { 'drover-pass': passOf(topic), 'reply-to': `/queue/${ns}.reply.eve.m` },
    { 'drover-pass': passOf(topic), 'reply-to': '' },
  ]
  await using plain = await openTcpPeer(stompUrl)
  const own = { destination: control, 'reply-to': replies, 'drover-sender': 'ada', 'correlation-id': 'c1' }
  for (const version of ['1.0', '1.1', '1.2']) {
    await using worker = await connectRaw(bridge.url, { token: await tokenFor('rex', { ns, work: ['a'] }), version })
    worker.send(raw('SUBSCRIBE', ['id:w', `destination:${control}`, 'ack:client', 'receipt:s']))
    await worker.next('RECEIPT')
    for (const headers of [...forged, { 'drover-pass': passOf(topic) }]) {
      const body = forged.some(one => one === headers) ? JSON.stringify(headers) : 'fits'
      await plain.sendAll(1, Object.entries({ ...own, ...headers }), new TextEncoder().encode(body))
    }
    expect(bodyOf(await worker.next('MESSAGE')), version).toBe('fits')
  }
})
