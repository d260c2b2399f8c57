/**
 * A broker that says something at an awkward time, or out of order. The session gets each usable part once, and the right
 * reason.
 */
import { expect, test } from 'vitest'
import { listenTcp } from '../../../bridge/node/tcp.ts'
import { createEmbeddedBroker } from '../../../broker/mod.ts'
import { encodeFrame } from '../../../shared/frames/mod.ts'
import { startBridge } from '../../support/bridges/bridges.ts'
import { bodyOf, connectRaw, raw } from '../../support/raw-session.ts'
import { connected, startBroker } from './fake-broker.ts'

const foo = { login: 'foo', passcode: 'bar' }
const queue = '/queue/myapp.tasks.a'
const job = ['subscription:s', 'message-id:1', 'ack:1', `destination:${queue}`]
const latin = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

test("a broker's heart-beats are no heart-beats for the browser", async () => {
  let beating: ReturnType<typeof setInterval> | undefined
  const hello = encodeFrame('CONNECTED', [
    ['version', '1.2'],
    ['heart-beat', '50,0'],
  ])
  await using broker = await startBroker((text, link) => {
    if (!text.startsWith('CONNECT')) return
    link.send(hello)
    beating = setInterval(() => link.send(latin('\n')), 20)
  })
  try {
    await using bridge = await startBridge({ broker: broker.url, limits: { heartBeatMs: 100, quietMs: 400 } })
    await using session = await connectRaw(bridge.url, { ...foo, heartBeat: '0,300' })
    const before = session.messages
    await expect.poll(() => session.messages, { timeout: 10_000 }).toBeGreaterThan(before + 1)
  } finally {
    clearInterval(beating)
  }
})

test('a frame in one piece with CONNECTED is passed on, and those behind it', async () => {
  await using broker = await startBroker((text, link) => {
    const receipt = raw('RECEIPT', ['receipt-id:r'])
    link.send(
      text.startsWith('CONNECT') ? Buffer.concat([connected, latin(raw('MESSAGE', job, 'early'))]) : latin(receipt),
    )
  })
  await using bridge = await startBridge({ broker: broker.url })
  await using session = await connectRaw(bridge.url, foo)
  expect(bodyOf(await session.next('MESSAGE'))).toBe('early')
  session.send(raw('SUBSCRIBE', ['id:s', `destination:${queue}`, 'receipt:r']))
  expect((await session.next('RECEIPT')).header('receipt-id')).toBe('r')
})

test.each([
  ['an EOL', '\n'],
  ['a MESSAGE', raw('MESSAGE', job)],
])('%s between an ERROR of the broker and its close is no second ERROR', async (_, text) => {
  await using broker = await startBroker((came, link) => {
    if (came.startsWith('CONNECT')) {
      link.send(connected)
      return
    }
    link.send(latin(raw('ERROR', ['message:Unexpected ACK received for message-id [1]'])))
    setImmediate(() => {
      link.send(latin(text))
      link.close()
    })
  })
  await using bridge = await startBridge({ broker: broker.url })
  await using session = await connectRaw(bridge.url, foo)
  session.send(raw('SUBSCRIBE', ['id:s', `destination:${queue}`]))
  expect((await session.next('ERROR')).header('drover-code')).toBe('frame_invalid')
  expect((await session.closed()).code).toBe(4400)
  await expect(session.next('ERROR')).rejects.toThrow(/closed with 4400/)
  expect(bridge.events.filter(({ type }) => type === 'refused')).toHaveLength(1)
})

test('an embedded broker that is full says so through a bridge', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxQueueMessages: 1, maxWaitMs: 10 } })
  const { port, close } = await listenTcp({ port: 0, accept: broker.accept })
  try {
    await using bridge = await startBridge({ broker: `stomp://foo:bar@127.0.0.1:${port}` })
    await using session = await connectRaw(bridge.url, foo)
    const send = (receipt: string): void =>
      session.send(
        raw(
          'SEND',
          [`destination:${queue}`, 'reply-to:/queue/myapp.reply.foo.m', 'correlation-id:c', `receipt:${receipt}`],
          '{}',
        ),
      )
    send('1')
    await session.next('RECEIPT')
    send('2')
    const error = await session.next('ERROR')
    expect(error.header('drover-code'), error.header('message')).toBe('queue_full')
    expect(error.header('receipt-id')).toBe('2')
  } finally {
    await close()
  }
})

test.each([
  ['a routing header that stands twice', ['drover-sender:ada', 'drover-sender:eve'], 'drover-sender'],
  ['another that stands twice', ['reply-to:/queue/myapp.reply.ada.m', 'reply-to:/queue/myapp.reply.eve.m'], 'reply-to'],
  ['NUL in a header', ['own:a\0b'], 'own'],
  ['bytes that are no text', ['own:\xff\xfe'], 'own'],
  ['bytes that are no text, in a routing header', ['drover-sender:\xc3'], 'drover-sender'],
])('%s is left out, counted, and the job goes on', async (_, lines, name) => {
  await using broker = await startBroker((text, link) => {
    const [head, rest] = [`MESSAGE\n${[...job, ...lines, 'kept:yes'].join('\n')}\n`, '\n{}\0']
    link.send(text.startsWith('CONNECT') ? connected : latin(head + rest))
  })
  await using bridge = await startBridge({ broker: broker.url })
  await using session = await connectRaw(bridge.url, foo)
  session.send(raw('SUBSCRIBE', ['id:s', `destination:${queue}`]))
  const message = await session.next('MESSAGE')
  expect(message.headerValues(name)).toEqual([])
  expect(message.header('kept')).toBe('yes')
  expect(message.header('drover-pass')).toMatch(/^3\./)
  expect(bridge.events).toContainEqual(
    expect.objectContaining({ type: 'header_left_out', headers: expect.arrayContaining([name]) }),
  )
})
