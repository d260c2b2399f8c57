/** Pages that a bridge tells of workers, when its own connection to the broker is lost or cannot be opened. Design section 5.11. */
import { expect, test } from 'vitest'
import { secret, startBridge } from '../../support/bridges/bridges.ts'
import { sharedBroker } from '../../support/brokers/shared.ts'
import { startBroker } from '../../support/brokers/start.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { type Environment, makeEnvironment } from '../../support/system/environment.ts'
import { echo } from '../../support/system/tasks.ts'
import { until } from '../../support/until.ts'

type Master = Awaited<ReturnType<Environment['master']>>

const behind = (url: string, logs: (() => string)[]): Environment =>
  makeEnvironment({ url: `${url.replace(/^http/, 'ws')}/stomp`, secret }, logs)

/** Names of the workers that are there, as a bridge tells; `?` is behind those that the master heard itself. */
const told = ({ workers }: Master): string[] =>
  [...workers.values()]
    .filter(({ state }) => state !== 'gone')
    .map(({ name, is_told }) => (is_told ? name : `${name}?`))
    .toSorted()

test('a broker that is killed and started again costs no page a worker, keeps none that died, and brings the changes back', async () => {
  await using broker = await startBroker('embedded')
  await using bridge = await startBridge({ broker: broker.stompUrl })
  const logs: (() => string)[] = []
  const evidence = () => logs.map(log => log()).join('\n')
  const pages = behind(bridge.url, logs)
  const direct = makeEnvironment({ url: broker.stompUrl, secret: undefined, namespace: pages.namespace }, logs)
  await using _fig = await direct.worker('node', 'fig')
  await using plum = await direct.worker('node', 'plum')
  await using stack = new AsyncDisposableStack()
  const masters: Master[] = []
  for (let n = 0; n < 5; n++) masters.push(stack.use(await pages.master({}, `owner-${n}`)))
  const allKnow = (what: string, names: readonly string[]) =>
    until(what, () => masters.every(master => told(master).join() === names.join()), {
      timeoutMs: 45_000,
      evidence: () => `${JSON.stringify(masters.map(told))} ${evidence()}`,
    })
  for (const master of masters) master.watch(echo.name)
  await allKnow('all pages are told of both', ['fig', 'plum'])
  // A young connection that is lost, and one that lasted
  for (const isDead of [false, true]) {
    await broker.kill()
    if (isDead) await plum.kill()
    await broker.restart()
    masters.push(stack.use(await pages.master({}, `late-${isDead}`)))
    masters.at(-1)?.watch(echo.name)
    await allKnow('all pages are told again', isDead ? ['fig'] : ['fig', 'plum'])
  }
  for (const master of masters) {
    const { outcomes, missing } = await master.broadcast(echo, { text: 'one' }).done
    expect([outcomes.map(({ name }) => name), missing]).toEqual([['fig'], []])
  }
}, 120_000)

test('pages that came while the bridge could not read presence are told of changes once it can', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  await using proxy = await startFaultProxy(stompUrl)
  await using bridge = await startBridge({ broker: proxy.through(stompUrl), limits: { maxSubscriptions: 2 } })
  const logs: (() => string)[] = []
  const pages = behind(bridge.url, logs)
  await using page = await pages.master()
  await until('the page has a session', () => page.connection.at === 'open')
  proxy.refuse()
  page.watch(echo.name)
  const direct = makeEnvironment({ url: stompUrl, secret: undefined, namespace: pages.namespace }, logs)
  await using _fig = await direct.worker('node', 'fig')
  await until('it hears the worker', () => told(page).join() === 'fig?')
  await until('it knows the task', () => page.tasks[0]?.known)
  const unknown: unknown[] = []
  page.onChange(() => {
    if (!page.tasks[0]?.known) unknown.push(page.tasks)
  })
  proxy.admit()
  await until('a bridge tells of it', () => told(page).join() === 'fig')
  expect([unknown, page.connection.at]).toEqual([[], 'open'])
})
