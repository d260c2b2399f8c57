/** When a job is to begin, and how many attempts it has, as its sender says. */
import { DroverError } from '../../contract/errors.ts'
import type { JobState } from '../jobs/state/job.ts'
import { checkWhole } from '../options.ts'

/** The longest delay: a year. */
const mostDelayMs = 365 * 86_400_000
/** More than any job is meant to have. */
const mostAttempts = 1_000
/** Seconds since the epoch, taken for ms, are before this. */
const leastRunAt = Date.UTC(2000, 0)

export interface DelayOptions {
  readonly delayMs?: number | undefined
  readonly runAt?: Date | number | undefined
  readonly attempts?: number | undefined
}

/**
 * Checks the options of a job that say when and how often it runs.
 * @throws {DroverError} `config_invalid` naming the option
 */
export function checkDelay(mode: JobState['mode'], { delayMs, runAt, attempts }: DelayOptions, now: number): void {
  checkWhole('attempts', attempts, 1, mostAttempts)
  if (delayMs === undefined && runAt === undefined) return
  const fail = (message: string): never => {
    throw new DroverError('config_invalid', message)
  }
  if (mode === 'topic') {
    fail('A broadcast has no delayMs and no runAt: it is for the workers that are there as it is sent')
  }
  if (delayMs !== undefined && runAt !== undefined) fail('delayMs and runAt say the same; expected one of them')
  checkWhole('delayMs', delayMs, 0, mostDelayMs)
  if (runAt === undefined) return
  const at = runAt instanceof Date ? runAt.getTime() : runAt
  if (typeof at !== 'number' || !Number.isFinite(at)) {
    fail(`runAt is ${String(runAt).slice(0, 100)}; expected a Date, or ms since the epoch`)
  }
  if (at < leastRunAt) fail(`runAt is ${at}, which is before 2000; expected a Date, or ms since the epoch`)
  if (at > now + mostDelayMs)
    fail(`runAt is ${new Date(Math.min(at, 8.64e15)).toISOString()}; expected at most a year from now`)
}

/** @returns ms since the epoch, by the clock of `now`; `undefined` for at once */
export function startsAt({ delayMs, runAt }: DelayOptions, now: number): number | undefined {
  const at = delayMs === undefined ? (runAt === undefined ? now : Number(runAt)) : now + delayMs
  return at > now ? Math.round(at) : undefined
}

/** How long a job waited for its time, or is to, in ms: its timeout begins then. */
export const delayOf = ({ starts_at, created_at }: Pick<JobState, 'starts_at' | 'created_at'>): number =>
  starts_at === undefined ? 0 : Math.max(0, starts_at - created_at)
