import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { open, pass } from '../../../test/support/scripted.ts'
import { expOf } from './renewal.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000_000 }))
afterEach(() => void vi.useRealTimers())

const now = 1_000_000 // s
const jwt = (claims: object): string => `eyJh.${btoa(JSON.stringify(claims)).replaceAll('=', '')}.c2ln`
const bridge = 'drover-owner:ada\ndrover-features:fence,renew'
const url = 'wss://jobs.example/stomp'

/** A token function whose tokens end so many seconds after the start, one after another; the last again and again. */
const tokens = (...ends: number[]) => vi.fn(() => jwt({ exp: now + (ends.length > 1 ? ends.shift()! : ends[0]!) }))

describe('renewal', () => {
  test('sends a new token to the bridge a third before the end, and so on, on one socket', async () => {
    const token = tokens(30, 60, 90)
    const { stomp, peer } = await open({ url, token, random: () => 0 }, bridge)
    const states: string[] = []
    stomp.onState(({ at }) => states.push(at))
    await pass(19_900)
    expect(token).toHaveBeenCalledTimes(1)
    await pass(200)
    expect(peer.socket.last('SEND')).toContain(`destination:/bridge/renew`)
    expect(peer.socket.last('SEND')).toContain(jwt({ exp: now + 60 }))
    peer.socket.confirm('SEND')
    await pass(0)
    await pass(26_500)
    expect(token).toHaveBeenCalledTimes(2)
    await pass(300)
    expect(peer.socket.last('SEND')).toContain(jwt({ exp: now + 90 }))
    expect([states, peer.sockets.length]).toEqual([[], 1])
  })

  test('goes by the time of the bridge, whose clock may differ', async () => {
    const token = tokens(3_630, 3_660)
    await open({ url, token, random: () => 0 }, `${bridge}\ndrover-time:${(now + 3_600) * 1000}`)
    await pass(20_100)
    expect(token).toHaveBeenCalledTimes(2)
  })

  test('begins at most five minutes before the end', async () => {
    const token = tokens(3_600, 7_200)
    const { peer } = await open({ url, token, random: () => 0, heartbeatMs: 0 }, bridge)
    await pass(3_299_000)
    expect(peer.socket.last('SEND')).toBeUndefined()
    await pass(2_000)
    expect(peer.socket.last('SEND')).toBeDefined()
  })

  test('is not at one instant for all sessions that began in one', async () => {
    const { peer } = await open({ url, token: tokens(30, 60), random: () => 0.8 }, bridge)
    await pass(21_900)
    expect(peer.socket.last('SEND')).toBeUndefined()
    await pass(200)
    expect(peer.socket.last('SEND')).toBeDefined()
  })

  test('asks again while there is time, when the function fails or gives the same token', async () => {
    const given: (() => string)[] = [
      () => jwt({ exp: now + 30 }),
      () => {
        throw new Error('the server is away')
      },
      () => jwt({ exp: now + 30 }),
      () => 'opaque',
      () => jwt({ exp: now + 60 }),
    ]
    const token = vi.fn(() => given.shift()!())
    const { peer } = await open({ url, token, random: () => 0 }, bridge)
    await pass(20_100)
    expect(token).toHaveBeenCalledTimes(2)
    await pass(5_000)
    expect(token).toHaveBeenCalledTimes(3)
    await pass(2_500)
    expect([token.mock.calls.length, peer.socket.last('SEND')]).toEqual([4, undefined])
    await pass(1_300)
    expect(peer.socket.last('SEND')).toContain(jwt({ exp: now + 60 }))
  })

  test('gives up at the end, and a new session follows as ever', async () => {
    const token = tokens(30)
    const { stomp, peer } = await open({ url, token, random: () => 0 }, bridge)
    await pass(30_000)
    expect(token.mock.calls.length).toBeLessThan(12)
    peer.socket.say('ERROR\ndrover-code:not_authenticated\nmessage:The token has expired')
    peer.socket.end()
    await pass(10)
    expect([stomp.state.at, peer.sockets.length]).toEqual(['connecting', 2])
  })

  test('a refusal ends the session, and the next one connects with a new token', async () => {
    const { stomp, peer } = await open({ url, token: tokens(30, 60, 90), random: () => 0 }, bridge)
    await pass(20_100)
    peer.socket.say(
      `ERROR\ndrover-code:forbidden\nmessage:No grant\nreceipt-id:${peer.socket.header('SEND', 'receipt')}`,
    )
    peer.socket.end()
    await pass(1_000)
    peer.socket.connect(bridge)
    expect([stomp.state.at, peer.socket.header('CONNECT', 'passcode')]).toEqual(['open', jwt({ exp: now + 90 })])
  })

  test('is over with its session, and with the connection', async () => {
    const token = tokens(30, 60, 90)
    const { stomp, peer } = await open({ url, token, random: () => 0 }, bridge)
    void stomp.close()
    await pass(20_000)
    expect([token.mock.calls.length, peer.socket.last('SEND')]).toEqual([1, undefined])
  })

  test('a token that is given after the end is not sent', async () => {
    const later = Promise.withResolvers<string>()
    const given = [jwt({ exp: now + 30 }), later.promise]
    const { stomp, peer } = await open({ url, token: () => given.shift()!, random: () => 0 }, bridge)
    await pass(20_100)
    expect(given).toEqual([])
    void stomp.close()
    later.resolve(jwt({ exp: now + 60 }))
    await pass(10)
    expect([peer.socket.last('DISCONNECT') !== undefined, peer.socket.last('SEND')]).toEqual([true, undefined])
  })

  test.each([
    ['an older bridge', 'drover-owner:ada\ndrover-features:fence', { exp: now + 30 }],
    ['a broker', 'server:RabbitMQ/3.10', { exp: now + 30 }],
    ['a token that does not say when it ends', bridge, {}],
  ])('is not for %s', async (_, headers, claims) => {
    const token = vi.fn(() => jwt(claims))
    const { peer } = await open({ url, token }, headers)
    await pass(29_000)
    expect([token.mock.calls.length, peer.socket.last('SEND')]).toEqual([1, undefined])
  })
})

test('the end of a token is read from any JWT and from nothing else', () => {
  expect(expOf(jwt({ exp: 12.5, 'https://example.org/ÿ': 'ï¿' }))).toBe(12.5)
  for (const other of [undefined, '', 'a.b', 'a.!.c', jwt({ exp: '12' }), `a.${btoa('null')}.c`, 'x.y.z']) {
    expect(expOf(other)).toBeUndefined()
  }
})
