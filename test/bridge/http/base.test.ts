/** A bridge that shares its name with other programs: everything that it answers is below a path. */
import { afterAll, describe, expect, test } from 'vitest'
import { serveBridge } from '../../../bridge/node.ts'
import { secret, spawnBridge, type TestBridge } from '../../support/bridges/bridges.ts'
import { connectRaw, openRaw } from '../../support/raw-session.ts'

const bridges: TestBridge[] = []
afterAll(() => Promise.all(bridges.map(bridge => bridge[Symbol.asyncDispose]())))

describe.each(['node', 'deno'] as const)('on %s', runtime => {
  let started: Promise<TestBridge> | undefined
  const bridge = (): Promise<TestBridge> =>
    (started ??= spawnBridge(runtime, { broker: 'embedded', base: '/jobs/drover' }).then(bridge => {
      bridges.push(bridge)
      return bridge
    }))

  test('it answers below the path, with its probes without it too, and elsewhere says where it is', async () => {
    const { url, stompUrl } = await bridge()
    const { origin, pathname } = new URL(url)
    expect(pathname).toBe('/jobs/drover')
    expect(stompUrl).toMatch(/^stomp:\/\/127\.0\.0\.1:\d+$/)
    const answers: Record<string, unknown> = {}
    const paths = ['', '/', '/health', '/ready', '/token', '/stomp', '/broker', '/..%2f..%2fhealth', '/nothing']
    for (const path of [
      ...paths.map(path => `/jobs/drover${path}`),
      '/health',
      '/ready',
      '/',
      '/token',
      '/stomp',
      '/jobs/droverx',
      '/jobs/Drover/',
    ]) {
      const response = await fetch(origin + path, { redirect: 'manual' })
      answers[path] = response.headers.get('location') ?? response.status
    }
    expect(answers).toEqual({
      '/jobs/drover': '/jobs/drover/',
      '/jobs/drover/': 200,
      '/jobs/drover/health': 200,
      '/jobs/drover/ready': 200,
      '/jobs/drover/token': 200,
      '/jobs/drover/stomp': 426,
      '/jobs/drover/broker': 401,
      '/jobs/drover/..%2f..%2fhealth': 404,
      '/jobs/drover/nothing': 404,
      '/health': 200,
      '/ready': 200,
      '/': 404,
      '/token': 404,
      '/stomp': 404,
      '/jobs/droverx': 404,
      '/jobs/Drover/': 404,
    })
    expect(await (await fetch(`${origin}/`)).text()).toContain('this bridge is below /jobs/drover/')
  })

  test('sessions and cookies are below it', async () => {
    const { url } = await bridge()
    await using session = await connectRaw(url, { login: 'foo', passcode: 'bar' })
    expect(session.connected.header('drover-owner')).toBe('foo')
    await expect(openRaw(new URL(url).origin)).rejects.toThrow('404')
    const headers = { authorization: `Basic ${btoa('foo:bar')}` }
    const given = await fetch(`${url}/token`, { method: 'POST', headers, body: '{"remember":true}' })
    const [cookie = ''] = given.headers.getSetCookie()
    expect(cookie).toMatch(/; Path=\/jobs\/drover\/token;/)
    const byCookie = { headers: { cookie: cookie.split(';')[0]! } }
    expect((await fetch(`${url}/token`, { method: 'POST', ...byCookie })).status).toBe(200)
    const left = await fetch(`${url}/token`, { method: 'DELETE', ...byCookie })
    expect(left.headers.getSetCookie()[0]).toMatch(/Max-Age=0; Path=\/jobs\/drover\/token/)
  })
})

test.each(['drover', '//evil.example', '/a b', '/a/../b', '/a?b', '/a#b', 'https://jobs.example/drover', '/%2e'])(
  'a base that is none is told: %s',
  async base => {
    const starting = serveBridge({ port: 0, stompPort: 0, broker: 'embedded', secret, base })
    await expect(starting).rejects.toThrow(/expected a path such as \/drover/)
  },
)
