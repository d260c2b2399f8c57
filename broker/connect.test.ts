import { expect, test } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }
import { DroverError } from '../shared/contract/errors.ts'
import { encodeFrame, FrameScanner, type ScannedFrame } from '../shared/frames/mod.ts'
import { createLocalPair } from './local-link.ts'
import { createEmbeddedBroker, serverVersion } from './mod.ts'
import { ManualClock, openPeer, settled, textOf } from './testing.ts'

const login = { login: 'foo', passcode: 'bar' }

test.each([
  [undefined, '1.0'],
  ['1.0', '1.0'],
  ['1.0,1.1', '1.1'],
  ['1.1, 1.2,2.0', '1.2'],
])('accept-version %s gets %s', async (accepted, version) => {
  await using broker = createEmbeddedBroker()
  for (const command of ['CONNECT', 'STOMP']) {
    const peer = await openPeer(broker, { isSilent: true })
    peer.send(command, { ...login, ...(accepted === undefined ? {} : { 'accept-version': accepted }) })
    const connected = await peer.next()
    expect(connected.command).toBe('CONNECTED')
    expect(connected.header('version')).toBe(version)
    expect(connected.header('server')).toBe(`drover-embedded/${serverVersion}`)
    expect(connected.header('session')).toBeTruthy()
    expect(connected.header('heart-beat')).toBe('0,0')
  }
})

test('the server header has the version of the package', () => {
  expect(serverVersion).toBe(packageJson.version)
})

test('no common version is an ERROR that tells the versions', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker, { isSilent: true })
  peer.send('CONNECT', { ...login, 'accept-version': '3.0' })
  const error = await peer.error()
  expect(error.header('version')).toBe('1.0,1.1,1.2')
  expect(error.header('message')).toMatch(/accept-version is "3.0"/)
})

test.each([
  [{ login: 'foo', passcode: 'baz' }],
  [{ login: 'foo', passcode: 'barr' }],
  [{ login: 'foo' }],
  [{ login: 'nobody', passcode: 'bar' }],
  [{}],
])('login %j is refused', async headers => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker, { isSilent: true })
  peer.send('CONNECT', { 'accept-version': '1.2', ...headers, receipt: 'no' })
  const error = await peer.error()
  expect(error.header('drover-code')).toBe('not_authenticated')
  expect(error.header('message')).toMatch(/Login refused/)
})

test('a colon or backslash in a passcode is not escaped', async () => {
  await using broker = createEmbeddedBroker({ users: [{ login: 'ada', passcode: 'a:\\cb', allow: ['>'] }] })
  const peer = await openPeer(broker, { headers: { login: 'ada', passcode: 'a:\\cb' } })
  await peer.confirmed('SEND', { destination: '/queue/anything' })
})

test.each([
  ['GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['POST /x HTTP/1.1\n\nCONNECT\nlogin:foo\npasscode:bar\n\n\0SEND\ndestination:/queue/myapp.x\n\nhi\0'],
  ['\x16\x03\x01'],
])('bytes that are not STOMP end the connection without a word: %j', async text => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker, { isSilent: true })
  peer.link.send(new TextEncoder().encode(text))
  expect(await peer.ended).toBeUndefined()
  expect(peer.frames).toEqual([])
  expect(broker.stats()).toMatchObject({ connections: 0, queues: [] })
})

test('a first frame that is not CONNECT or STOMP ends the connection, and later bytes are not read', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker, { isSilent: true })
  peer.send('SEND', { destination: '/queue/myapp.x' })
  peer.send('CONNECT', login)
  expect((await peer.error()).header('message')).toMatch(/first frame is SEND; expected was CONNECT or STOMP/)
  expect(broker.stats().queues).toEqual([])
})

test('before the login frames are small, and behind it large, also in one chunk', async () => {
  await using broker = createEmbeddedBroker()
  const big = await openPeer(broker, { isSilent: true })
  big.link.send(new TextEncoder().encode(`CONNECT\na:${'b'.repeat(20_000)}\n\n\0`))
  expect((await big.error()).header('drover-code')).toBe('frame_too_large')
  const piped = await openPeer(broker, { isSilent: true })
  const body = 'x'.repeat(100_000)
  piped.link.send(
    new TextEncoder().encode(
      `CONNECT\nlogin:foo\npasscode:bar\naccept-version:1.2\n\n\0SEND\ndestination:/queue/myapp.x\nreceipt:1\n\n${body}\0`,
    ),
  )
  expect((await piped.next()).command).toBe('CONNECTED')
  expect((await piped.next()).command).toBe('RECEIPT')
})

test.each([
  ['CONNECT\nlogin:foo\nno colon\n\n\0', /no colon/],
  ['CONNECT\r\nlogin:foo\n\n\0', /CR LF/],
  ['CONNECT\nlogin:foo\0', /before the blank line/],
  [`CONNECT\nlogin:foo\ncontent-length:9999\n\n`, /announces a body of 9999 bytes/],
  ['CONNECT\nlogin:foo\npasscode:bar\n\nhello\0', /CONNECT has a body/],
])('a CONNECT with a fault is told of it: %j', async (text, message) => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker, { isSilent: true })
  peer.link.send(new TextEncoder().encode(text))
  expect((await peer.error()).header('message')).toMatch(message)
})

test('a blank line too many is no body', async () => {
  await using broker = createEmbeddedBroker()
  for (const blank of ['\n', '\n\n\n', '\r\n']) {
    const peer = await openPeer(broker, { isSilent: true })
    const head = 'login:foo\npasscode:bar\naccept-version:1.2'
    peer.link.send(new TextEncoder().encode(`CONNECT\n${head}\n\n${blank}\0DISCONNECT\nreceipt:r\n\n${blank}\0`))
    expect((await peer.next()).command).toBe('CONNECTED')
    expect((await peer.next()).header('receipt-id')).toBe('r')
    await peer.ended
  }
})

test('a connection that never logs in is closed in time', async () => {
  const clock = new ManualClock()
  await using broker = createEmbeddedBroker({ clock })
  const peer = await openPeer(broker, { isSilent: true })
  clock.advance(9_999)
  expect(broker.stats().connections).toBe(1)
  clock.advance(1)
  await peer.ended
})

test('a second CONNECT is an ERROR', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker)
  peer.send('CONNECT', login)
  expect((await peer.error()).header('message')).toMatch(/second time/)
})

test('heart-beats go both ways as agreed', async () => {
  const clock = new ManualClock()
  await using broker = createEmbeddedBroker({ clock })
  const peer = await openPeer(broker, { isSilent: true })
  peer.send('CONNECT', { ...login, 'accept-version': '1.2', 'heart-beat': '2000,5000' })
  expect((await peer.next()).header('heart-beat')).toBe('5000,2000')
  for (let beats = 1; beats <= 5; beats++) {
    clock.advance(2_000)
    peer.link.send(Uint8Array.of(10))
    await settled()
  }
  expect(peer.scanner.heartBeats).toBeGreaterThanOrEqual(2)
  clock.advance(4_000)
  expect((await peer.error()).header('message')).toMatch(/twice the agreed heart-beat of 2000 ms/)
  await settled()
  expect(clock.timers).toBe(0)
})

test('no heart-beats are sent or expected where none were agreed on', async () => {
  const clock = new ManualClock()
  await using broker = createEmbeddedBroker({ clock })
  const peer = await openPeer(broker, { headers: { 'heart-beat': '0,0' } })
  clock.advance(3_600_000)
  await peer.confirmed('SEND', { destination: '/queue/myapp.x' })
  expect(peer.scanner.heartBeats).toBe(0)
})

test('a heart-beat header that cannot be read is an ERROR', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker, { isSilent: true })
  peer.send('CONNECT', { ...login, 'heart-beat': 'often' })
  expect((await peer.error()).header('message')).toMatch(/two numbers of ms/)
})

test('DISCONNECT confirms after everything before it, and later frames are not read', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker)
  peer.send('SEND', { destination: '/queue/myapp.x', receipt: 'a' }, 'one')
  peer.send('DISCONNECT', { receipt: 'b' })
  peer.send('SEND', { destination: '/queue/myapp.x', receipt: 'c' }, 'two')
  await peer.ended
  expect(peer.frames.map(frame => frame.header('receipt-id'))).toEqual(['a', 'b'])
  expect(broker.stats().queues).toMatchObject([{ destination: '/queue/myapp.x', waiting: 1 }])
})

test('an ERROR names the fault and the receipt that it answers, and ends the connection', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker)
  peer.send('SEND', { destination: 'nowhere', receipt: 'a:b' })
  const error = await peer.error()
  expect(error.header('receipt-id')).toBe('a\\cb')
  expect(error.header('message')).toMatch(/"nowhere" is none; write \/queue\/name/)
  expect(error.header('drover-code')).toBe('frame_invalid')
  expect(textOf(error)).toMatch(/SEND frame was refused and the connection ends/)
})

test('a broken frame of a session is an ERROR', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker)
  peer.link.send(new TextEncoder().encode('SEND\nno colon\n\n\0'))
  expect((await peer.error()).header('message')).toMatch(/no colon/)
})

test('close() ends every connection, and a new one finds nobody', async () => {
  const broker = createEmbeddedBroker()
  const peer = await openPeer(broker)
  await broker.close()
  await broker.close()
  await peer.ended
  await expect(openPeer(broker)).rejects.toThrow(/closed/)
})

test('a link that takes one frame a send gets just that', async () => {
  await using broker = createEmbeddedBroker()
  const sent: string[] = []
  const sink = broker.accept({
    oneFrameASend: true,
    unsentBytes: 0,
    send: bytes => void sent.push(new TextDecoder().decode(bytes)),
    pause() {},
    resume() {},
    close() {},
  })
  const frames = [
    'CONNECT\nlogin:foo\npasscode:bar\naccept-version:1.2\n\n\0',
    'SUBSCRIBE\nid:s\ndestination:/topic/myapp.t\nreceipt:1\n\n\0',
    'SEND\ndestination:/topic/myapp.t\nreceipt:2\n\nhi\0',
  ]
  sink.bytes(new TextEncoder().encode(frames.join('')))
  expect(sent.map(text => text.slice(0, text.indexOf('\n')))).toEqual(['CONNECTED', 'RECEIPT', 'MESSAGE', 'RECEIPT'])
  expect(sent.every(text => text.indexOf('\0') === text.length - 1)).toBe(true)
})

test("the broker's own failure is an ERROR that keeps the cause to itself", async () => {
  let ended: Error | undefined
  await using broker = createEmbeddedBroker({
    onEvent(event) {
      if (event.type === 'session_opened') throw new Error('secret')
      if (event.type === 'session_ended') ended = event.error
    },
  })
  const peer = await openPeer(broker, { isSilent: true })
  peer.send('CONNECT', login)
  for (;;) {
    const frame = await peer.next()
    if (frame.command !== 'ERROR') continue
    expect(frame.header('drover-code')).toBe('broker_error')
    expect(new TextDecoder().decode(frame.bytes)).not.toContain('secret')
    break
  }
  expect(ended?.cause).toMatchObject({ message: 'secret' })
})

test('tries at a passcode are limited by the given limiter, only for peers over a network', async () => {
  const seen: unknown[] = []
  await using broker = createEmbeddedBroker({
    attempts: {
      runNow(login, address, attempt) {
        seen.push([login, address, attempt()])
        throw new DroverError('too_many_attempts', 'Wait')
      },
    },
  })
  await openPeer(broker)
  expect(seen).toEqual([])
  const [client, server] = createLocalPair()
  const scanner = new FrameScanner()
  const frames: ScannedFrame[] = []
  client.sink = { bytes: chunk => void frames.push(...scanner.push(chunk)), drained() {}, closed() {} }
  server.sink = broker.accept(Object.assign(server, { address: '192.0.2.1' }))
  client.send(encodeFrame('CONNECT', [['accept-version', '1.2'], ...Object.entries(login)]))
  await settled()
  expect(seen).toEqual([['foo', '192.0.2.1', true]])
  expect(frames.map(frame => frame.header('drover-code'))).toEqual(['too_many_attempts'])
})
