/** A bridge behind a reverse proxy, which says for whom it asks. */
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, test } from 'vitest'
import { spawnBridge, startBridge, type TestBridge } from '../../support/bridges/bridges.ts'
import { connectRaw } from '../../support/raw-session.ts'
import { type ReverseProxy, startReverseProxy } from '../../support/reverse-proxy.ts'
import { until } from '../../support/until.ts'

const bridges: TestBridge[] = []
afterAll(() => Promise.all(bridges.map(bridge => bridge[Symbol.asyncDispose]())))

/** A proxy with TLS before it, as nginx is with `$proxy_add_x_forwarded_for`: it keeps the words of the client before the address. */
const startProxy = (bridgeUrl: string, clientAddress: string): Promise<ReverseProxy> =>
  startReverseProxy(
    () => bridgeUrl,
    ({ headers }) => ({
      'x-forwarded-for': [headers['x-forwarded-for'], clientAddress].flat().filter(Boolean).join(', '),
      'x-forwarded-proto': 'https',
    }),
  )

const ask = async (url: string, headers: Record<string, string>, body?: object) => {
  const sent = request(`${url}/token`, { method: 'POST', headers })
  sent.end(body && JSON.stringify(body))
  const answer = await new Promise<IncomingMessage>(resolve => sent.on('response', resolve))
  await text(answer)
  return answer
}
const host = 'jobs.example'
const basic = (password: string) => ({ host, authorization: `Basic ${btoa(`foo:${password}`)}` })

describe.each(['node', 'deno'] as const)('on %s', runtime => {
  let started: Promise<TestBridge> | undefined
  const bridge = (): Promise<TestBridge> =>
    (started ??= spawnBridge(runtime, { broker: 'embedded', hosts: [host], trustProxy: ['loopback'] }).then(bridge => {
      bridges.push(bridge)
      return bridge
    }))
  const addresses = async (type: string) =>
    (await bridge()).events.flatMap(event => (event.type === type && 'address' in event ? [event.address] : []))

  test('a sign-in by https gets a cookie for https, and counts where it comes from', async () => {
    const { url } = await bridge()
    using proxy = await startProxy(url, '203.0.113.7')
    const spoofed = { 'x-forwarded-for': '198.51.100.1, 127.0.0.1', 'x-forwarded-proto': 'http' }
    const answer = await ask(proxy.url, { ...basic('bar'), ...spoofed }, { remember: true })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['set-cookie']?.[0]).toMatch(/; HttpOnly; Secure; SameSite=Strict$/)
    await until('the sign-in is told', async () => (await addresses('token_given')).includes('203.0.113.7'))
    const direct = await ask(url, basic('bar'), { remember: true })
    expect(direct.headers['set-cookie']?.[0]).not.toContain('Secure')
  })

  test('a session and its page are those that the proxy names', async () => {
    const { url } = await bridge()
    using proxy = await startProxy(url, '2001:db8::7')
    const session = await connectRaw(proxy.url, {
      login: 'foo',
      passcode: 'bar',
      headers: { host, origin: `https://${host}`, 'x-forwarded-for': 'nonsense' },
    })
    await session[Symbol.asyncDispose]()
    await until('its end is told', async () => (await addresses('session_closed')).includes('2001:db8::7'))
    // A page of its own name that came by http may be of anybody on the way
    const refused = await ask(proxy.url, { ...basic('bar'), origin: `http://${host}` })
    expect(refused.statusCode).toBe(403)
    expect((await ask(url, { ...basic('bar'), origin: `http://${host}` })).statusCode).toBe(200)
  })

  test('guesses from elsewhere do not make somebody wait who signed in before', async () => {
    const { url } = await bridge()
    using mine = await startProxy(url, '203.0.113.8')
    using theirs = await startProxy(url, '203.0.113.9')
    expect((await ask(mine.url, basic('bar'))).statusCode).toBe(200)
    // Who guesses may say that they are somebody else
    const guess = () => ask(theirs.url, { ...basic('wrong'), 'x-forwarded-for': '203.0.113.8' })
    for (let tries = 0; tries < 6; tries++) await guess()
    expect((await guess()).statusCode).toBe(429)
    expect((await ask(mine.url, basic('bar'))).statusCode).toBe(200)
  })
})

test('a peer that is not trusted says nothing, until a reload trusts it', async () => {
  const options = { broker: 'embedded', hosts: [host], trustProxy: ['10.0.0.0/8'] }
  await using bridge = await startBridge(options)
  const said = { ...basic('bar'), 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.7;proto=https' }
  const untrusted = await ask(bridge.url, said, { remember: true })
  expect(untrusted.headers['set-cookie']?.[0]).not.toContain('Secure')
  expect(bridge.events.at(-1)).toMatchObject({ type: 'token_given', address: '127.0.0.1' })
  const { secret, users } = { secret: 'a secret of the tests, 32 bytes and more', users: [] }
  const reloaded = bridge.reload({ ...options, secret, users, port: 0, stompPort: 0, trustProxy: ['127.0.0.1'] })
  expect(reloaded.changed).toContain('trustProxy')
  await ask(bridge.url, said)
  expect(bridge.events.at(-1)).toMatchObject({ type: 'refused', address: '203.0.113.7' })
})
