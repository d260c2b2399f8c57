/** The ends of sessions, and the traffic that keeps a session up. */
import { expect, test } from 'vitest'
import type { ByteLink } from '../../../shared/frames/byte-link.ts'
import { encodeFrame } from '../../../shared/frames/mod.ts'
import { startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { sharedBroker } from '../../support/brokers/shared.ts'
import { connectRaw, openRaw, raw } from '../../support/raw-session.ts'
import { connected, startBroker } from './fake-broker.ts'

const foo = { login: 'foo', passcode: 'bar' }

test('who sends no CONNECT is told so, and closed', async () => {
  await using bridge = await startBridge({ broker: 'embedded', limits: { connectMs: 100 } })
  await using session = await openRaw(bridge.url)
  expect((await session.next('ERROR')).header('drover-code')).toBe('timed_out')
  expect((await session.closed()).code).toBe(4408)
})

test('a broker that is away is told in a sentence without its address', async () => {
  await using bridge = await startBridge({ broker: 'stomp://a:b@127.0.0.1:1' })
  await using session = await openRaw(bridge.url)
  session.send(raw('CONNECT', ['accept-version:1.2', 'login:foo', 'passcode:bar']))
  const error = await session.next('ERROR')
  expect(error.header('drover-code')).toBe('broker_unreachable')
  expect(error.header('message')).not.toContain('127.0.0.1')
  expect((await session.closed()).code).toBe(1013)
})

test('a broker that does not answer in time is away', async () => {
  await using broker = await startBroker(() => {})
  await using bridge = await startBridge({ broker: broker.url, limits: { brokerMs: 100 } })
  await expect(connectRaw(bridge.url, foo)).rejects.toThrow(/broker/)
})

test("a broker that refuses the bridge's own login says so to the operator alone", async () => {
  // As Classic does, but for the one time in some hundred that it goes without its ERROR
  const words = 'User name [foo] or password is invalid.'
  const stack = 'java.lang.SecurityException: invalid\n\tat org.apache'
  await using broker = await startBroker((_, link) => {
    link.send(encodeFrame('ERROR', [['message', words]], stack))
    link.close()
  })
  await using bridge = await startBridge({ broker: broker.url })
  await using session = await openRaw(bridge.url)
  session.send(raw('CONNECT', ['accept-version:1.2', 'login:foo', 'passcode:bar']))
  const error = await session.next('ERROR')
  expect(error.header('drover-code')).toBe('broker_error')
  expect(error.header('message')).toMatch(/bridge's own login/)
  expect(JSON.stringify(error.headers()) + new TextDecoder().decode(error.body)).not.toMatch(/java|Exception|invalid/)
  expect(bridge.events).toContainEqual(expect.objectContaining({ type: 'broker_error', message: words }))
})

test('a broker that goes over CONNECT without a word may not accept the login: the operator alone is told', async () => {
  await using broker = await startBroker((_, link) => link.close())
  await using bridge = await startBridge({ broker: broker.url })
  await expect(connectRaw(bridge.url, foo)).rejects.toThrow('The bridge cannot reach its broker now')
  const message = expect.stringContaining('check the login in the broker URL')
  expect(bridge.events).toContainEqual(expect.objectContaining({ type: 'broker_lost', message }))
})

test('an ERROR of the broker reaches the browser as one sentence, its words the operator', async () => {
  const { stompUrl } = await sharedBroker('classic')
  await using bridge = await startBridge({
    broker: stompUrl,
    users: [{ ...{ login: 'foo', password: 'bar' }, grants: { ns: 'elsewhere', dispatch: ['*'] } }],
  })
  await using session = await connectRaw(bridge.url, foo)
  // The bridge lets it pass; the broker gives its user no right to that namespace
  session.send(raw('SEND', ['destination:/queue/elsewhere.tasks.a', 'correlation-id:c', 'receipt:7'], '{}'))
  const error = await session.next('ERROR')
  expect(error.header('drover-code')).toBe('forbidden')
  expect(error.header('receipt-id')).toBe('7')
  const said = JSON.stringify(error.headers()) + new TextDecoder().decode(error.body)
  expect(said).not.toMatch(/java|Exception|\tat|User foo|queue:\/\//)
  expect(bridge.events.find(({ type }) => type === 'broker_error')).toMatchObject({
    body: expect.stringMatching(/elsewhere/),
  })
})

test('a broker that goes in mid-session is told, and the session closed', async () => {
  await using broker = await startBroker((text, link) => {
    if (text.startsWith('CONNECT')) link.send(connected)
    else link.close()
  })
  await using bridge = await startBridge({ broker: broker.url })
  await using session = await connectRaw(bridge.url, foo)
  session.send(raw('BEGIN', ['transaction:t']))
  expect((await session.next('ERROR')).header('drover-code')).toBe('connection_lost')
  expect((await session.closed()).code).toBe(1011)
})

test('a broker that does not speak STOMP is told, and the session closed', async () => {
  await using broker = await startBroker((text, link) => {
    link.send(text.startsWith('CONNECT') ? connected : new TextEncoder().encode('HTTP/1.1 200 OK\r\n\r\n'))
  })
  await using bridge = await startBridge({ broker: broker.url })
  await using session = await connectRaw(bridge.url, foo)
  session.send(raw('BEGIN', ['transaction:t']))
  expect((await session.next('ERROR')).header('drover-code')).toBe('broker_error')
  await session.closed()
})

test('frames may come before CONNECTED, up to a limit', async () => {
  const gate = Promise.withResolvers<ByteLink>()
  await using broker = await startBroker((text, link) => {
    if (text.startsWith('CONNECT')) gate.resolve(link)
  })
  await using bridge = await startBridge({ broker: broker.url, limits: { maxHeldBytes: 1_000 } })
  const token = await tokenFor('ada', { dispatch: ['*'] })
  await using session = await openRaw(bridge.url)
  session.send(raw('CONNECT', ['accept-version:1.2', `passcode:${token}`]) + raw('ACK', [`id:${'x'.repeat(2_000)}`]))
  expect((await session.next('ERROR')).header('drover-code')).toBe('frame_too_large')
  await session.closed()
})

test('heart-beats are answered at each hop', async () => {
  let beats = 0
  await using broker = await startBroker((text, link) => {
    if (text.startsWith('CONNECT'))
      link.send(
        encodeFrame('CONNECTED', [
          ['version', '1.2'],
          ['heart-beat', '0,100'],
        ]),
      )
    else if (text === '\n') beats++
  })
  await using bridge = await startBridge({ broker: broker.url, limits: { heartBeatMs: 100, quietMs: 400 } })
  await using session = await connectRaw(bridge.url, { ...foo, heartBeat: '0,100' })
  expect(session.connected.header('heart-beat')).toBe('100,100')
  const before = session.messages
  await expect.poll(() => session.messages).toBeGreaterThan(before + 2)
  await expect.poll(() => beats).toBeGreaterThan(2)
})

test('a session that promised heart-beats and is silent is closed', async () => {
  await using bridge = await startBridge({ broker: 'embedded', limits: { heartBeatMs: 100, quietMs: 400 } })
  await using session = await connectRaw(bridge.url, { ...foo, heartBeat: '100,0' })
  expect((await session.next('ERROR')).header('drover-code')).toBe('connection_lost')
  await session.closed()
})

test('a broker that stands still holds its sender back, and nobody else, and does not fill the bridge', async () => {
  await using broker = await startBroker((text, link) => {
    const receipt = /^receipt:(.*)$/m.exec(text)?.[1]
    if (text.startsWith('CONNECT')) {
      link.send(connected)
      if (link === broker.links[0]) link.pause()
    } else if (receipt !== undefined) link.send(encodeFrame('RECEIPT', [['receipt-id', receipt]]))
  })
  await using bridge = await startBridge({ broker: broker.url })
  await using session = await connectRaw(bridge.url, foo)
  await using other = await connectRaw(bridge.url, foo)
  let trips = 0
  const roundTrip = async (): Promise<void> => {
    other.send(raw('SEND', ['destination:/queue/myapp.tasks.a', 'correlation-id:c', `receipt:${++trips}`]))
    await other.next('RECEIPT')
  }
  const frame = encodeFrame(
    'SEND',
    Object.entries({ destination: '/queue/myapp.tasks.a', 'correlation-id': 'c' }),
    'x'.repeat(1_000_000),
  )
  for (let sent = 0; sent < 64; sent++) session.send(frame)
  // A bridge that read on would have more of it after so many trips, until nothing was left
  const stoodStill = async (): Promise<boolean> => {
    const before = session.socket.bufferedAmount
    for (let trip = 0; trip < 100; trip++) await roundTrip()
    return session.socket.bufferedAmount === before
  }
  await expect.poll(stoodStill).toBe(true)
  expect(session.socket.bufferedAmount, 'the bytes that wait with their sender').toBeGreaterThan(32_000_000)
  broker.links[0]!.resume()
  await expect.poll(() => session.socket.bufferedAmount).toBe(0)
})

test('sessions, subscriptions and transactions are limited in number', async () => {
  const limits = { maxSessions: 1, maxSubscriptions: 2, maxTransactions: 2 }
  await using bridge = await startBridge({ broker: 'embedded', limits })
  {
    await using session = await connectRaw(bridge.url, foo)
    await expect(openRaw(bridge.url)).rejects.toThrow(/response: 503/)
    for (const id of ['1', '2', '3']) session.send(raw('SUBSCRIBE', [`id:${id}`, 'destination:/queue/myapp.tasks.a']))
    expect((await session.next('ERROR')).header('message')).toMatch(/one too many/)
    await session.closed()
  }
  await using session = await connectRaw(bridge.url, foo)
  for (const id of ['1', '2', '3']) session.send(raw('BEGIN', [`transaction:${id}`]))
  expect((await session.next('ERROR')).header('message')).toMatch(/one transaction too many/)
  await session.closed()
})

test('no version in common is an ERROR that names those that are spoken', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  await using session = await openRaw(bridge.url)
  session.send(raw('CONNECT', ['accept-version:2.0', 'login:foo', 'passcode:bar']))
  const error = await session.next('ERROR')
  expect(error.header('drover-code')).toBe('unsupported_version')
  expect(error.header('version')).toBe('1.2,1.1,1.0')
})

test('a bridge that ends tells its sessions', async () => {
  const bridge = await startBridge({ broker: 'embedded' })
  await using session = await connectRaw(bridge.url, foo)
  await bridge[Symbol.asyncDispose]()
  expect((await session.next('ERROR')).header('drover-code')).toBe('closed')
  expect((await session.closed()).code).toBe(1012)
  await bridge[Symbol.asyncDispose]() // twice is harmless
})

test('a receipt comes back in an ERROR as it was written', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  await using session = await connectRaw(bridge.url, { token: await tokenFor('ada', {}) })
  session.send(raw('SEND', ['destination:/queue/myapp.tasks.a', 'correlation-id:c', 'receipt:a\\cb\\\\c'], '{}'))
  expect((await session.next('ERROR')).header('receipt-id')).toBe('a\\cb\\\\c')
})

test('very many small frames before CONNECTED are bounded as well', async () => {
  await using broker = await startBroker(() => {})
  await using bridge = await startBridge({ broker: broker.url })
  await using session = await openRaw(bridge.url)
  const token = await tokenFor('ada', {})
  session.send(raw('CONNECT', ['accept-version:1.2', `passcode:${token}`]) + 'A\n\n\0'.repeat(50_000))
  expect((await session.next('ERROR')).header('drover-code')).toBe('frame_too_large')
  await session.closed()
})

test('a session reads the replies of so many masters, those that it ended included', async () => {
  await using bridge = await startBridge({ broker: 'embedded', limits: { maxSubscriptions: 2 } })
  await using session = await connectRaw(bridge.url, foo)
  const read = (master: string): string =>
    raw('SUBSCRIBE', ['id:s', `destination:/queue/myapp.reply.foo.${master}`]) + raw('UNSUBSCRIBE', ['id:s'])
  session.send(read('a') + read('b') + read('a') + raw('BEGIN', ['transaction:t', 'receipt:r']))
  await session.next('RECEIPT')
  session.send(read('c'))
  const error = await session.next('ERROR')
  expect(error.header('drover-code')).toBe('forbidden')
  expect(error.header('message')).toMatch(/replies of 2 masters/)
})

test('connections that do not log in give way to others, and are no sessions', async () => {
  await using bridge = await startBridge({
    broker: 'embedded',
    limits: { maxSessions: 1, maxUnauthenticatedOfAddress: 2 },
  })
  await using first = await openRaw(bridge.url)
  await using _second = await openRaw(bridge.url)
  await using session = await connectRaw(bridge.url, foo)
  const error = await first.next('ERROR')
  expect(error.header('drover-code')).toBe('queue_full')
  expect(error.header('message')).toMatch(/log in/)
  expect((await first.closed()).code).toBe(1013)
  expect(await (await fetch(`${bridge.url}/health`)).json()).toMatchObject({ sessions: 1 })
  session.send(raw('BEGIN', ['transaction:t', 'receipt:r']))
  await session.next('RECEIPT')
})

test('who came in while there was room is refused when there is none left at its login', async () => {
  await using bridge = await startBridge({ broker: 'embedded', limits: { maxSessions: 1 } })
  await using late = await openRaw(bridge.url)
  await using _session = await connectRaw(bridge.url, foo)
  late.send(raw('CONNECT', ['accept-version:1.2', 'login:foo', 'passcode:bar']))
  expect((await late.next('ERROR')).header('drover-code')).toBe('queue_full')
  expect((await late.closed()).code).toBe(1013)
})

test("an EOL of a session's goes on to a broker that holds small writes back, and to no other", async () => {
  for (const [server, expected] of [
    ['ActiveMQ/6.1.8', '\nSEND'],
    ['RabbitMQ/3.10', 'SEND'],
  ] as const) {
    const seen = Promise.withResolvers<string>()
    let text = ''
    await using broker = await startBroker((chunk, link) => {
      if (chunk.startsWith('CONNECT')) {
        const headers = [['version', '1.2'] as const, ['server', server] as const, ['heart-beat', '0,0'] as const]
        link.send(encodeFrame('CONNECTED', headers))
        return
      }
      text += chunk
      if (text.endsWith('\0')) seen.resolve(text)
    })
    await using bridge = await startBridge({ broker: broker.url })
    await using session = await connectRaw(bridge.url, foo)
    session.send('\n')
    session.send(raw('SEND', ['destination:/queue/myapp.tasks.a', 'correlation-id:c']))
    expect((await seen.promise).slice(0, expected.length)).toBe(expected)
  }
})
