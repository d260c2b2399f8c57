/** A bridge before a broker that has a certificate by its own authority, and asks for one of the bridge. */
import { copyFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { serveBridge } from '../../bridge/node.ts'
import { secret, spawnBridge, startBridge } from '../support/bridges/bridges.ts'
import { startEmbedded } from '../support/brokers/embedded.ts'
import { connectRaw } from '../support/raw-session.ts'
import { makeAuthority } from '../support/tls/authority.ts'
import { startTlsFront } from '../support/tls/front.ts'
import { until } from '../support/until.ts'

const authority = makeAuthority()
afterAll(() => authority[Symbol.dispose]())
const { ca } = authority
const server = authority.sign('server', 'subjectAltName=IP:127.0.0.1')
const [first, second] = [authority.sign('bridge-1'), authority.sign('bridge-2')]
const foo = { login: 'foo', passcode: 'bar' }

describe.each(['node', 'deno'] as const)('on %s', runtime => {
  test('over TCP it logs in by its certificate, and by a renewed one from the next session on', async () => {
    await using broker = await startEmbedded()
    await using front = await startTlsFront(broker.port, server, { clients: ca })
    const own = { cert: `${first.cert}.${runtime}`, key: `${first.key}.${runtime}` }
    const use = ({ cert, key }: typeof own) => {
      copyFileSync(cert, own.cert)
      copyFileSync(key, own.key)
    }
    use(first)
    const options = { broker: `stomp+ssl://foo:bar@127.0.0.1:${front.port}`, brokerTls: { ca, ...own } }
    await using bridge = await spawnBridge(runtime, options)
    expect((await fetch(`${bridge.url}/ready`)).status).toBe(200)
    await using one = await connectRaw(bridge.url, foo)
    expect(new Set(front.peers)).toEqual(new Set(['bridge-1']))
    use(second)
    await using two = await connectRaw(bridge.url, foo)
    expect([one, two].map(({ connected }) => connected.header('drover-owner'))).toEqual(['foo', 'foo'])
    expect(front.peers.at(-1)).toBe('bridge-2')
  })

  test('a broker by WebSocket too', async () => {
    await using inner = await startBridge({ broker: 'embedded' })
    await using front = await startTlsFront(Number(new URL(inner.url).port), server, { clients: ca })
    inner.reload({
      broker: 'embedded',
      secret,
      port: 0,
      stompPort: 0,
      users: allowed,
      hosts: [`127.0.0.1:${front.port}`],
    })
    const options = { broker: `wss://foo:bar@127.0.0.1:${front.port}/stomp`, brokerTls: { ca, ...first } }
    await using bridge = await spawnBridge(runtime, options)
    expect((await fetch(`${bridge.url}/ready`)).status).toBe(200)
    expect(front.peers).toContain('bridge-1')
  })

  test('the log says what TLS did not like, and /ready does not', async () => {
    await using broker = await startEmbedded()
    await using front = await startTlsFront(broker.port, server, { clients: ca })
    const at = `127.0.0.1:${front.port}`
    for (const [brokerTls, sentence] of [
      [
        { ca },
        /^No connection to stomp\+ssl:\/\/\S+: the server there asks for a certificate of this side; .*--tls-cert/,
      ],
      [first, /^No connection to stomp\+ssl:\/\/\S+: .*certificate.*; check its certificate .*--tls-ca/],
    ] as const) {
      await using bridge = await spawnBridge(runtime, { broker: `stomp+ssl://foo:bar@${at}`, brokerTls })
      const ready = await fetch(`${bridge.url}/ready`)
      expect([ready.status, await ready.text()]).toEqual([503, expect.not.stringMatching(/certificate|127\.0/)])
      const told = () => bridge.events.flatMap(event => (event.type === 'broker_lost' ? [event.message] : []))
      await until('the loss is told', () => told().length > 0)
      expect(told()[0]).toMatch(sentence)
    }
  })
})

const allowed = [{ login: 'foo', password: 'bar', grants: { dispatch: ['*'], work: ['*'] } }]

test.each([
  ['an embedded broker', 'embedded', { ca }, /brokerTls is for another broker/],
  ['a broker without TLS', 'stomp://127.0.0.1:1', { ca }, /has no TLS; take stomp\+ssl:/],
  ['a file that is not there', 'stomp+ssl://127.0.0.1:1', { ca: '/nowhere.pem' }, /--tls-ca\) cannot be read/],
])('it does not start with %s', async (_what, broker, brokerTls, sentence) => {
  const starting = serveBridge({ port: 0, stompPort: 0, secret, broker, brokerTls })
  await expect(starting).rejects.toMatchObject({ code: 'config_invalid', message: expect.stringMatching(sentence) })
})
