import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { code, open, pass, start } from '../../test/support/scripted.ts'
import { systemClock } from '../clock.ts'
import { connectStomp } from './connect.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

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

  test.each([
    ['a line break', 'x.y.z\n', /gave a text with a line break in it; expected a token as it was issued/],
    ['an object', { token: 'x.y.z' }, /gave an object; expected a token/],
    ['a number', 7, /gave a number; expected a token/],
    ['null', null, /gave null; expected a token/],
  ])('is given up when a token function gives %s five times in a row', async (_, token, sentence) => {
    const { stomp, peer } = await start({ token: () => token as string })
    expect(stomp.state).toMatchObject({ at: 'waiting', reason: { message: expect.stringMatching(sentence) } })
    await pass(60_000)
    expect(peer.sockets).toEqual([])
    expect(stomp.state).toMatchObject({ at: 'closed', reason: { code: 'not_authenticated' } })
    await expect(stomp.opened()).rejects.toThrow(sentence)
  })

  test('says at once that a token alone is no function', () => {
    const options: object = { url: 'ws://h', token: 'eyJ' }
    expect(() => connectStomp(options as Parameters<typeof connectStomp>[0])).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        message: expect.stringMatching(/token is a string.*function/),
      }),
    )
  })

  test('needs a TCP socket for stomp:', () => {
    expect(() => connectStomp({ url: 'stomp://h' })).toThrow(expect.objectContaining({ code: 'config_invalid' }))
  })
})

describe('states', () => {
  test('go from connecting to open with the session that CONNECTED tells', async () => {
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
    const { stomp, peer } = await start({
      backoff: { baseMs: 1000, capMs: 3000 },
      clock: { ...systemClock, now: () => 7000 },
    })
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

  test('a session whose token has expired is followed by one with a new token at once, and the next after a wait', async () => {
    let made = 0
    const { stomp, peer } = await open({ token: () => `token-${++made}` }, 'drover-owner:ada')
    const publishing = stomp.publish({ destination: '/queue/a', body: '' }).catch(error => error)
    const expire = (): void => {
      peer.socket.say('ERROR\ndrover-code:not_authenticated\nmessage:The token has expired')
      peer.socket.end({ code: 4401 })
    }
    expire()
    expect(stomp.state).toMatchObject({ at: 'waiting', retryAt: Date.now(), reason: { code: 'not_authenticated' } })
    // The SEND under way was not refused: whether it took place is unknown.
    expect(await publishing).toMatchObject({ code: 'connection_lost', cause: { code: 'not_authenticated' } })
    await pass()
    peer.socket.connect('drover-owner:ada')
    expect(peer.socket.header('CONNECT', 'passcode')).toBe('token-2')
    expect(stomp.state.at).toBe('open')
    expire()
    expect(stomp.state).toMatchObject({ at: 'waiting', retryAt: Date.now() + 500 })
  })

  test.for(['slow_reader', 'too_many_messages'])(
    'a session that ends by %s was not about the one frame under way, and comes back later',
    async code => {
      const { stomp, peer } = await open({})
      const publishing = stomp.publish({ destination: '/queue/a', body: '' }).catch(error => error)
      peer.socket.say(`ERROR\ndrover-code:${code}\nmessage:Too much`)
      peer.socket.end({ code: 4429 })
      expect(stomp.state).toMatchObject({ at: 'waiting', retryAt: Date.now() + 250, reason: { code } })
      expect(await publishing).toMatchObject({ code: 'connection_lost', cause: { code } })
    },
  )

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

  test('they are sent as often as the peer wants them, however often it sends its own', async () => {
    const { peer } = await open({ heartbeatMs: 1000 }, 'heart-beat:0,3000')
    await pass(2999)
    expect(peer.socket.sent).toHaveLength(1)
    await pass(1)
    expect(peer.socket.sent.slice(1)).toEqual(['\n'])
  })
})

describe('close()', () => {
  test('sends DISCONNECT and waits for its RECEIPT, and no timer goes on', async () => {
    const { stomp, peer } = await open({ heartbeatMs: 1000 }, 'server:RabbitMQ/3.10\nheart-beat:1000,1000')
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
