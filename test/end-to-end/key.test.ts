/** One job under one key, in one master, in two of one owner, and not in those of two owners. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { allGrants } from '../../shared/contract/grants.ts'
import { createMaster, type MasterOptions, startMaster } from '../../shared/master/node.ts'
import { connectStomp } from '../../shared/stomp/mod.ts'
import { defineTask, implement, startWorker } from '../../worker/node.ts'
import { startBridge, tokenFor } from '../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import { createSocket } from '../support/sockets.ts'
import { until, within } from '../support/until.ts'

const task = defineTask('key.count', { input: z.unknown() })

/** A worker whose runs wait for `open`, and tell which they are. */
async function countingWorker(url: string, namespace: string) {
  let runs = 0
  const open = Promise.withResolvers<void>()
  const counts = implement(task, async input => {
    const run = ++runs
    await open.promise
    return { run, input }
  })
  const worker = await startWorker({ url, namespace, tasks: [counts], concurrency: 4, signals: false })
  return {
    runs: () => runs,
    open: () => open.resolve(),
    [Symbol.asyncDispose]: () => worker.drain(),
  }
}

test.for(['embedded', 'classic', 'artemis', 'rabbitmq'] as const)(
  '%s: two masters of one owner share the run, also once it has ended',
  async (broker, context) => {
    if (broker !== 'embedded' && readPrepared()[broker] !== undefined) return context.skip()
    const { stompUrl: url } = await sharedBroker(broker)
    const namespace = unique('key')
    await using worker = await countingWorker(url, namespace)
    await using first = await startMaster({ url, namespace })
    await using second = await startMaster({ url, namespace })
    const job = first.dispatch(task, 'first', { key: 'order 17' })
    expect(first.dispatch(task, 'ignored', { key: 'order 17' }), 'one master has one job').toBe(job)
    expect(first.dispatch(task, 'first', { key: 'order 18' }).request_id).not.toBe(job.request_id)
    await until('both run', () => worker.runs() === 2)
    const same = second.dispatch(task, 'first', { key: 'order 17' })
    expect(same.request_id).toBe(job.request_id)
    await until('the second master hears that it runs', () => same.snapshot.phase.at === 'running')
    worker.open()
    const outcomes = [await within('the first', job.outcome), await within('the second', same.outcome)]
    expect(outcomes).toEqual(Array(2).fill(expect.objectContaining({ output: { run: 1, input: 'first' } })))
    expect(first.dispatch(task, 'ignored', { key: 'order 17' }), 'it ended here').toBe(job)

    // By a third master, and by the first once it has let go of the job: the worker remembers how it ended
    await using third = await startMaster({ url, namespace })
    first.forget(job.request_id)
    for (const master of [third, first]) {
      const late = master.dispatch(task, 'first', { key: 'order 17' })
      expect(await within('the outcome again', late.outcome)).toMatchObject({ output: { run: 1 } })
    }
    expect(worker.runs()).toBe(2)
  },
)

test('behind a bridge the owner is whom the token names: another one’s job of the same key is another job', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  const namespace = unique('key')
  await using worker = await countingWorker(stompUrl, namespace)
  await using bridge = await startBridge({ broker: stompUrl })
  const options = async (sub: string): Promise<MasterOptions> => {
    const token = await tokenFor(sub, { ...allGrants, ns: namespace })
    return { url: `${bridge.url.replace('http', 'ws')}/stomp`, token: () => token }
  }
  await using ada = await startMaster(await options('ada'))
  await using adaToo = await startMaster(await options('ada'))
  await using bob = await startMaster(await options('bob'))
  const jobs = [ada, adaToo, bob].map(master => master.dispatch(task, 1, { key: 'k' }))
  await until('both owners’ jobs run', () => worker.runs() === 2)
  await until('all hear so', () => jobs.every(({ snapshot }) => snapshot.phase.at === 'running'))
  worker.open()
  const ends = await within('all end', Promise.all(jobs.map(job => job.outcome)))
  const [one, two, other] = ends.map(end => (end.type === 'result' ? (end.output as { run: number }).run : end))
  expect([one === two, one === other]).toEqual([true, false])
})

test('a key is refused that cannot be used, or not yet, and beside a requestId', async () => {
  const { stompUrl: url } = await sharedBroker('embedded')
  const namespace = unique('key')
  const refused = (options: object) =>
    expect(() => master.dispatch(task, 1, options)).toThrow(expect.objectContaining({ code: 'config_invalid' }))
  await using stomp = connectStomp({ url, namespace, createSocket })
  await using master = createMaster({ stomp })
  expect(() => master.dispatch(task, 1, { key: 'k' })).toThrow(/await master\.ready first/)
  await within('it is ready', master.ready)
  refused({ key: '' })
  refused({ key: 'k', requestId: crypto.randomUUID() })
  const job = master.dispatch(task, 1, { key: 'k' })
  expect(() => master.broadcast(task, 1, { key: 'k' })).toThrow(/of this key goes to one worker/)
  expect(job.snapshot.key).toBe('k')
  job.cancel()
})
