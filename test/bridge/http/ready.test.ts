/** The questions of a process supervisor: whether the bridge serves, and whether the broker takes its logins. */
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { listenTcp } from '../../../bridge/node/tcp.ts'
import { createEmbeddedBroker } from '../../../broker/mod.ts'
import { spawnBridge, type TestBridge } from '../../support/bridges/bridges.ts'
import { freePorts } from '../../support/free-ports.ts'

/** Sends a request as it is written. */
async function ask({ url }: TestBridge, lines: string): Promise<{ status: number; answer: string }> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(`${lines}\r\n\r\n`)
  const answer = await text(socket)
  return { status: Number(/^HTTP\/1\.[01] (\d+)/.exec(answer)?.[1]), answer }
}

const hosts = ['Host: 10.1.2.3:8787', 'Host: [fd00::1]:8787', 'Host: jobs.example', 'Host: pod-7']

describe.each(['node', 'deno'] as const)('on %s', runtime => {
  test('/health and /ready answer a probe with any Host, also none in HTTP/1.0, and nothing is refused in the log', async () => {
    await using bridge = await spawnBridge(runtime, { broker: 'embedded', hosts: ['jobs.example'] })
    for (const path of ['/health', '/ready']) {
      for (const host of hosts) {
        const { status, answer } = await ask(bridge, `GET ${path} HTTP/1.1\r\n${host}\r\nConnection: close`)
        expect([path, host, status, answer]).toEqual([path, host, 200, expect.stringContaining('"status"')])
      }
      expect([path, (await ask(bridge, `GET ${path} HTTP/1.0`)).status]).toEqual([path, 200])
    }
    expect(bridge.events.filter(event => event.type === 'refused')).toEqual([])
    expect((await ask(bridge, `GET /token HTTP/1.1\r\n${hosts[0]}\r\nConnection: close`)).status).toBe(403)
    expect((await ask(bridge, 'GET /token HTTP/1.0')).status).toBeGreaterThanOrEqual(400)
    // An absolute target names the host that a request is for, and its Host counts no longer. No probe asks like that
    const own = new URL(bridge.url).host
    for (const path of ['/health', '/ready', '/token', '/']) {
      const to = async (authority: string, host: string): Promise<number> =>
        (await ask(bridge, `GET http://${authority}${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close`)).status
      for (const [authority, host] of [
        ['evil.example', own],
        ['evil.example', 'evil.example'],
        [`${own}@evil.example`, own],
      ] as const)
        expect([path, authority, host, await to(authority, host)]).toEqual([path, authority, host, 403])
      for (const authority of [own, 'jobs.example', 'JOBS.example:80'])
        expect([path, authority, await to(authority, 'evil.example')]).toEqual([path, authority, 200])
    }
  })

  test('/ready is 503 with a reason while no login works, by one login for all who ask; /health stays 200', async () => {
    const [port = 0] = await freePorts(1)
    const users = [{ login: 'foo', passcode: 'opal', allow: ['>'] }]
    const broker = createEmbeddedBroker({ users })
    let connections = 0
    const listener = await listenTcp({
      port,
      accept: link => {
        connections++
        return broker.accept(link)
      },
    })
    const wrong = `stomp://foo:jade@127.0.0.1:${port}`
    await using refused = await spawnBridge(runtime, { broker: wrong })
    const { status, answer } = await ask(refused, 'GET /ready HTTP/1.0')
    expect([status, answer]).toEqual([503, expect.stringContaining("does not accept the bridge's own login")])
    expect(answer).not.toMatch(/jade|127\.0\.0\.1|foo/)
    connections = 0
    await using bridge = await spawnBridge(runtime, {
      broker: wrong.replace('jade', 'opal'),
      limits: { readyMs: 1_000 },
    })
    const all = await Promise.all(Array.from({ length: 20 }, () => fetch(`${bridge.url}/ready`)))
    expect([all.map(({ status }) => status), connections]).toEqual([Array(20).fill(200), 1])
    await listener.close()
    await expect.poll(async () => (await fetch(`${bridge.url}/ready`)).status, { timeout: 10_000 }).toBe(503)
    const away = await (await fetch(`${bridge.url}/ready`)).text()
    expect(away).toContain('cannot reach its broker')
    expect(away).not.toMatch(/opal|127\.0\.0\.1|foo/)
    expect((await fetch(`${bridge.url}/health`)).status).toBe(200)
    const again = await listenTcp({ port, accept: broker.accept })
    await expect.poll(async () => (await fetch(`${bridge.url}/ready`)).status, { timeout: 10_000 }).toBe(200)
    expect(bridge.events.map(event => event.type)).toEqual(['listening', 'broker_lost', 'broker_reached'])
    await again.close()
    await broker.close()
  })
})
