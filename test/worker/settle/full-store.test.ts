/** A broker whose store is full refuses each SEND. The outcomes of meanwhile come when there is room. Promise 1. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPrepared } from '../../../scripts/test/prepared.ts'
import type { Incoming } from '../../../shared/stomp/mod.ts'
import { startBroker } from '../../support/brokers/start.ts'
import { scriptMaster } from '../../support/scripted-master.ts'
import { until } from '../../support/until.ts'
import { startWorkerProcess } from '../process.ts'

const namespace = 'myapp.full'

test.skipIf(readPrepared().classic !== undefined)(
  'jobs that end while a store is full have their outcomes later',
  async () => {
    await using stack = new AsyncDisposableStack()
    const env = { STORE: '8 mb', JOURNAL: '1mb' }
    const { stompUrl } = stack.use(await startBroker('classic', { env }))
    const folder = await mkdtemp(join(tmpdir(), 'drover-store-'))
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    const gate = join(folder, 'gate')
    const master = stack.use(await scriptMaster(stompUrl, namespace, []))
    const worker = stack.use(
      await startWorkerProcess('node', { url: stompUrl, namespace, name: 'full', concurrency: 3 }),
    )
    const ids = await Promise.all([1, 2, 3].map(() => master.send('w.gated', { gate })))
    await until('all run', () => worker.lines('run ').length === 3, { evidence: () => worker.child.log() })
    const filling = {
      destination: `/queue/${namespace}.junk`,
      headers: { persistent: 'true' },
      body: 'x'.repeat(300_000),
    }
    await until('the store is full', () =>
      master.stomp.publish(filling).then(
        () => undefined,
        () => true,
      ),
    )
    await writeFile(gate, '')
    await until('each is refused', () => ids.every(id => worker.child.log().includes(`about job ${id} was refused`)), {
      evidence: () => worker.child.log(),
    })
    expect(ids.flatMap(id => master.of(id)).filter(({ type }) => type === 'result')).toEqual([])
    const empty = (incoming: Incoming): void => incoming.ack()
    await master.stomp.subscribe({ destination: filling.destination }, empty).ready
    for (const id of ids) expect(await master.outcome(id)).toMatchObject({ type: 'result', output: 0 })
    expect(master.dead).toEqual([])
    expect(worker.lines('run ')).toHaveLength(3)
  },
)
