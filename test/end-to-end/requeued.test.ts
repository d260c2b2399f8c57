/** A run that its worker's shutdown stops goes back to the queue as it was: however often, it is no loss. Promise 6. */
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { startMaster } from '../../shared/master/node.ts'
import { defineTask, implement, startWorker, type WorkerEvent } from '../../worker/node.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import { collect, until, within } from '../support/until.ts'
import { ofType, untilAccepted } from './expectations.ts'

const long = defineTask('requeued.long', { input: z.object({}), output: z.string() })
const names = ['one', 'two', 'three', 'four', 'five']

for (const broker of ['embedded', 'classic', 'artemis', 'rabbitmq'] as const) {
  describe.skipIf(broker !== 'embedded' && readPrepared()[broker] !== undefined)(`on ${broker}`, () => {
    test('a job outlives four workers that are told to end: it is queued again each time, and the fifth ends it', async () => {
      const { stompUrl: url } = await sharedBroker(broker)
      const namespace = unique('requeued')
      const events: WorkerEvent[] = []
      const evidence = () => events.map(event => JSON.stringify(event)).join('\n')
      const runs: string[] = []
      const isOver = Promise.withResolvers<void>()
      const start = (name: string) =>
        startWorker({
          url,
          namespace,
          name,
          signals: false,
          drainTimeoutMs: 20,
          onEvent: event => void events.push(event),
          tasks: [
            implement(long, async (_, { signal, losses }) => {
              runs.push(`${name} ${losses}`)
              await Promise.race([isOver.promise, delay(60_000, undefined, { signal })])
              return name
            }),
          ],
        })
      await using workers = new AsyncDisposableStack()
      await using master = await startMaster({ url, namespace })
      let worker = workers.use(await start(names[0]!))
      const job = master.dispatch(long, {})
      const news = collect(job.replies())
      for (const [at, name] of names.slice(1).entries()) {
        await until(`it runs ${at + 1} times`, () => runs.length === at + 1, { evidence })
        await untilAccepted(job)
        if (at === 3) {
          await worker.drain()
          await until('it shows as queued', () => job.snapshot.phase.at === 'sent', { evidence })
        }
        const next = workers.use(await start(name))
        await worker.drain()
        worker = next
      }
      await until('it runs with the fifth', () => runs.length === 5, { evidence })
      isOver.resolve()
      expect(await within('it ends', job.outcome, { evidence })).toMatchObject({ type: 'result', output: 'five' })
      expect(runs, 'the losses that each found').toEqual(names.map(name => `${name} 0`))
      const said = await within('the replies end', news)
      const requeued = ofType(said, 'requeued')
      expect(requeued.map(({ reason, attempt }) => [reason, attempt])).toEqual(
        Array.from({ length: 4 }, () => ['the worker is shutting down', 1]),
      )
      expect([job.snapshot.losses, job.snapshot.attempt, ofType(said, 'loss').length]).toEqual([0, 1, 0])
      expect(job.snapshot.workers.map(({ at }) => at)).toEqual([
        ...Array.from({ length: 4 }, () => 'requeued'),
        'ended',
      ])
      expect(master.discards).toMatchObject({ unknown_type: 0, invalid: 0 })
    })
  })
}
