/** nginx and Caddy before a bridge, as docs/deployment has them: TLS, a page, a worker, an idle session, and a new start. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type {} from '../../../browser/master/master.ts'
import { refreshBrowser } from '../../../scripts/build/browser.ts'
import { readPrepared } from '../../../scripts/test/prepared.ts'
import { allGrants } from '../../../shared/contract/grants.ts'
import { secret, tokenFor } from '../../support/bridges/bridges.ts'
import { startDrover } from '../../support/cli/program.ts'
import { freePorts } from '../../support/free-ports.ts'
import { makeGate } from '../../support/gate.ts'
import { raw } from '../../support/raw-session.ts'
import { until } from '../../support/until.ts'
import { startHarness } from '../harness.ts'
import { giveLogin } from './test-bed.ts'
import { caFile, makeProxy, type TlsProxy } from './tls-proxy.ts'
import { away, untilState } from './user.ts'

/** In the place of 60 s; the bridge says something each second, in the place of 30 s. */
const idleSeconds = 3
const config = `
broker = "embedded"
hosts = ["localhost:PORT"]
trust_proxy = ["127.0.0.1"]
users = "users.json"

[limits]
heart_beat_ms = 300
`

const missing = readPrepared()

test.each((['nginx', 'caddy'] as const).filter(name => missing[name] === undefined))(
  '%s',
  async name => {
    await using stack = new AsyncDisposableStack()
    await refreshBrowser(process.cwd())
    const folder = await mkdtemp(join(tmpdir(), 'drover-proxied-'))
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    const [port = 0, stompPort = 0] = await freePorts(2)
    const proxy = stack.use(await makeProxy(name, port, idleSeconds))
    await writeFile(join(folder, 'users.json'), JSON.stringify([{ login: 'foo', password: 'bar', grants: allGrants }]))
    await writeFile(join(folder, 'drover.toml'), config.replace('PORT', `${proxy.port}`))
    const env = { PORT: `${port}`, STOMP_PORT: `${stompPort}`, DROVER_SECRET: secret, NODE_EXTRA_CA_CERTS: caFile }
    const bridge = stack.use(startDrover(['serve', '--config', join(folder, 'drover.toml')], { env }))
    await bridge.says(/^ready /m)
    await proxy.start()

    const token = await tokenFor('keeper', { work: ['*'] })
    const worker = stack.use(
      startDrover(['worker', 'test/browser/fixtures/keeping-tasks.ts', '--name', 'kept', '--concurrency', '4'], {
        env: { ...env, DROVER_URL: proxy.url, DROVER_TOKEN: token, RUNS: join(folder, 'runs') },
      }),
    )
    await worker.says(/takes keep/)
    const gate = stack.use(await makeGate())

    // Beside all that follows is a client that wants no heart-beats, and claims another address
    const idle = await openIdle(proxy, await tokenFor('idle', { observe: ['*'] }))
    stack.defer(() => idle.socket.terminate())
    await bridge.says(/idle connected from 127\.0\.0\.2 /)

    const harness = stack.use(await startHarness())
    const context = await harness.browser.newContext({ ignoreHTTPSErrors: true })
    stack.defer(() => context.close())
    const { page } = stack.use(await harness.open(proxy.url, { context, allow: away }))
    await page.mouse.move(0, 0) // over the list it holds new rows back
    await giveLogin(page)
    const connected = page.getByText('Connected', { exact: true })
    await connected.waitFor()
    expect(await context.cookies()).toMatchObject([{ secure: true, httpOnly: true }])
    const dispatch = (task: string, input: object): Promise<string> =>
      page
        .locator('drover-master')
        .evaluate(
          (element, [task, input]) =>
            (element as HTMLElementTagNameMap['drover-master']).current!.dispatch(task, input).request_id,
          [task, input] as const,
        )
    await untilState(page, await dispatch('keep.quick', { fails: false }), 'Done')
    const running = await dispatch('keep.gated', { gate: gate.path })
    await untilState(page, running, 'Running')

    await until('more than twice the idle limit went by', () => idle.pings() > 2 * idleSeconds, {
      evidence: () => `${idle.pings()} pings\n${proxy.log()}`,
    })
    expect(idle.socket.readyState, proxy.log()).toBe(WebSocket.OPEN)

    await proxy.stop()
    await page.getByText('Connected', { exact: true }).waitFor({ state: 'detached' })
    const unsent = await dispatch('keep.quick', { fails: false })
    await proxy.start()
    await connected.waitFor()
    await untilState(page, unsent, 'Done')
    await gate.open()
    await untilState(page, running, 'Done')
  },
  120_000,
)

/** A program that is quiet, at an address that is no proxy's, and that gives itself another one. */
async function openIdle({ url, port }: TlsProxy, token: string) {
  const socket = new WebSocket(`wss://localhost:${port}/stomp`, ['v12.stomp'], {
    ca: readFileSync(caFile),
    localAddress: '127.0.0.2',
    headers: { 'x-forwarded-for': '203.0.113.9', origin: url },
  })
  let pings = 0
  socket.on('ping', () => pings++)
  socket.on('error', () => {})
  await once(socket, 'open')
  socket.send(raw('CONNECT', ['accept-version:1.2', 'host:x', `passcode:${token}`]))
  const [connected] = await once(socket, 'message')
  expect(String(connected)).toMatch(/^CONNECTED\n/)
  return { socket, pings: () => pings }
}
