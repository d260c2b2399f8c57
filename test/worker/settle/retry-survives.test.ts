/** A retry that waits while its broker is killed. Promises 1 and 6. */
import { expect, test } from 'vitest'
import { readPrepared } from '../../../scripts/test/prepared.ts'
import { startBroker } from '../../support/brokers/start.ts'
import { scriptMaster } from '../../support/scripted-master.ts'
import { until } from '../../support/until.ts'
import { startWorkerProcess } from '../process.ts'

test.skipIf(readPrepared().classic !== undefined)(
  'a retry comes though its broker is killed while it waits',
  async () => {
    await using broker = await startBroker('classic')
    const { stompUrl } = broker
    await using master = await scriptMaster(stompUrl, 'myapp.later', [])
    await using _worker = await startWorkerProcess('node', { url: stompUrl, namespace: 'myapp.later', name: 'one' })
    const id = await master.send('w.later', {})
    await until('it is to be tried again', () => master.of(id).some(({ type }) => type === 'retrying'))
    await broker.restart()
    const outcome = await until('the second attempt ends', () => master.of(id).find(({ type }) => type === 'result'), {
      timeoutMs: 40_000,
      evidence: () => JSON.stringify(master.of(id)),
    })
    expect(outcome).toMatchObject({ output: 2, attempt: 2 })
  },
)
