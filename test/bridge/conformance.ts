/** The behaviour that every bridge has, on every runtime and before every broker. */
import { expect, test } from 'vitest'
import { encodeFrame } from '../../shared/frames/mod.ts'
import { type TestBridge, tokenFor } from '../support/bridges/bridges.ts'
import { unique } from '../support/brokers/shared.ts'
import { bodyOf, connectRaw, openRaw, raw } from '../support/raw-session.ts'

export interface BridgeCan {
  /** The dialect that CONNECTED names. */
  readonly dialect: string
  /** Whether bodies may be anything but text. */
  readonly binary: boolean
  /** The prefix that replies are sent to in place of `/queue/`. */
  readonly replySendPrefix: string
  /** Whether DISCONNECT has a RECEIPT: RabbitMQ closes its WebSocket without it (3.10.8). */
  readonly confirmsDisconnect: boolean
}

export function bridgeConformance(start: () => Promise<TestBridge>, can: BridgeCan): void {
  let started: Promise<TestBridge> | undefined
  const bridge = (): Promise<TestBridge> => (started ??= start())
  const task = (): string => unique('x').slice('myapp.'.length)
  const foo = { login: 'foo', passcode: 'bar' }

  test('CONNECTED tells a session its owner and its grants', async () => {
    const { url } = await bridge()
    const before = Date.now()
    await using session = await connectRaw(url, { token: await tokenFor('Ada@x', { dispatch: ['a.*'] }) })
    const { connected } = session
    expect(session.socket.protocol).toBe('v12.stomp')
    expect(connected.header('version')).toBe('1.2')
    expect(connected.header('drover-owner')).toBe('_41da_40x')
    expect(connected.header('drover-namespace')).toBe('myapp')
    expect(connected.header('drover-dialect')).toBe(can.dialect)
    expect(JSON.parse(connected.header('drover-grants')!)).toMatchObject({ dispatch: ['a.*'], work: [] })
    expect(Number(connected.header('drover-time'))).toBeGreaterThanOrEqual(before - 5_000)
    expect(Number(connected.header('drover-max-frame-bytes'))).toBe(4_194_304)
  })

  test.each(['1.0', '1.1', '1.2'])('STOMP %s is spoken to a client of it', async version => {
    const { url } = await bridge()
    const name = task()
    await using session = await connectRaw(url, { ...foo, version })
    expect(session.connected.header('version')).toBe(version)
    session.send(
      encodeFrame(
        'SUBSCRIBE',
        [
          ['id', 's'],
          ['destination', `/queue/myapp.tasks.${name}`],
          ['receipt', 'r'],
        ],
        '',
        version as '1.0',
      ),
    )
    await session.next('RECEIPT')
    const value = version === '1.0' ? 'plain' : 'a:b\\c'
    session.send(
      encodeFrame(
        'SEND',
        [
          ['destination', `/queue/myapp.tasks.${name}`],
          ['correlation-id', 'c'],
          ['own', value],
        ],
        'hi',
        version as '1.0',
      ),
    )
    const message = await session.next('MESSAGE')
    expect(bodyOf(message)).toBe('hi')
    expect(message.header('own')).toBe(version === '1.0' ? 'plain' : 'a\\cb\\\\c')
    expect(message.header('drover-sender')).toBe('foo')
  })

  test('a job goes to a worker with a pass, and its reply comes back to the master alone', async () => {
    const { url } = await bridge()
    const name = task()
    const queue = `/queue/myapp.tasks.${name}`
    await using master = await connectRaw(url, { token: await tokenFor('ada', { dispatch: [name] }) })
    await using worker = await connectRaw(url, { token: await tokenFor('rex', { work: [name] }) })
    const masterId = task().replaceAll('.', '-')
    const replies = `/queue/myapp.reply.ada.${masterId}`
    master.send(raw('SUBSCRIBE', ['id:r', `destination:${replies}`, 'ack:client-individual', 'receipt:1']))
    await master.next('RECEIPT')
    worker.send(raw('SUBSCRIBE', ['id:w', `destination:${queue}`, 'ack:client-individual', 'receipt:1']))
    await worker.next('RECEIPT')
    master.send(
      raw(
        'SEND',
        [`destination:${queue}`, `reply-to:${replies}`, 'correlation-id:c1', 'receipt:2', 'drover-sender:eve'],
        '{"n":1}',
      ),
    )
    await master.next('RECEIPT')
    const job = await worker.next('MESSAGE')
    expect(bodyOf(job)).toBe('{"n":1}')
    expect(job.headerValues('drover-sender')).toEqual(['ada'])
    expect(job.header('reply-to')).toBe(replies)
    const pass = job.header('drover-pass')
    const to = replies.replace('/queue/', can.replySendPrefix)
    worker.send(raw('BEGIN', ['transaction:t']))
    worker.send(
      raw('SEND', [`destination:${to}`, 'correlation-id:c1', `drover-pass:${pass}`, 'transaction:t'], '{"done":true}'),
    )
    worker.send(raw('ACK', [`id:${job.header('ack')}`, 'transaction:t']))
    worker.send(raw('COMMIT', ['transaction:t', 'receipt:3']))
    await worker.next('RECEIPT')
    const reply = await master.next('MESSAGE')
    expect(bodyOf(reply)).toBe('{"done":true}')
    expect(reply.header('correlation-id')).toBe('c1')
    expect(reply.header('drover-pass')).toBeUndefined()
    expect(reply.headerValues('drover-sender')).toEqual(['ada'])
    master.send(raw('ACK', [`id:${reply.header('ack')}`, 'receipt:4']))
    await master.next('RECEIPT')
  })

  test('a master sends itself the fence that tells that its queue is read, and into no queue that it does not read', async () => {
    const { url } = await bridge()
    const name = task()
    const masterId = name.replaceAll('.', '-')
    const replies = `/queue/myapp.reply.ada.${masterId}`
    const fence = (id: string) => raw('SEND', [`destination:${replies.replace('/queue/', can.replySendPrefix)}`], id)
    const token = await tokenFor('ada', { dispatch: [name] })
    await using master = await connectRaw(url, { token })
    master.send(raw('SUBSCRIBE', ['id:r', `destination:${replies}`, 'ack:client-individual', 'receipt:1']))
    await master.next('RECEIPT')
    master.send(fence('back?'))
    const back = await master.next('MESSAGE')
    expect(bodyOf(back)).toBe('back?')
    expect(back.headerValues('drover-sender')).toEqual(['ada'])
    if (can.dialect !== 'rabbitmq') expect(Number(back.header('timestamp'))).toBeGreaterThan(1e12)
    master.send(raw('ACK', [`id:${back.header('ack')}`, 'receipt:2']))
    await master.next('RECEIPT')
    await using other = await connectRaw(url, { token })
    other.send(fence('in'))
    expect((await other.next('ERROR')).header('drover-code')).toBe('forbidden')
  })

  test('a worker sends its job again: sender and reply-to stay as they were', async () => {
    const { url } = await bridge()
    const name = task()
    const queue = `/queue/myapp.tasks.${name}`
    await using master = await connectRaw(url, { token: await tokenFor('ada', { dispatch: [name] }) })
    await using worker = await connectRaw(url, { token: await tokenFor('rex', { work: [name] }) })
    worker.send(raw('SUBSCRIBE', ['id:w', `destination:${queue}`, 'ack:client-individual', 'receipt:1']))
    await worker.next('RECEIPT')
    master.send(raw('SEND', [`destination:${queue}`, 'reply-to:/queue/myapp.reply.ada.m', 'correlation-id:c'], '1'))
    const first = await worker.next('MESSAGE')
    worker.send(
      raw(
        'SEND',
        [
          `destination:${queue}`,
          'reply-to:/queue/myapp.reply.rex.m',
          'correlation-id:c',
          `drover-pass:${first.header('drover-pass')}`,
        ],
        '2',
      ),
    )
    worker.send(raw('ACK', [`id:${first.header('ack')}`]))
    const second = await worker.next('MESSAGE')
    expect(bodyOf(second)).toBe('2')
    expect(second.headerValues('drover-sender')).toEqual(['ada'])
    expect(second.headerValues('reply-to')).toEqual(['/queue/myapp.reply.ada.m'])
    worker.send(raw('ACK', [`id:${second.header('ack')}`, 'receipt:9']))
    await worker.next('RECEIPT')
  })

  test('a newer session of the same master ends the older one before it subscribes', async () => {
    const { url } = await bridge()
    const token = await tokenFor('ada', {})
    const replies = `/queue/myapp.reply.ada.${task().replaceAll('.', '-')}`
    await using older = await connectRaw(url, { token })
    older.send(raw('SUBSCRIBE', ['id:r', `destination:${replies}`, 'ack:client-individual', 'receipt:1']))
    await older.next('RECEIPT')
    await using newer = await connectRaw(url, { token })
    newer.send(raw('SUBSCRIBE', ['id:r', `destination:${replies}`, 'ack:client-individual', 'receipt:1']))
    newer.send(raw('BEGIN', ['transaction:t', 'receipt:2'])) // waits its turn
    expect((await newer.next('RECEIPT')).header('receipt-id')).toBe('1')
    expect((await newer.next('RECEIPT')).header('receipt-id')).toBe('2')
    expect((await older.next('ERROR')).header('drover-code')).toBe('session_replaced')
    expect((await older.closed()).code).toBe(4409)
  })

  test('DISCONNECT is answered, and then both sides are closed', async () => {
    const { url } = await bridge()
    await using session = await connectRaw(url, foo)
    session.send(raw('DISCONNECT', ['receipt:bye']))
    if (can.confirmsDisconnect) {
      expect((await session.next('RECEIPT')).header('receipt-id')).toBe('bye')
      session.socket.close(1000)
    }
    expect((await session.closed()).code).toBe(1000)
  })

  test('a refusal is an ERROR that names the destination and the receipt, then a close', async () => {
    const { url } = await bridge()
    await using session = await connectRaw(url, { token: await tokenFor('ada', { dispatch: ['a'] }) })
    session.send(raw('SEND', ['destination:/queue/myapp.tasks.b', 'receipt:7'], '{}'))
    const error = await session.next('ERROR')
    expect(error.header('drover-code')).toBe('forbidden')
    expect(error.header('receipt-id')).toBe('7')
    expect(error.header('message')).toContain('/queue/myapp.tasks.b')
    expect((await session.closed()).code).toBe(4403)
  })

  test.each([
    ['a wrong password', { login: 'foo', passcode: 'baz' }],
    ['an unknown login', { login: 'nobody', passcode: 'bar' }],
    ['a token of another secret', { token: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.AAAA' }],
    ['nothing', {}],
  ])('%s is refused', async (_what, who) => {
    const { url } = await bridge()
    await expect(connectRaw(url, who)).rejects.toThrow(/refused|nobody/)
  })

  test('a frame cut anywhere, and several in one message, are read alike', async () => {
    const { url } = await bridge()
    const name = task()
    await using session = await connectRaw(url, foo)
    const bytes = [
      raw('SUBSCRIBE', ['id:s', `destination:/queue/myapp.tasks.${name}`]),
      '\n',
      raw('SEND', [`destination:/queue/myapp.tasks.${name}`, 'correlation-id:c'], 'one'),
      raw('SEND', [`destination:/queue/myapp.tasks.${name}`, 'correlation-id:c'], 'two'),
    ].join('')
    for (let at = 0; at < bytes.length; at += 17) session.send(bytes.slice(at, at + 17))
    expect(bodyOf(await session.next('MESSAGE'))).toBe('one')
    expect(bodyOf(await session.next('MESSAGE'))).toBe('two')
  })

  const withBinary = can.binary ? test : undefined
  withBinary?.('a body of any bytes passes unchanged', async () => {
    const { url } = await bridge()
    const destination = `/queue/myapp.tasks.${task()}`
    const body = Uint8Array.from({ length: 1024 }, (_, at) => at % 256)
    await using session = await connectRaw(url, foo)
    session.send(raw('SUBSCRIBE', ['id:s', `destination:${destination}`]))
    session.send(encodeFrame('SEND', Object.entries({ destination, 'correlation-id': 'c' }), body))
    expect([...(await session.next('MESSAGE')).body]).toEqual([...body])
  })

  const withText = can.binary ? undefined : test
  withText?.('a body that is not UTF-8 is refused, and the ERROR names the scheme that would take it', async () => {
    const { url } = await bridge()
    await using session = await connectRaw(url, foo)
    session.send(encodeFrame('SEND', [['destination', '/queue/myapp.tasks.a']], Uint8Array.of(0xff)))
    const error = await session.next('ERROR')
    expect(error.header('drover-code')).toBe('unsupported')
    expect(error.header('message')).toContain('stomp')
  })

  test('a body of 1 MiB passes, and one over the limit is refused', async () => {
    const { url } = await bridge()
    const destination = `/queue/myapp.tasks.${task()}`
    await using session = await connectRaw(url, foo)
    session.send(raw('SUBSCRIBE', ['id:s', `destination:${destination}`]))
    session.send(encodeFrame('SEND', Object.entries({ destination, 'correlation-id': 'c' }), 'x'.repeat(1_048_576)))
    expect((await session.next('MESSAGE')).body.length).toBe(1_048_576)
    session.send(`SEND\ndestination:${destination}\ncontent-length:5000000\n\n`)
    expect((await session.next('ERROR')).header('drover-code')).toBe('frame_too_large')
    expect((await session.closed()).code).toBe(1009)
  })

  test('a first frame other than CONNECT is refused', async () => {
    const { url } = await bridge()
    await using session = await openRaw(url)
    session.send(raw('SEND', ['destination:/queue/myapp.tasks.a']))
    expect((await session.next('ERROR')).header('drover-code')).toBe('frame_invalid')
    await session.closed()
  })
}
