/**
 * A job on its way to a worker that has just become full. Its worker is alive, so that the worker that runs the job in the
 * end must not count a loss. Promise 6.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readPrepared } from '../../../scripts/test/prepared.ts'
import { dialects } from '../../../shared/stomp/dialects/mod.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { scriptMaster } from '../../support/scripted-master.ts'
import { until } from '../../support/until.ts'
import { startWorkerProcess } from '../process.ts'

for (const broker of ['embedded', 'classic', 'artemis'] as const) {
  describe.skipIf(broker !== 'embedded' && readPrepared()[broker] !== undefined)(`on ${broker}`, () => {
    test('a job that is on its way while its worker becomes full runs elsewhere, without a loss', async () => {
      const { stompUrl } = await sharedBroker(broker)
      const namespace = unique('full')
      await using stack = new AsyncDisposableStack()
      const folder = await mkdtemp(join(tmpdir(), 'drover-full-'))
      stack.defer(() => rm(folder, { recursive: true, force: true }))
      const gate = join(folder, 'gate')
      const proxy = stack.use(await startFaultProxy(stompUrl))
      const master = stack.use(await scriptMaster(stompUrl, namespace, []))
      const busy = stack.use(
        await startWorkerProcess('node', { url: proxy.through(stompUrl), namespace, name: 'busy' }),
      )
      // From the run's beginning on nothing gets through, so that the next job meets the full worker's own words on the way.
      const stalled = proxy.stallAfter('up', '"type":"accepted"')
      const long = await master.send('w.gated', { gate })
      await stalled
      const id = await master.send('w.add', { a: 1, b: 2 })
      const isApart = dialects[broker].composite === undefined
      if (isApart) await until('the job is on its way', () => proxy.waiting('down', id) > 0)
      await until(
        'the worker has closed the subscriptions that it has too much, or lets them be',
        () => proxy.waiting('up', 'UNSUBSCRIBE') > 0 || proxy.waiting('up', '"type":"beat"') >= 3,
      )
      // Where one subscription reads all of its queues, a full worker is handed nothing.
      if (!isApart) expect(proxy.waiting('down', id)).toBe(0)
      const free = stack.use(await startWorkerProcess('node', { url: stompUrl, namespace, name: 'free' }))
      proxy.flow()
      expect(await master.outcome(id)).toMatchObject({ type: 'result', output: 3 })
      expect(master.of(id).find(({ type }) => type === 'accepted')).toMatchObject({ name: 'free', losses: 0 })
      await writeFile(gate, '')
      await master.outcome(long)
      expect([busy, free].map(worker => worker.child.log()).join('')).not.toContain('"what":"lost"')
    })
  })
}
