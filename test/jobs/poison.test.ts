/** Jobs that end their worker, among many that do not, with workers that are started again each time. Promise 6. */
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { startMaster } from '../../shared/master/node.ts'
import { sharedBroker, unique } from '../brokers/shared.ts'
import { mixed } from './fixtures/tasks.ts'
import { until } from './until.ts'
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts'

for (const broker of ['embedded', 'rabbitmq'] as const) {
  describe.skipIf(broker !== 'embedded' && readPrepared()[broker] !== undefined)(`on ${broker}`, () => {
    test('each of two jobs that end their worker is dead after 3 to 6 runs, and nothing else is', async () => {
      const { stompUrl: url } = await sharedBroker(broker)
      const namespace = unique('poison')
      await using master = await startMaster({ url, namespace })
      const started: WorkerProcess[] = []
      let isOver = false
      const keep = async (name: string): Promise<void> => {
        while (!isOver) {
          await using worker = await startWorkerProcess('node', {
            url,
            namespace,
            name,
            concurrency: 3,
            tasks: [mixed.name],
          })
          started.push(worker)
          while (worker.isRunning && !isOver) await delay(50)
          if (!isOver) await delay(500)
        }
      }
      const kept = ['one', 'two', 'three', 'four'].map(keep)
      try {
        const jobs = Array.from({ length: 150 }, (_, at) =>
          master.dispatch(mixed, { ms: 20 + (at % 10) * 10, deadly: at % 75 === 20 }),
        )
        const ended = () => jobs.filter(({ snapshot }) => snapshot.phase.at === 'ended')
        await until('all have ended', () => ended().length === jobs.length, {
          timeoutMs: 60_000,
          evidence: () =>
            JSON.stringify(jobs.filter(job => !ended().includes(job)).map(({ snapshot }) => snapshot.phase)),
        })
        const outcomes = await Promise.all(jobs.map(({ outcome }) => outcome))
        const dead = jobs.filter((_, at) => outcomes[at]?.type !== 'result')
        expect(outcomes.filter(({ type }) => type !== 'result')).toMatchObject(
          Array.from({ length: 2 }, () => ({ type: 'error', error: { code: 'job_dead' } })),
        )
        for (const job of dead) {
          expect(job.snapshot.input, 'only those that end their worker').toMatchObject({ deadly: true })
          const runs = started.reduce((sum, worker) => sum + worker.runs(job.request_id), 0)
          expect(runs, 'how often it was begun').toBeGreaterThanOrEqual(3)
          expect(runs).toBeLessThanOrEqual(6)
          const message = expect.stringContaining(`lost its worker ${job.snapshot.losses} times`)
          expect(await job.outcome, 'one number').toMatchObject({ error: { message } })
        }
      } finally {
        isOver = true
        await Promise.all(kept)
      }
    })
  })
}
