/** Jobs in words, for rows, headings and announcements. All of it is text, also where a worker or a page wrote it. */
import { defaultTimeoutMs } from '../../shared/contract/default-timeouts.ts'
import type { WireError } from '../../shared/contract/mod.ts'
import { sealedCode } from '../../shared/contract/sealed-payload.ts'
import type { JobNews, JobState, WorkerPart } from '../../shared/master/mod.ts'
import { count, duration, isLeftAlone, plain, sealedWord, shortId, timeOfDay, wholeSeconds } from '../look/mod.ts'

/** Who it is about: the worker that has it, or how many of a broadcast's workers have answered. */
export function workersOf(job: JobState): string {
  if (job.mode === 'topic') {
    const { answered, expected } = answers(job)
    return expected === 0 ? 'every worker' : `${answered} of ${count(expected, 'worker')}`
  }
  const part = job.workers.findLast(({ at }) => at !== 'lost' && at !== 'requeued') ?? job.workers.at(-1)
  return part === undefined ? '' : nameOf(part, job)
}

export function nameOf(
  { worker_id, name, outcome }: Omit<WorkerPart, 'seen' | 'attempt' | 'at'>,
  job: JobState,
): string {
  const expected = job.expected?.find(one => one.worker_id === worker_id)?.name
  return plain(name ?? outcome?.name ?? expected ?? shortId(worker_id))
}

/** How many workers of a broadcast have an outcome, of how many that took part or should have. */
function answers(job: JobState): { answered: number; expected: number } {
  const ids = new Set(job.expected?.map(({ worker_id }) => worker_id))
  for (const { worker_id } of job.workers) ids.add(worker_id)
  return { answered: job.workers.filter(({ outcome }) => outcome !== undefined).length, expected: ids.size }
}

/** Those who should have answered a broadcast and have not, by name; once it ended, as its outcome says. */
export function missingOf(job: JobState): readonly string[] {
  if (job.phase.at === 'ended') {
    const { outcome } = job.phase
    return 'missing' in outcome ? (outcome.missing ?? []).map(plain) : []
  }
  const there = new Set(job.workers.map(({ worker_id }) => worker_id))
  return (job.expected ?? []).filter(({ worker_id }) => !there.has(worker_id)).map(({ name }) => plain(name))
}

/** `attempt 2`, `1 loss`: only those worth saying. */
export function triesOf({ attempt, losses }: JobState): string {
  return [attempt > 1 ? `attempt ${attempt}` : '', losses > 0 ? count(losses, 'loss', 'losses') : '']
    .filter(Boolean)
    .join(' · ')
}

/** Whether a worker has it. */
export function isGoing(job: JobState): boolean {
  const { at } = job.phase
  return (at === 'running' && !isLeftAlone(job)) || at === 'retrying' || at === 'cancelling'
}

/** How far it is, 0 to 100; of a broadcast, how far its workers are on average. Absent while nobody can say. */
export function percentOf(job: JobState): number | undefined {
  if (job.mode !== 'topic') return job.progress?.percent
  const { expected } = answers(job)
  if (expected === 0) return undefined
  const sum = job.workers.reduce((total, one) => total + (one.outcome ? 100 : (one.progress?.percent ?? 0)), 0)
  return sum / expected
}

/**
 * The next thing that a person would want to know, in one line.
 * @param now this machine's clock, ms
 */
export const lineOf = (job: JobState, now: number): string => plain(lineSaid(job, now))

function lineSaid(job: JobState, now: number): string {
  const { phase } = job
  switch (phase.at) {
    case 'unsent':
      if (job.unopened !== undefined) return sealedWord
      return (
        whyUnsealed(job) ??
        (phase.tried ? 'Sent; the broker has not confirmed it yet' : 'Leaves as soon as there is a connection')
      )
    case 'sent':
      if (isDelayed(job, now)) return startSaid(job.starts_at ?? now, now)
      if (job.unclaimed) return `${noWorkerOf(job)} is there to take it`
      return isWithoutKey(job) ? 'No worker so far has its key' : ''
    case 'running':
      return isLeftAlone(job)
        ? `${workersOf(job)} went away; the job waits for another worker`
        : (job.progress?.message ?? '')
    case 'retrying': {
      const next = phase.next_at === undefined ? '' : nextTry(phase.next_at - now)
      return `${errorSaid(phase.error)}${next}`
    }
    case 'cancelling':
      return phase.reason ?? ''
    case 'ended':
      return outcomeLine(phase.outcome, job)
  }
}

/** Whether it is not due yet: no worker is to begin it. */
export const isDelayed = ({ starts_at = 0 }: JobState, now: number): boolean => starts_at > now

/** When it is due, and how long that is. */
const startSaid = (at: number, now: number): string => `Starts at ${timeOfDay(at, now)}, in ${wholeSeconds(at - now)}`

/** The worker that is missed. */
export const noWorkerOf = ({ to }: JobState): string =>
  to === undefined ? 'No worker of this task' : `No worker of this task that was started as “${plain(to)}”`

/** Whether the worker that had it last could not open it. */
export const isWithoutKey = ({ replies }: JobState): boolean => replies.at(-1)?.type === 'cannot_open'

/** Why it could not be sealed so far. */
const whyUnsealed = ({ replies }: JobState): string | undefined =>
  replies.findLast(one => one.type === 'unsealed')?.message

/** `meaning` explains the term under a pointer. */
export type Fact = readonly [term: string, said: string, meaning?: string]

/**
 * The facts in a job's head, with durations. "Took" is the run alone, as its worker measured it, here and in lists.
 * @param now this machine's clock, ms
 */
export function factsOf(job: JobState, now: number): readonly Fact[] {
  const tries = triesOf(job)
  return [
    [job.mode === 'topic' ? 'Workers' : 'Worker', workersOf(job) || '–'],
    ...(isDelayed(job, now) ? [['Starts at', timeOfDay(job.starts_at ?? now, now)] as const] : []),
    ...timesOf(job, now),
    ...(tries === '' ? [] : [['Tries', tries] as const]),
    ...(job.to === undefined ? [] : [['For', plain(job.to), 'The worker that it is for, by name'] as const]),
    ...(job.tags === undefined
      ? []
      : [['Tags', plain(job.tags.join(', ')), 'Labels that its sender gave it'] as const]),
    ...(job.key === undefined ? [] : [['Key', plain(job.key), 'Who dispatches with it again means this job'] as const]),
    ...(job.timeout_ms === defaultTimeoutMs[job.mode] ? [] : [['Timeout', duration(job.timeout_ms)] as const]),
  ]
}

function timesOf({ phase, created_at, sent_at }: JobState, now: number): readonly Fact[] {
  if (phase.at !== 'ended') return [['For', wholeSeconds(now - (sent_at ?? created_at))]]
  const { outcome } = phase
  const tookMs = 'took_ms' in outcome ? outcome.took_ms : undefined
  return [
    ...(tookMs === undefined ? [] : [['Took', duration(tookMs), 'How long its worker ran it'] as const]),
    ['Ended after', duration(phase.since - created_at), 'From dispatch to outcome'],
  ]
}

export const isSealedError = ({ code }: WireError): boolean => code === sealedCode

/** Not in the words that stand in the place of a sealed one: those are for programs. */
export const errorSaid = (error: WireError): string => (isSealedError(error) ? sealedWord : error.message || error.code)

const nextTry = (ms: number): string => (ms > 500 ? `; again in ${wholeSeconds(ms)}` : '')

type Ended = Extract<JobState['phase'], { at: 'ended' }>['outcome']

type EndedBy = Ended | Extract<JobNews, { type: Ended['type'] }>

/** Whether its payload is sealed, and could not be opened here. */
export const isClosed = (said: object): boolean => 'sealed' in said && said.sealed !== undefined

/** @param outcome a reply that ends a run says the same */
export const outcomeLine = (outcome: EndedBy, job: JobState): string => plain(outcomeSaid(outcome, job))

function outcomeSaid(outcome: EndedBy, job: JobState): string {
  switch (outcome.type) {
    case 'result': {
      const took = outcome.took_ms === undefined ? '' : `took ${duration(outcome.took_ms)}`
      return isClosed(outcome) ? [sealedWord, took].filter(Boolean).join(', ') : took
    }
    case 'error':
      return errorSaid(outcome.error)
    case 'rejected':
      if (isClosed(outcome)) return sealedWord
      return outcome.issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ')
    case 'cancelled':
      return outcome.reason ?? ''
    case 'timed_out':
      return `no outcome within ${duration(outcome.timeout_ms)}`
    case 'answered': {
      const { missing } = outcome
      return [firstFailure(job), missing.length === 0 ? '' : `missing: ${missing.join(', ')}`]
        .filter(Boolean)
        .join('; ')
    }
    case 'no_worker':
      return `nobody was there for ${job.task}`
  }
}

/** The words of the first worker of a broadcast that failed. */
function firstFailure(job: JobState): string {
  const part = job.workers.find(({ outcome }) => outcome !== undefined && outcome.type !== 'result')
  return part === undefined ? '' : `${nameOf(part, job)}: ${outcomeLine(part.outcome!, job)}`
}
