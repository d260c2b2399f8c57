import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FakePeer } from '../../test/support/fake-peer.ts'
import { type ConnectOptions, connectStomp } from './connect.ts'
import type { Incoming, Stomp } from './stomp.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Runs what is due within `ms`, promises included. */
const pass = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

/** A connection to a scripted peer; half of each bound is what it waits. */
async function start(options: Partial<ConnectOptions> = {}): Promise<{ stomp: Stomp; peer: FakePeer }> {
  const peer = new FakePeer()
  const stomp = connectStomp({
    url: 'wss://foo:bar@jobs.example/stomp',
    createSocket: peer.createSocket,
    random: () => 0.5,
    ...options,
  })
  await pass()
  return { stomp, peer }
}

async function open(
  options: Partial<ConnectOptions> = {},
  headers?: string,
): Promise<{ stomp: Stomp; peer: FakePeer }> {
  const started = await start(options)
  started.peer.socket.connect(headers)
  return started
}

const code = (promise: Promise<unknown>): Promise<unknown> => promise.catch(error => error.code)

describe('CONNECT', () => {
  test('carries login and passcode of the address, which is opened without them', async () => {
    const { peer } = await start()
    peer.socket.open()
    expect(peer.socket.url).toBe('wss://jobs.example/stomp')
    const frame = peer.socket.last('CONNECT')
    for (const line of ['login:foo', 'passcode:bar', 'host:/', 'heart-beat:10000,10000']) {
      expect(frame).toContain(`\n${line}\n`)
    }
    expect(frame).not.toContain('client-id')
  })

  test('carries options over the address, and client-id', async () => {
    const { peer } = await start({ login: 'ada', passcode: 'secret', clientId: 'c1', heartbeatMs: 0, host: 'v' })
    peer.socket.open()
    const frame = peer.socket.last('CONNECT')
    for (const line of ['login:ada', 'passcode:secret', 'host:v', 'client-id:c1', 'heart-beat:0,0']) {
      expect(frame).toContain(`\n${line}\n`)
    }
  })

  test('carries a new token each time', async () => {
    let made = 0
    const { stomp, peer } = await start({ url: 'wss://jobs.example', token: async () => `token-${++made}` })
    peer.socket.connect()
    expect(peer.socket.header('CONNECT', 'passcode')).toBe('token-1')
    expect(peer.socket.header('CONNECT', 'login')).toBeUndefined()
    peer.socket.end()
    await pass(250)
    peer.socket.connect()
    expect(peer.socket.header('CONNECT', 'passcode')).toBe('token-2')
    expect(stomp.state.at).toBe('open')
  })

  test('cannot be given more headers by a passcode', async () => {
    expect(() => connectStomp({ url: 'ws://h', passcode: 'a\nlogin:admin' })).toThrow(
      expect.objectContaining({ code: 'config_invalid' }),
    )
    const { stomp, peer } = await start({ token: () => 'a\nlogin:admin' })
    expect(peer.sockets).toEqual([])
    expect(stomp.state).toMatchObject({ at: 'waiting' })
  })

  test('needs a TCP socket for stomp:', () => {
    expect(() => connectStomp({ url: 'stomp://h' })).toThrow(expect.objectContaining({ code: 'config_invalid' }))
  })
})

describe('states', () => {
  test('go from connecting to open with what CONNECTED says', async () => {
    const { stomp, peer } = await start({ namespace: 'ours' })
    const states: string[] = []
    stomp.onState(({ at }) => states.push(at))
    const opened = stomp.opened()
    expect(stomp.state).toEqual({ at: 'connecting' })
    peer.socket.connect()
    expect(await opened).toMatchObject({ owner: 'foo', namespace: 'ours', dialect: { name: 'rabbitmq' } })
    expect(states).toEqual(['open'])
  })

  test('wait with full jitter, twice as long each time up to the cap, and say why', async () => {
    const { stomp, peer } = await start({ backoff: { baseMs: 1000, capMs: 3000 }, now: () => 7000 })
    const waits: number[] = []
    stomp.onState(state => state.at === 'waiting' && waits.push(state.retryAt - 7000))
    for (const ms of [500, 1000, 1500, 1500]) {
      peer.socket.end({ code: 1006 })
      expect(stomp.state).toMatchObject({ at: 'waiting', reason: { code: 'broker_unreachable' } })
      await pass(ms - 1)
      expect(stomp.state.at).toBe('waiting')
      await pass(1)
      expect(stomp.state.at).toBe('connecting')
    }
    expect(waits).toEqual([500, 1000, 1500, 1500])
  })

  test('a link that lasted makes the wait small again, one that did not does not', async () => {
    const { stomp, peer } = await open()
    peer.socket.end()
    await pass(250)
    peer.socket.connect()
    peer.socket.end()
    expect(stomp.state).toMatchObject({ retryAt: Date.now() + 500 })
    await pass(500)
    peer.socket.connect('heart-beat:0,0')
    await pass(10_000)
    peer.socket.end()
    expect(stomp.state).toMatchObject({ retryAt: Date.now() + 250 })
  })

  test('a failing token function is a failed try with that reason, never more', async () => {
    const token = vi.fn(() => Promise.reject(new Error('signed out')))
    const { stomp, peer } = await start({ token })
    expect(stomp.state).toMatchObject({ at: 'waiting', reason: { message: expect.stringContaining('signed out') } })
    for (let tries = 0; tries < 9; tries++) await pass(30_000)
    expect(stomp.state.at).toBe('waiting')
    expect(token.mock.calls.length).toBeGreaterThan(9)
    expect(peer.sockets).toEqual([])
  })

  test('a token function that never answers fails when its time is up', async () => {
    const { stomp } = await start({ token: () => new Promise<string>(() => {}), connectTimeoutMs: 2000 })
    await pass(2000)
    expect(stomp.state).toMatchObject({ at: 'waiting', reason: { message: expect.stringContaining('2000 ms') } })
  })

  test('a peer that never answers CONNECT is given up', async () => {
    const { stomp, peer } = await start({ connectTimeoutMs: 2000 })
    peer.socket.open()
    await pass(2000)
    expect(stomp.state).toMatchObject({ at: 'waiting', reason: { code: 'broker_unreachable' } })
    expect(peer.socket.readyState).toBe(3)
  })

  test('a socket that cannot be made is a failed try', async () => {
    const { stomp } = await start({
      createSocket: () => {
        throw new Error('no such thing')
      },
    })
    expect(stomp.state).toMatchObject({ at: 'waiting', reason: { message: expect.stringContaining('no such thing') } })
  })

  test('grants that are none fail the try', async () => {
    const { stomp } = await open({}, 'drover-owner:ada\ndrover-grants:[')
    expect(stomp.state).toMatchObject({ at: 'waiting', reason: { code: 'message_invalid' } })
  })

  test('a peer that falls silent is lost after two heart-beats', async () => {
    const { stomp } = await open({ heartbeatMs: 1000 }, 'heart-beat:1000,1000')
    await pass(2000)
    expect(stomp.state.at).toBe('open')
    await pass(1000)
    expect(stomp.state).toMatchObject({ at: 'waiting', reason: { code: 'connection_lost' } })
  })

  test('heart-beats are sent, and answered where timers may be slow', async () => {
    const { peer } = await open({ heartbeatMs: 1000 }, 'heart-beat:1000,1000')
    peer.socket.onmessage?.({ data: '\n\n\n' })
    expect(peer.socket.sent.slice(1)).toEqual(['\n'])
    await pass(1000)
    expect(peer.socket.sent.slice(1)).toEqual(['\n', '\n'])
  })
})

describe('refused for good or tried again', () => {
  const refusedConnect = (errorCode: string) => `ERROR\nmessage:No\ndrover-code:${errorCode}`

  test.for(['not_authenticated', 'forbidden', 'session_replaced'])(
    'CONNECT refused with %s ends it',
    async errorCode => {
      const { stomp, peer } = await start()
      const opened = code(stomp.opened())
      peer.socket.open()
      peer.socket.say(refusedConnect(errorCode))
      expect(stomp.state).toMatchObject({ at: 'closed', reason: { code: errorCode } })
      expect(await opened).toBe(errorCode)
      expect(await code(stomp.opened())).toBe(errorCode)
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  test('a refused token is asked for again, five times in all', async () => {
    const token = vi.fn(() => 'stale')
    const { stomp, peer } = await start({ token })
    for (let tries = 1; tries <= 5; tries++) {
      expect(token).toHaveBeenCalledTimes(tries)
      peer.socket.open()
      peer.socket.say(refusedConnect('not_authenticated'))
      await pass(250 * 2 ** (tries - 1))
    }
    expect(stomp.state).toMatchObject({ at: 'closed', reason: { code: 'not_authenticated' } })
    expect(token).toHaveBeenCalledTimes(5)
  })

  test('a token that ran out in mid-session is renewed', async () => {
    const { stomp, peer } = await open({ token: () => 'fresh' }, 'drover-owner:ada')
    peer.socket.say(refusedConnect('not_authenticated'))
    peer.socket.end()
    await pass(250)
    peer.socket.connect('drover-owner:ada')
    expect(stomp.state.at).toBe('open')
  })

  test('a session that a newer one replaced does not fight back', async () => {
    const { stomp, peer } = await open({}, 'drover-owner:ada')
    peer.socket.say(refusedConnect('session_replaced'))
    peer.socket.end()
    expect(stomp.state).toMatchObject({ at: 'closed', reason: { code: 'session_replaced' } })
  })

  test('any other ERROR is a reason to try again', async () => {
    const { stomp, peer } = await start()
    peer.socket.open()
    peer.socket.say('ERROR\nmessage:Broker is starting')
    expect(stomp.state).toMatchObject({ at: 'waiting', reason: { code: 'broker_error' } })
  })

  test('after an ERROR a broker that does not go on is left at once', async () => {
    const { stomp, peer } = await open()
    const sent = code(stomp.publish({ destination: '/queue/a', body: '' }))
    peer.socket.say('ERROR\nmessage:access_refused')
    expect(await sent).toBe('forbidden')
    expect(stomp.state.at).toBe('waiting')
  })

  test('one that goes on is not', async () => {
    const { stomp, peer } = await open({}, 'server:ActiveMQ/6.1.8')
    const sent = stomp.publish({ destination: '/queue/a', body: '' })
    peer.socket.say('ERROR\nreceipt-id:other\nmessage:not authorized')
    peer.socket.confirm('SEND')
    await sent
    expect(stomp.state.at).toBe('open')
  })
})

describe('subscribe()', () => {
  test('asks again at every connect, before `open` is said, with headers of the new session', async () => {
    const { stomp, peer } = await open()
    const { ready } = stomp.subscribe(
      { destination: '/queue/a', headers: ({ dialect }) => ({ 'x-dialect': dialect.name }) },
      () => {},
    )
    expect(peer.socket.last('SUBSCRIBE')).toContain('\nack:client-individual\nx-dialect:rabbitmq\n')
    peer.socket.confirm('SUBSCRIBE')
    await ready
    const before: (string | undefined)[] = []
    stomp.onState(({ at }) => at === 'open' && before.push(peer.socket.header('SUBSCRIBE', 'x-dialect')))
    peer.socket.end()
    await pass(250)
    peer.socket.connect('server:ActiveMQ/6.1.8')
    expect(before).toEqual(['classic'])
  })

  test('waits for a connection, and is ready on the first RECEIPT', async () => {
    const { stomp, peer } = await start()
    const { ready } = stomp.subscribe({ destination: '/queue/a', ack: 'auto' }, () => {})
    peer.socket.connect()
    peer.socket.end()
    await pass(250)
    peer.socket.connect()
    expect(peer.socket.header('SUBSCRIBE', 'ack')).toBe('auto')
    peer.socket.confirm('SUBSCRIBE')
    await ready
  })

  test('is not tried again once refused', async () => {
    const { stomp, peer } = await open()
    const { ready } = stomp.subscribe({ destination: '/queue/a' }, () => {})
    peer.socket.say('ERROR\nmessage:access_refused')
    expect(await code(ready)).toBe('forbidden')
    await pass(250)
    peer.socket.connect()
    expect(peer.socket.last('SUBSCRIBE')).toBeUndefined()
  })

  test('tells its holder when a later connect refuses it', async () => {
    const { stomp, peer } = await open()
    const onRefused = vi.fn()
    const { ready } = stomp.subscribe({ destination: '/queue/a', onRefused }, () => {})
    peer.socket.confirm('SUBSCRIBE')
    await ready
    peer.socket.end()
    await pass(250)
    peer.socket.connect()
    peer.socket.say(`ERROR\nreceipt-id:${peer.socket.header('SUBSCRIBE', 'receipt')}\nmessage:access_refused`)
    await pass(0)
    expect(onRefused).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'forbidden' }))
  })

  test('without its RECEIPT in time takes a new connection', async () => {
    const { stomp, peer } = await open({ receiptTimeoutMs: 2000 })
    stomp.subscribe({ destination: '/queue/a' }, () => {})
    await pass(2000)
    expect(stomp.state).toMatchObject({ at: 'waiting', reason: { code: 'timed_out' } })
    await pass(250)
    peer.socket.connect()
    expect(peer.socket.last('SUBSCRIBE')).toBeDefined()
  })

  test('rejects `ready` when it ends before it began, unhandled or not', async () => {
    const { stomp } = await start()
    const one = stomp.subscribe({ destination: '/queue/a' }, () => {})
    const other = stomp.subscribe({ destination: '/queue/b' }, () => {})
    await one.unsubscribe()
    expect(await code(one.ready)).toBe('closed')
    await stomp.close()
    expect(await code(other.ready)).toBe('closed')
  })

  test('unsubscribe() resolves on its RECEIPT, or when the connection is gone', async () => {
    const { stomp, peer } = await open()
    const one = stomp.subscribe({ destination: '/queue/a' }, () => {})
    const other = stomp.subscribe({ destination: '/queue/b' }, () => {})
    const ended = one.unsubscribe()
    peer.socket.confirm('UNSUBSCRIBE')
    await ended
    const lost = other.unsubscribe()
    peer.socket.end()
    await lost
    await pass(250)
    peer.socket.connect()
    expect(peer.socket.last('SUBSCRIBE')).toBeUndefined()
  })

  test('gives messages in order, and acks them by the id of the STOMP version', async () => {
    const { stomp, peer } = await start()
    peer.socket.open()
    peer.socket.say('CONNECTED\nversion:1.1')
    const got: Incoming[] = []
    stomp.subscribe({ destination: '/queue/a' }, message => got.push(message))
    const id = peer.socket.header('SUBSCRIBE', 'id')
    peer.socket.say(`MESSAGE\nsubscription:${id}\nmessage-id:m1\ndestination:/queue/a`, 'one')
    peer.socket.say(`MESSAGE\nsubscription:${id}\nmessage-id:m2`, 'two')
    expect(got.map(({ body, destination }) => [body, destination])).toEqual([
      ['one', '/queue/a'],
      ['two', '/queue/a'],
    ])
    got[1]!.ack()
    expect(peer.socket.header('ACK', 'message-id')).toBe('m2')
  })

  test('drops acks of an older connection', async () => {
    const { stomp, peer } = await open()
    const got: Incoming[] = []
    stomp.subscribe({ destination: '/queue/a' }, message => got.push(message))
    const id = peer.socket.header('SUBSCRIBE', 'id')
    peer.socket.say(`MESSAGE\nsubscription:${id}\nmessage-id:m1\nack:a1`)
    peer.socket.end()
    await pass(250)
    peer.socket.connect()
    got[0]!.ack()
    const done = stomp.transaction(transaction => got[0]!.ack(transaction))
    peer.socket.confirm('COMMIT')
    await done
    expect(peer.socket.last('ACK')).toBeUndefined()
  })
})

describe('publish()', () => {
  test('rejects without a connection, and publishUnconfirmed() does nothing', async () => {
    const { stomp, peer } = await start()
    expect(await code(stomp.publish({ destination: '/queue/a', body: '' }))).toBe('connection_lost')
    stomp.publishUnconfirmed({ destination: '/queue/a', body: '' })
    expect(peer.socket.sent).toEqual([])
  })

  test('rejects when the connection goes before the RECEIPT, when time is up, and after close()', async () => {
    const { stomp, peer } = await open({ receiptTimeoutMs: 1000 })
    const late = code(stomp.publish({ destination: '/queue/a', body: '' }))
    await pass(1000)
    expect(await late).toBe('timed_out')
    const lost = code(stomp.publish({ destination: '/queue/a', body: '' }))
    peer.socket.end()
    expect(await lost).toBe('connection_lost')
    await stomp.close()
    expect(await code(stomp.publish({ destination: '/queue/a', body: '' }))).toBe('closed')
  })

  test('sends nothing larger than the other side takes, counted in bytes', async () => {
    const { stomp, peer } = await open({}, 'drover-max-frame-bytes:1000')
    const euros = '€'.repeat(300)
    expect(await code(stomp.publish({ destination: '/queue/a', body: euros }))).toBe('frame_too_large')
    expect(await code(stomp.transaction(it => it.publish({ destination: '/queue/a', body: euros })))).toBe(
      'frame_too_large',
    )
    expect(peer.socket.sent.length).toBe(1)
    void stomp.publish({ destination: '/queue/a', body: 'e'.repeat(700) }).catch(() => {})
    expect(peer.socket.header('SEND', 'content-length')).toBe('700')
  })

  test('escapes header values, and refuses what the STOMP version cannot carry', async () => {
    const { stomp, peer } = await open()
    void stomp.publish({ destination: '/queue/a', headers: { note: 'a:b\nc' }, body: '' }).catch(() => {})
    expect(peer.socket.header('SEND', 'note')).toBe('a\\cb\\nc')
    for (const headers of [{ 'a\nb': 'c' }, { 'a:b': 'c' }, { a: '\0' }] as Record<string, string>[]) {
      expect(await code(stomp.publish({ destination: '/queue/a', headers, body: '' }))).toBe('frame_invalid')
    }
    const old = await start()
    old.peer.socket.open()
    old.peer.socket.say('CONNECTED\nversion:1.1')
    const body = ''
    expect(await code(old.stomp.publish({ destination: '/queue/a\nx:y', body }))).toBe('frame_invalid')
    expect(old.peer.socket.last('SEND')).toBeUndefined()
  })
})

describe('transaction()', () => {
  test('is one turn of frames, with the receipt on COMMIT', async () => {
    const { stomp, peer } = await open()
    const done = stomp.transaction(transaction => transaction.publish({ destination: '/queue/a', body: 'x' }))
    const frames = peer.socket.sent.slice(1)
    expect(frames.map(frame => frame.split('\n')[0])).toEqual(['BEGIN', 'SEND', 'COMMIT'])
    const id = peer.socket.header('BEGIN', 'transaction')
    expect(frames.every(frame => frame.includes(`\ntransaction:${id}\n`))).toBe(true)
    peer.socket.confirm('COMMIT')
    peer.socket.confirm('SEND')
    await done
  })

  test('fails where COMMIT is confirmed and the ERROR comes after it', async () => {
    const { stomp, peer } = await open()
    const done = code(stomp.transaction(transaction => transaction.publish({ destination: '/queue/a', body: 'x' })))
    peer.socket.confirm('COMMIT')
    peer.socket.say('ERROR\nmessage:precondition_failed')
    expect(await done).toBe('broker_error')
  })

  test('where a broker confirms COMMIT all the same, waits for each step before it and commits nothing of a part', async () => {
    const { stomp, peer } = await open({}, 'server:ActiveMQ/6.1.8')
    const done = code(
      stomp.transaction(transaction => {
        transaction.publish({ destination: '/queue/a', body: 'x' })
        transaction.publish({ destination: '/queue/b', body: 'y' })
      }),
    )
    const [, , first, second] = peer.socket.sent.map(frame => /\nreceipt:(.*)/.exec(frame)?.[1])
    peer.socket.say(`RECEIPT\nreceipt-id:${first}`)
    peer.socket.say(`ERROR\nreceipt-id:${second}\nmessage:not authorized`)
    expect(await done).toBe('forbidden')
    expect(peer.socket.last('ABORT')).toBeDefined()
    expect(peer.socket.last('COMMIT')).toBeUndefined()
  })

  test('sends nothing when its fill throws, and takes no step afterwards', async () => {
    const { stomp, peer } = await open()
    const got: Incoming[] = []
    stomp.subscribe({ destination: '/queue/a' }, message => got.push(message))
    peer.socket.say(`MESSAGE\nsubscription:${peer.socket.header('SUBSCRIBE', 'id')}\nack:a1\nmessage-id:1`)
    const failing = stomp.transaction(transaction => {
      transaction.publish({ destination: '/queue/a', body: '' })
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    expect(peer.socket.last('BEGIN')).toBeUndefined()
    const done = stomp.transaction(transaction =>
      queueMicrotask(() => {
        expect(() => got[0]!.ack(transaction)).toThrow(TypeError)
      }),
    )
    peer.socket.confirm('COMMIT')
    await done
  })
})

describe('close()', () => {
  test('sends DISCONNECT and waits for its RECEIPT', async () => {
    const { stomp, peer } = await open()
    const closed = stomp.close()
    expect(stomp.state).toEqual({ at: 'closed' })
    peer.socket.confirm('DISCONNECT')
    await closed
    expect(peer.socket.readyState).toBe(3)
    await stomp.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('gives up on a peer that does not answer', async () => {
    const { stomp, peer } = await open({ receiptTimeoutMs: 1000 })
    const closed = stomp.close()
    await pass(1000)
    await closed
    await pass(0)
    expect(peer.socket.readyState).toBe(3)
    expect(vi.getTimerCount()).toBe(0)
  })

  test.for(['connecting', 'waiting'])('ends it while %s', async at => {
    const { stomp, peer } = await start()
    if (at === 'waiting') peer.socket.end()
    expect(stomp.state.at).toBe(at)
    const opened = code(stomp.opened())
    await stomp.close()
    await pass(60_000)
    expect(await opened).toBe('closed')
    expect(peer.sockets.map(({ readyState }) => readyState)).toEqual([3])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('ends it while a token is awaited', async () => {
    const token = Promise.withResolvers<string>()
    const { stomp, peer } = await start({ token: () => token.promise })
    await stomp.close()
    token.resolve('late')
    await pass(60_000)
    expect(peer.sockets).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('opened() takes a signal', async () => {
  const { stomp } = await start()
  const stop = new AbortController()
  const opened = stomp.opened(stop.signal)
  stop.abort(new Error('enough'))
  await expect(opened).rejects.toThrow('enough')
  await expect(stomp.opened(stop.signal)).rejects.toThrow('enough')
})
