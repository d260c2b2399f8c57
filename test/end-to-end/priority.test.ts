/** A job whose priority may not count: its reader is told once, where the broker does not order by it. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { type JobNews, type Master, startMaster } from '../../shared/master/node.ts'
import { defineTask, implement, startWorker } from '../../worker/node.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import { within } from '../support/until.ts'

/** The notices of one job that no worker takes, once the broker has it. */
async function noticesOf(master: Master, mode: 'dispatch' | 'broadcast', priority?: number): Promise<JobNews[]> {
  const job = master[mode]('priority.unread', 1, { priority, timeoutMs: 60_000 })
  await within('the broker has the job', job.sent)
  const notices = job.snapshot.replies.filter(({ type }) => type === 'priority')
  job.cancel()
  return notices
}

const because = {
  embedded: undefined,
  artemis: undefined,
  classic: /only where their queue is set up .*prioritizedMessages="true"/,
  rabbitmq: /x-max-priority.*order of their dispatch/,
} as const

test.for(['embedded', 'classic', 'artemis', 'rabbitmq'] as const)('%s', async (broker, context) => {
  if (broker !== 'embedded' && readPrepared()[broker] !== undefined) return context.skip()
  const { stompUrl: url } = await sharedBroker(broker)
  const namespace = unique('priority')
  await using master = await startMaster({ url, namespace })
  const pattern = because[broker]
  const notice = { type: 'priority', message: expect.stringMatching(pattern ?? /never/), at: expect.any(Number) }
  for (const priority of [0, 3, 5, 9]) {
    expect(await noticesOf(master, 'dispatch', priority)).toEqual(pattern === undefined ? [] : [notice])
  }
  // As every job without one, and none that waits in a queue with others
  expect(await noticesOf(master, 'dispatch', 4)).toEqual([])
  expect(await noticesOf(master, 'dispatch')).toEqual([])
  expect(await noticesOf(master, 'broadcast', 9)).toEqual([])

  // The notice is right: 20 jobs of priority 1, then one of 9, then a worker
  const task = 'priority.read'
  const waiting = Array.from({ length: 20 }, (_, number) => master.dispatch(task, number, { priority: 1 }))
  const urgent = master.dispatch(task, 'urgent', { priority: 9 })
  const jobs = [...waiting, urgent]
  await within('the broker has all', Promise.all(jobs.map(job => job.sent)))
  expect(jobs.filter(job => job.snapshot.replies.some(({ type }) => type === 'priority'))).toEqual(
    pattern === undefined ? [] : jobs,
  )
  const order: unknown[] = []
  const takes = implement(defineTask(task, { input: z.unknown() }), input => void order.push(input))
  await using _worker = await startWorker({ url, namespace, tasks: [takes], signals: false })
  await within('all end', Promise.all(jobs.map(job => job.outcome)), { evidence: () => `${order}` })
  expect(order.indexOf('urgent')).toBe(pattern === undefined ? 0 : 20)
})
