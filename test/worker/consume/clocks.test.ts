/** Workers whose clock is wrong: the broker's is the one that counts, and only it says how long a job may take. */
import { defineTask, implement, startWorker, systemClock } from 'drover/worker'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { readPrepared } from '../../../scripts/test/prepared.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { brokerNames } from '../../support/brokers/start.ts'
import { scriptMaster } from '../../support/scripted-master.ts'

const hourMs = 3_600_000

for (const broker of brokerNames) {
  describe.skipIf(broker !== 'embedded' && readPrepared()[broker] !== undefined)(`on ${broker}`, () => {
    test('clocks that are off by up to an hour end no job', async () => {
      await Promise.all([90_000, -90_000, hourMs, -hourMs].map(endsNothing))
    })

    async function endsNothing(offMs: number): Promise<void> {
      const { stompUrl } = await sharedBroker(broker)
      const namespace = unique('clock')
      await using master = await scriptMaster(stompUrl, namespace, [])
      const add = defineTask('t.add', { input: z.object({ a: z.number() }), attempts: 2 })
      await using _worker = await startWorker({
        url: stompUrl,
        namespace,
        signals: false,
        clock: { ...systemClock, now: () => Date.now() + offMs },
        tasks: [
          implement(add, ({ a }, job) => {
            if (job.attempt === 1) throw new Error('again')
            return a + 1
          }),
        ],
      })
      const expiresAt = Date.now() + 30_000
      const headers = { expires: String(expiresAt), 'reply-to': `/queue/${namespace}.reply` }
      for (const mode of ['queue', 'topic'] as const) {
        const id = await master.send('t.add', { a: 1 }, { mode, headers, body: { timeout_ms: 30_000 } })
        expect(await master.outcome(id)).toMatchObject({ type: 'result', output: 2, attempt: 2 })
      }
    }
  })
}
