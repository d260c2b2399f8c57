/** Retries that wait while their worker or their broker is killed. Promises 1 and 6. */
import { expect, test } from 'vitest'
import { readPrepared } from '../../../scripts/test/prepared.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { brokerNames, startBroker } from '../../support/brokers/start.ts'
import { type ScriptedMaster, scriptMaster } from '../../support/scripted-master.ts'
import { until } from '../../support/until.ts'
import { startWorkerProcess, type WorkerProcess } from '../process.ts'

const prepared = readPrepared()

/** Waits until a job that failed is the broker's again: it rests here, or another that came later is done. */
async function untilCommitted(worker: WorkerProcess, master: ScriptedMaster, id: string): Promise<void> {
  const isSaid = (what: string) => worker.lines('event').some(line => line.includes(what) && line.includes(id))
  await until('it is to be tried again', () => master.of(id).some(({ type }) => type === 'retrying'))
  await master.outcome(await master.send('w.add', { a: 1, b: 2 }))
  expect(isSaid('"dead"')).toBe(false)
}

test.for(brokerNames.filter(name => name === 'embedded' || prepared[name] === undefined))(
  'a worker that is killed while a job waits for its next attempt costs neither a loss nor the attempt: %s',
  async name => {
    const { stompUrl: url } = await sharedBroker(name)
    const namespace = unique('waits')
    await using master = await scriptMaster(url, namespace, [])
    await using one = await startWorkerProcess('node', { url, namespace, name: 'one' })
    const id = await master.send('w.later', 2_500)
    await untilCommitted(one, master, id)
    await one.child.end()
    await using two = await startWorkerProcess('node', { url, namespace, name: 'two' })
    const found = () => master.of(id).find(({ type }) => type === 'result')
    const evidence = () => JSON.stringify(master.of(id)) + two.child.log()
    const outcome = await until('the second attempt ends', found, { timeoutMs: 20_000, evidence })
    expect(outcome).toMatchObject({ output: 2, attempt: 2 })
    expect([...one.lines('run w.later'), ...two.lines('run w.later')]).toEqual([
      `run w.later ${id} 1 0`,
      `run w.later ${id} 2 0`,
    ])
    const [failed, began] = ['retrying', 'accepted'].map(type => master.of(id).findLast(one => one.type === type)?.at)
    expect(began! - failed!, 'it began when it was due').toBeGreaterThanOrEqual(2_450)
  },
)

test.skipIf(prepared.classic !== undefined)('no retry is lost where its broker is killed while it waits', async () => {
  await using broker = await startBroker('classic')
  const settings = { url: broker.stompUrl, namespace: 'myapp.later', name: 'one', concurrency: 4 }
  await using one = await startWorkerProcess('node', settings)
  await using master = await scriptMaster(broker.stompUrl, settings.namespace, [])
  const ids = await Promise.all([500, 600, 700, 800].map(ms => master.send('w.later', ms)))
  const resting = () => one.lines('event').filter(line => line.includes('"resting"')).length
  await until('the first of them rests', () => resting() > 0, { evidence: () => one.child.log() })
  await broker.kill()
  await one.child.end()
  await broker.restart()
  // New connections: those of before try again ever more seldom
  await using last = await scriptMaster(broker.stompUrl, settings.namespace, [])
  await using _two = await startWorkerProcess('node', { ...settings, name: 'two' })
  const results = () => [master, last].flatMap(({ replies }) => replies.filter(({ type }) => type === 'result'))
  const left = () => ids.filter(id => !results().some(({ request_id }) => request_id === id))
  await until('each has its second attempt', () => left().length === 0, { evidence: () => JSON.stringify(left()) })
  expect(results().filter(({ attempt }) => attempt !== 2)).toEqual([])
})
