/** Real workers, a bridge that tells of them, and a master behind it beside one that hears every beat at the broker. */
import { expect, test } from 'vitest'
import { secret, spawnBridge } from '../../support/bridges/bridges.ts'
import { sharedBroker } from '../../support/brokers/shared.ts'
import { makeEnvironment } from '../../support/system/environment.ts'
import { echo, gated } from '../../support/system/tasks.ts'
import { until } from '../../support/until.ts'

test.for([
  ['embedded', 'node'],
  ['classic', 'node'],
  ['embedded', 'deno'],
] as const)(
  'before %s, a bridge on %s says that a worker was killed when its silence says so',
  async ([name, runtime]) => {
    const { stompUrl } = await sharedBroker(name)
    await using bridge = await spawnBridge(runtime, { broker: stompUrl })
    const logs: (() => string)[] = []
    const url = `${bridge.url.replace(/^http/, 'ws')}/stomp`
    const behind = makeEnvironment({ url, secret }, logs)
    const { namespace } = behind
    const direct = makeEnvironment({ url: stompUrl, secret: undefined, namespace }, logs)

    await using told = await behind.master()
    await using each = await direct.master()
    expect(await told.broadcast(echo, { text: 'nobody' }).done).toMatchObject({ type: 'no_worker' })

    await using plum = await direct.worker('node', 'plum')
    await using _fig = await behind.worker('node', 'fig')
    const names = (master: typeof told, state = 'idle') =>
      [...master.workers.values()].filter(worker => worker.state === state).map(worker => worker.name)
    each.watch(echo.name)
    for (const master of [told, each]) await until('both are known', () => names(master).length === 2)
    expect([...told.workers.values()].map(({ is_told, runtime: on }) => [is_told, on.slice(0, 4)])).toEqual([
      [true, 'node'],
      [true, 'node'],
    ])
    await using later = await behind.master({}, 'eve')
    later.watch(echo.name)
    await until('the roster is known', () => later.tasks.find(({ task }) => task === echo.name)?.known)
    expect(names(later).toSorted()).toEqual(['fig', 'plum'])

    const waiting = told.broadcast(gated, { gate: `/nonexistent/${namespace}` }, { timeoutMs: 60_000 })
    await until('both run it', () => waiting.snapshot.workers.filter(({ at }) => at === 'running').length === 2)
    const goneAt = new Map<unknown, number>()
    for (const master of [told, each, later]) {
      master.onChange(() => {
        if (!goneAt.has(master) && names(master, 'gone').includes('plum')) goneAt.set(master, performance.now())
      })
    }
    const since = performance.now()
    await plum.kill()
    await until('all know that it is gone', () => goneAt.size === 3)
    // Three beats of 500 ms, a ping, and 500 ms; the machine of a test is busy
    expect(Math.abs(goneAt.get(told)! - goneAt.get(each)!), `after ${goneAt.get(each)! - since} ms`).toBeLessThan(1_500)
    waiting.cancel()
    expect(await waiting.done).toMatchObject({ missing: ['plum'] })
    expect(await told.broadcast(echo, { text: 'one' }).done).toMatchObject({ outcomes: [{ name: 'fig' }], missing: [] })
  },
)
