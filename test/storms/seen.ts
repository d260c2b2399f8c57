/** The facts that are known of one job of a storm. */
import type { Outcome } from 'drover/master'
import type { Told } from './masters.ts'
import { mayEnd, type PlannedJob } from './plan.ts'

/** A run as the worker's process tells of it. */
export interface Run {
  /** Which process: its name and the how many-th it is. */
  readonly worker: string
  readonly at: number
  /** When it had made an outcome, or had handed the job back. */
  endedAt?: number
  /** When its process died before that. */
  cutOffAt?: number
}

export interface Seen extends PlannedJob {
  readonly master: string
  readonly history: string[]
  readonly runs: Run[]
  told?: Told
  /** A worker died so soon after it had settled a delivery that its ACK may not have left. */
  isUnsettled?: true
  /** Of a broadcast: names of workers that have been there since 3 s before it. */
  readonly asked: Set<string>
  ended?: { readonly text: string; readonly outcome: Outcome; readonly at: number }
}

/** @returns whether a job was given up since it had lost its worker too often */
export const isDead = ({ ended }: Seen): boolean =>
  ended?.outcome.type === 'error' && ended.outcome.error.code === 'job_dead'

/** How a job ended, in the words of `mayEnd`: the outcome's type, or the code of an error of ours. */
function endOf(seen: Seen): string {
  if (seen.ended === undefined) return 'open'
  if (isDead(seen)) return 'dead'
  const { outcome } = seen.ended
  return outcome.type === 'error' ? outcome.error.code : outcome.type
}

export const mayEndSo = (seen: Seen, others: readonly string[]): boolean =>
  [...mayEnd[seen.kind], ...others].includes(endOf(seen))
