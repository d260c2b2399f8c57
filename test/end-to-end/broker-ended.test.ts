/**
 * The broker inside a bridge ends with it, and takes along the jobs that it would have handed out again. The master hands
 * them out instead. Promise 1.
 */
import { mintToken } from 'drover/bridge'
import { memoryStorage } from 'drover/master'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { defineTask, implement, startWorker } from '../../worker/node.ts'
import { makeGate } from '../support/gate.ts'
import { startBridgeProcess } from '../support/system/bridge-process.ts'
import { makeEnvironment } from '../support/system/environment.ts'
import { gated } from '../support/system/tasks.ts'
import { until, within } from '../support/until.ts'
import { untilAccepted } from './expectations.ts'

/** Its retry lies with the broker. */
const patient = defineTask('test.patient', {
  input: z.object({}),
  output: z.object({ attempt: z.int() }),
  attempts: 2,
  retryDelayMs: 600_000,
})

test('a run whose worker is killed after it, and a retry that nobody read, go on with another worker', async () => {
  await using stack = new AsyncDisposableStack()
  const bridge = stack.use(await startBridgeProcess('embedded'))
  const logs = [() => bridge.log().slice(-2000)]
  const { secret, url } = bridge
  const environment = makeEnvironment({ url, secret }, logs)
  const { namespace } = environment
  const gate = stack.use(await makeGate())
  const [victim, token] = await Promise.all([
    environment.worker('node', 'victim', { tasks: [gated.name] }),
    mintToken({ secret, sub: 'heir', expiresInMs: 3_600_000, grants: { ns: namespace, work: ['test.*'] } }),
  ])
  stack.use(victim)
  const isToFail = Promise.withResolvers<void>()
  const failed: string[] = []
  const heir = (tasks: Parameters<typeof startWorker>[0]['tasks']) =>
    startWorker({
      ...{ url, namespace, name: 'heir', token: () => token, presenceIntervalMs: 500, signals: false, tasks },
      onEvent: event => void (event.type === 'job' && event.what === 'retrying' && failed.push(event.request_id)),
    })
  stack.use(
    await heir([
      implement(patient, async (_, { attempt }) => {
        await isToFail.promise
        if (attempt === 1) throw new Error('the first attempt fails')
        return { attempt }
      }),
    ]),
  )
  const storage = memoryStorage()
  const before = await environment.master({ storage })
  const jobs = [before.dispatch(gated, { gate: gate.path }), before.dispatch(patient, {})] as const
  await Promise.all(jobs.map(untilAccepted))
  await before[Symbol.asyncDispose]()
  isToFail.resolve()
  await until('the first attempt has failed', () => failed.length > 0)
  await bridge.restart()
  const master = stack.use(await environment.master({ storage }))
  const [run, retried] = jobs.map(({ request_id }) => master.job(request_id)!) as [(typeof jobs)[0], (typeof jobs)[1]]
  // A worker that was heard of by a beat alone is not said to be gone as soon
  await until('the worker has announced itself', () =>
    [...master.workers.values()].some(({ name, started_at }) => name === 'victim' && started_at !== undefined),
  )
  await victim.kill()
  stack.use(await heir([implement(gated, () => ({ by: 'heir' }))]))
  const evidence = { evidence: () => JSON.stringify([run.snapshot, retried.snapshot, ...logs.map(log => log())]) }
  expect(await within('the retry ends', retried.outcome, evidence)).toMatchObject({ output: { attempt: 2 } })
  expect(await within('the run ends', run.outcome, evidence)).toMatchObject({ output: { by: 'heir' } })
  expect([run.snapshot.losses, run.snapshot.attempt, retried.snapshot.losses]).toEqual([1, 1, 0])
})
