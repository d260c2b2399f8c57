/** A job for one worker, by its name: on each broker, through a bridge, for a name that nobody has, and for one that is not given. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { allGrants } from '../../shared/contract/grants.ts'
import { startMaster } from '../../shared/master/node.ts'
import { defineTask, implement, startWorker } from '../../worker/node.ts'
import { startBridge, tokenFor } from '../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import { scriptMaster } from '../support/scripted-master.ts'
import { until, within } from '../support/until.ts'

const input = z.unknown()
const who = defineTask('to.who', { input })
const retried = defineTask('to.retried', { input, attempts: 2, retryDelayMs: 10 })

interface Access {
  readonly url: string
  readonly namespace: string
  readonly token?: () => string
}

const startNamed = (access: Access, name: string | undefined) =>
  startWorker({
    ...access,
    ...(name === undefined ? {} : { name }),
    signals: false,
    tasks: [
      implement(who, () => name ?? 'default'),
      implement(retried, (failing, { attempt }) => {
        if (failing === true || attempt === 1) throw new Error('no luck')
        return name
      }),
    ],
  })

for (const way of ['embedded', 'classic', 'artemis', 'rabbitmq', 'bridge to classic', 'bridge to artemis'] as const) {
  const broker = way.replace('bridge to ', '') as 'embedded' | 'classic' | 'artemis' | 'rabbitmq'
  test(`${way}: it reaches that worker and no other, each attempt too, and its dead letter says for whom it was`, async context => {
    if (broker !== 'embedded' && readPrepared()[broker] !== undefined) return context.skip()
    await using stack = new AsyncDisposableStack()
    const { stompUrl } = await sharedBroker(broker)
    const namespace = unique('to')
    let access: Access = { url: stompUrl, namespace }
    if (way !== broker) {
      const bridge = stack.use(await startBridge({ broker: stompUrl }))
      const token = await tokenFor('ada', { ...allGrants, ns: namespace })
      access = { url: `${bridge.url.replace('http', 'ws')}/stomp`, namespace, token: () => token }
    }
    const operator = stack.use(await scriptMaster(stompUrl, namespace, []))
    const [plum, fig] = ['plum', 'Fig.local 1']
    for (const name of [plum, fig, undefined]) stack.use(await startNamed(access, name))
    const master = stack.use(await startMaster(access))
    const outputs = async (jobs: readonly { outcome: Promise<unknown> }[]) =>
      (await within('all end', Promise.all(jobs.map(job => job.outcome)))).map(
        end => (end as { output?: unknown }).output,
      )
    const named = [plum, fig, plum, fig, plum, fig].map(to => master.dispatch(who, 1, { to }))
    expect(await outputs(named)).toEqual([plum, fig, plum, fig, plum, fig])
    const others = [1, 2, 3].map(n => master.dispatch(who, n))
    expect(
      (await outputs(others)).every(name => name !== undefined),
      'other jobs go to any',
    ).toBe(true)
    expect(await outputs([master.dispatch(retried, false, { to: fig })])).toEqual([fig])
    await within('it fails', master.dispatch(retried, true, { to: plum }).outcome)
    await until('its letter is in dead', () => operator.dead.length === 1)
    expect(operator.dead[0]!.body).toMatchObject({ to: plum, attempt: 2 })
  })
}

test('a job for a name that nobody has says so while it waits, and ends by its time or with the worker that comes', async () => {
  const { stompUrl: url } = await sharedBroker('embedded')
  const access = { url, namespace: unique('to') }
  await using _other = await startNamed(access, 'other')
  // It has the name by default, so that its next start may have another
  await using unnamed = await startNamed(access, undefined)
  await using master = await startMaster(access)
  const late = master.dispatch(who, 1, { to: 'late' })
  const never = master.dispatch(who, 1, { to: unnamed.name, timeoutMs: 2_000 })
  await until('both say so', () => late.snapshot.unclaimed && never.snapshot.unclaimed)
  await using _late = await startNamed(access, 'late')
  expect(await within('it runs', late.outcome)).toMatchObject({ output: 'late' })
  expect(late.snapshot.unclaimed).toBe(false)
  expect(await within('its time ends', never.outcome)).toEqual({ type: 'timed_out', timeout_ms: 2_000 })
  expect(never.snapshot.replies.map(({ type }) => type)).toEqual(['unclaimed'])
})

test('a job that its worker gives back waits for the next start of that worker', async () => {
  const { stompUrl: url } = await sharedBroker('embedded')
  const access = { url, namespace: unique('to') }
  const started = Promise.withResolvers<void>()
  const stops = implement(who, (_input, { signal }) => {
    started.resolve()
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  })
  const first = await startWorker({ ...access, name: 'plum', tasks: [stops], signals: false, drainTimeoutMs: 0 })
  await using _other = await startNamed(access, 'other')
  await using master = await startMaster(access)
  const job = master.dispatch(who, 1, { to: 'plum' })
  await within('it runs', started.promise)
  await first.drain()
  await using _again = await startNamed(access, 'plum')
  expect(await within('it runs there again', job.outcome)).toMatchObject({ type: 'result', output: 'plum' })
})

test.each([[''], ['x'.repeat(201)], ['ö'.repeat(60)], [7 as unknown as string]])(
  '%j is no name of a worker',
  async to => {
    const { stompUrl: url } = await sharedBroker('embedded')
    await using master = await startMaster({ url, namespace: unique('to') })
    expect(() => master.dispatch(who, 1, { to })).toThrow(expect.objectContaining({ code: 'config_invalid' }))
    expect(() => master.broadcast(who, 1, { to: 'plum' } as object)).toThrow(/a broadcast is for every worker/)
  },
)
