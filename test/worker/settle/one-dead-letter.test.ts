/**
 * The connection goes while a job's outcome and its dead letter are committed: whether they were is not known, and there is
 * one dead letter all the same. Promise 6. Of Artemis, where the ACK takes no part in it: settled-once.test.ts.
 */
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { readPrepared } from '../../../scripts/test/prepared.ts'
import { destinationsOf } from '../../../shared/stomp/mod.ts'
import { defineTask, implement, startWorker } from '../../../worker/node.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts'
import { scriptMaster } from '../../support/scripted-master.ts'
import { until } from '../../support/until.ts'

const cuts = {
  'behind COMMIT, before its RECEIPT': (proxy: FaultProxy) => proxy.cutAnswer('up', 'COMMIT\n'),
  'before COMMIT': (proxy: FaultProxy) => proxy.cutOn('up', 'COMMIT\n'),
}
const task = defineTask('once.job', { input: z.string(), attempts: 2, retryDelayMs: 0 })

describe.for(['embedded', 'classic', 'rabbitmq'] as const)('%s', name => {
  test.skipIf(name !== 'embedded' && readPrepared()[name] !== undefined).for(Object.keys(cuts))(
    'one dead letter, though the connection goes %s',
    async where => {
      await using stack = new AsyncDisposableStack()
      const { stompUrl } = await sharedBroker(name)
      const namespace = unique('once')
      const master = stack.use(await scriptMaster(stompUrl, namespace, []))
      const proxy = stack.use(await startFaultProxy(stompUrl))
      const gone = cuts[where as keyof typeof cuts](proxy)
      const implementation = implement(task, input => {
        if (input === 'fails') throw new Error('always')
        return 'done'
      })
      const url = proxy.through(stompUrl)
      const worker = stack.use(await startWorker({ url, namespace, tasks: [implementation], signals: false }))
      const id = await master.send(task.name, 'fails', { body: { attempt: 2 } })
      await gone
      expect(await master.outcome(id)).toMatchObject({ type: 'error' })
      // The frames that the worker sends once more after it is back are behind it when it has answered another job
      expect(await master.outcome(await master.send(task.name, 'fence'))).toMatchObject({ output: 'done' })
      await worker.drain()
      await master.stomp.publish({ destination: destinationsOf(namespace).dead, body: '{"fence":true}' })
      const bodies = () => master.dead.map(({ body }) => (body.fence ? 'fence' : body.request_id))
      await until('the dead queue is read', () => bodies().includes('fence'), { evidence: () => bodies().join() })
      expect(bodies()).toEqual([id, 'fence'])
    },
  )
})
