/** Limits of a task, on each broker: two workers with one of concurrency and one of rate, and a task without beside them. */
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { readPrepared } from '../../../scripts/test/prepared.ts'
import { startMaster } from '../../../shared/master/node.ts'
import { defineTask, implement, startWorker } from '../../../worker/node.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { until, within } from '../../support/until.ts'

const input = z.unknown()
const narrow = defineTask('limits.narrow', { input })
const paced = defineTask('limits.paced', { input, attempts: 2, retryDelayMs: 10 })
const free = defineTask('limits.free', { input })
const alsoFree = defineTask('limits.also-free', { input })
const perMs = 600

interface Start {
  readonly worker: string
  readonly task: string
  readonly at: number
}

test.for(['embedded', 'classic', 'artemis', 'rabbitmq'] as const)(
  '%s: a task at its limit is left to others, and the other tasks go on',
  async (broker, context) => {
    if (broker !== 'embedded' && readPrepared()[broker] !== undefined) return context.skip()
    const { stompUrl: url } = await sharedBroker(broker)
    const namespace = unique('limits')
    const starts: Start[] = []
    const gate = Promise.withResolvers<void>()
    const narrowGate = Promise.withResolvers<void>()
    const running = { one: 0, two: 0 }
    let mostAtOnce = 0
    const startLimited = (name: keyof typeof running) =>
      startWorker({
        url,
        namespace,
        name,
        concurrency: 4,
        signals: false,
        tasks: [
          implement(
            narrow,
            async () => {
              starts.push({ worker: name, task: narrow.name, at: performance.now() })
              mostAtOnce = Math.max(mostAtOnce, ++running[name])
              await narrowGate.promise
              await delay(5)
              running[name]--
              return name
            },
            { concurrency: 1 },
          ),
          implement(
            paced,
            (first, { attempt }) => {
              starts.push({ worker: name, task: paced.name, at: performance.now() })
              if (first === 'fails' && attempt === 1) throw new Error('once')
              return name
            },
            { rate: { jobs: 2, perMs } },
          ),
          implement(free, () => gate.promise),
          implement(alsoFree, () => name),
        ],
      })
    await using _one = await startLimited('one')
    await using master = await startMaster({ url, namespace })
    // One of its four slots is taken for long
    const long = master.dispatch(free, 0)
    await until('a job of a task without limits runs', () => long.snapshot.phase.at === 'running')
    await using _two = await startLimited('two')
    const narrowJobs = Array.from({ length: 12 }, (_, n) => master.dispatch(narrow, n))
    const pacedJobs = ['fails', 'fails', 3, 4, 5].map(n => master.dispatch(paced, n))
    await until('both workers are at their limit', () => running.one + running.two === 2)
    const freeJobs = Array.from({ length: 8 }, (_, n) => master.dispatch(alsoFree, n))
    const evidence = () => JSON.stringify({ starts, narrow: narrowJobs.map(job => job.snapshot.phase.at) })
    await within('the jobs without a limit end', Promise.all(freeJobs.map(job => job.outcome)), { evidence })
    narrowGate.resolve()
    await within('the narrow ones end', Promise.all(narrowJobs.map(job => job.outcome)), { evidence })
    await within('the paced ones end', Promise.all(pacedJobs.map(job => job.outcome)), { evidence })
    gate.resolve()
    await within('the long one ends', long.outcome)
    const outcomes = [...narrowJobs, ...pacedJobs].map(job => job.snapshot.phase)
    expect(outcomes).toEqual(
      outcomes.map(() => expect.objectContaining({ outcome: expect.objectContaining({ type: 'result' }) })),
    )
    expect([...narrowJobs, ...pacedJobs].map(job => job.snapshot.losses)).toEqual(outcomes.map(() => 0))
    expect(mostAtOnce, 'one at a time in each worker').toBe(1)
    const ofNarrow = new Set(starts.filter(({ task }) => task === narrow.name).map(({ worker }) => worker))
    expect(ofNarrow, 'both workers take part').toEqual(new Set(['one', 'two']))
    for (const name of ['one', 'two']) {
      const at = starts.filter(({ task, worker }) => task === paced.name && worker === name).map(one => one.at)
      // A start is counted before the task's code is called, so that two of them may come a little closer to each other
      for (const [n, ms] of at.entries()) expect((at[n + 2] ?? 1e12) - ms, evidence()).toBeGreaterThan(perMs - 200)
    }
    expect(
      starts.filter(({ task }) => task === paced.name),
      'each attempt counts',
    ).toHaveLength(7)
  },
)
