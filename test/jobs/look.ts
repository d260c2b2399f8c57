/** What scenarios look for in a job. */
import type { Handle, JobNews } from 'drover/master'
import { until } from './until.ts'

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
