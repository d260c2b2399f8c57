/** The facts of a job that scenarios look for. */
import type { Handle, JobNews } from 'drover/master'
import { expect } from 'vitest'
import type { WorkerProcess } from '../support/system/worker-process.ts'
import { until } from '../support/until.ts'

/** Waits until a worker runs the job. */
export async function untilAccepted(job: Handle): Promise<void> {
  await until(`job ${job.request_id} runs`, () => job.snapshot.phase.at === 'running', {
    evidence: () => `It is ${JSON.stringify(job.snapshot.phase)}.`,
  })
}

/** The news of one type, in their order. */
export function ofType<T extends JobNews['type']>(news: readonly JobNews[], type: T): Extract<JobNews, { type: T }>[] {
  return news.filter((one): one is Extract<JobNews, { type: T }> => one.type === type)
}

/** Waits until these workers have begun to run a job so often in all: their output comes a little later than replies. */
export async function untilRuns(
  job: Pick<Handle, 'request_id'>,
  runs: number,
  ...workers: WorkerProcess[]
): Promise<void> {
  const count = (): number => workers.reduce((sum, worker) => sum + worker.runs(job.request_id), 0)
  await until(`job ${job.request_id} was begun ${runs} times`, () => count() >= runs)
  expect(count()).toBe(runs)
}
