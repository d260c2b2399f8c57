/**
 * A worker of several tasks where one subscription reads all of their queues: it holds the jobs that it can run, and no
 * task waits for ever.
 */
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { readPrepared } from '../../../scripts/test/prepared.ts'
import { defineTask } from '../../../shared/contract/mod.ts'
import { startMaster } from '../../../shared/master/node.ts'
import { implement, startWorker } from '../../../worker/node.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { until } from '../../support/until.ts'

const names = ['a', 'b', 'c', 'd']
const tasks = names.map(name => defineTask(name, { input: z.object({ long: z.boolean() }) }))
const quick = { long: false }

describe.skipIf(readPrepared().classic !== undefined)('on Classic', () => {
  /** A master, and workers of one slot whose long jobs run until `release`. */
  async function startTestBed() {
    const { stompUrl: url } = await sharedBroker('classic')
    const namespace = unique('shares')
    const open = new AsyncDisposableStack()
    const master = open.use(await startMaster({ url, namespace }))
    const ran: { worker: string; task: string }[] = []
    const unstarted: string[] = []
    const gate = Promise.withResolvers<void>()
    const work = async (name: string) =>
      open.use(
        await startWorker({
          url,
          namespace,
          name,
          signals: false,
          drainTimeoutMs: 0,
          tasks: tasks.map(task =>
            implement(task, async ({ long }) => {
              ran.push({ worker: name, task: task.name })
              if (long) await gate.promise
            }),
          ),
          onEvent(event) {
            if (event.type === 'job' && (event.what === 'given_back' || event.what === 'lost')) unstarted.push(name)
          },
        }),
      )
    return { open, master, work, ran, unstarted, release: gate.resolve }
  }

  test('a worker that starts is handed the waiting jobs of all its queues', async () => {
    for (let round = 0; round < 5; round++) {
      const { open, master, work, unstarted } = await startTestBed()
      await using _open = open
      const jobs = tasks.map(task => master.dispatch(task, quick))
      await Promise.all(jobs.map(job => job.sent))
      await work('late')
      await until('all have run', () => jobs.every(({ snapshot }) => snapshot.phase.at === 'ended'), {
        evidence: () => JSON.stringify(jobs.map(({ snapshot: { task, phase } }) => [task, phase.at])),
      })
      expect(unstarted).toEqual([])
    }
  })

  test('a full worker holds nothing else, so that a free one has the rest, and nothing is published again', async () => {
    const { open, master, work, ran, unstarted, release } = await startTestBed()
    await using _open = open
    await work('busy')
    const long = master.dispatch(tasks[0]!, { long: true })
    await until('it runs', () => ran.length === 1)
    const rest = Array.from({ length: 40 }, (_, n) => master.dispatch(tasks[n % 4]!, quick))
    await Promise.all(rest.map(job => job.sent))
    await work('free')
    await Promise.all(rest.map(job => job.outcome))
    expect(ran.filter(({ worker }) => worker === 'busy')).toHaveLength(1)
    expect(unstarted).toEqual([])
    release()
    expect(await long.outcome).toMatchObject({ type: 'result' })
  })

  test('a job of one task does not wait until another task has no more', async () => {
    const { open, master, work, ran } = await startTestBed()
    await using _open = open
    const many = Array.from({ length: 200 }, () => master.dispatch(tasks[0]!, quick))
    await Promise.all(many.map(job => job.sent))
    const others = tasks.slice(1).map(task => master.dispatch(task, quick))
    await Promise.all(others.map(job => job.sent))
    await work('one')
    await Promise.all(others.map(job => job.outcome))
    expect(ran.filter(({ task }) => task === 'a').length).toBeLessThan(150)
    await Promise.all(many.map(job => job.outcome))
    expect(ran).toHaveLength(many.length + others.length)
  })
})
