/** Jobs of one kind of master and worker, measured in the process that has both. */
import { setTimeout as delay } from 'node:timers/promises'
import { measure } from '../measure.ts'
import { percentile } from '../report.ts'

/** How jobs went at so many in flight. */
export interface JobFigures {
  readonly inFlight: number
  readonly jobsASecond: number
  /** From dispatch to outcome, in ms. */
  readonly p50: number
  readonly p99: number
  /** CPU time of the process of master and worker, in us a job. */
  readonly cpu: number
  /** Both ways, of master and worker; absent where nothing is counted. */
  readonly frames?: number
}

/** Slots of the worker, and jobs in flight as a table has them. */
export const concurrency = 32
const lanes = [1, 32, 256]

/**
 * Measures jobs and sends the figures to the parent process.
 * @param run dispatches a job, and resolves on its outcome
 * @param frames counts the frames of a call
 */
export async function measureJobs(
  run: (n: number) => Promise<unknown>,
  frames?: (of: () => Promise<unknown>) => Promise<number>,
): Promise<void> {
  const jobs = Number(process.env.JOBS ?? 600)
  await measure(run, concurrency, 2_000) // code that runs often is compiled by then
  const figures: JobFigures[] = []
  for (const inFlight of lanes) {
    const count = inFlight === 1 ? jobs : jobs * 6
    await measure(run, inFlight, Math.ceil(count / 4))
    const before = process.cpuUsage()
    const [times, jobsASecond] = await measure(run, inFlight, count)
    const { user, system } = process.cpuUsage(before)
    const counted = frames && (await frames(() => measure(run, inFlight, count))) / count
    figures.push({
      inFlight,
      jobsASecond,
      p50: percentile(times, 0.5),
      p99: percentile(times, 0.99),
      cpu: (user + system) / count,
      ...(counted === undefined ? {} : { frames: counted }),
    })
    await delay(100)
  }
  process.send?.(figures)
}
