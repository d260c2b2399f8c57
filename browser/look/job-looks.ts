/** How jobs look, by their state. A page without jobs does not load this file. */
import { svg } from 'lit'
import { type JobState, type JobStatus, statusOf } from '../../shared/master/mod.ts'
import { type Look, runningLook } from './states.ts'

/** By status, for filters and counts. */
export const statusLooks: { readonly [status in JobStatus]: Look } = {
  unsent: {
    word: 'Waiting to be sent',
    icon: svg`<path d="M8 10V2.5m-3 3 3-3 3 3M2.5 9.5v3h11v-3"/>`,
    tone: 'neutral',
  },
  sent: { word: 'Queued', icon: 'queued', tone: 'neutral' },
  running: runningLook,
  retrying: { word: 'Retrying', icon: 'again', tone: 'warning' },
  cancelling: {
    word: 'Cancelling',
    icon: svg`<path class="spin" d="M8 2.5A5.5 5.5 0 1 1 2.5 8"/><path d="m6.4 6.4 3.2 3.2m0-3.2L6.4 9.6"/>`,
    tone: 'warning',
  },
  result: {
    word: 'Done',
    icon: svg`<circle cx="8" cy="8" r="5.5"/><path d="m5.4 8.2 1.8 1.8 3.4-3.8"/>`,
    tone: 'success',
  },
  answered: { word: 'Answered', icon: svg`<path d="m1.8 8.4 2.6 2.6 5-5.6M8.2 10.6l.6.5 5.4-5.7"/>`, tone: 'success' },
  error: { word: 'Failed', icon: svg`<circle cx="8" cy="8" r="5.5"/><path d="m6 6 4 4m0-4-4 4"/>`, tone: 'danger' },
  rejected: {
    word: 'Rejected',
    icon: svg`<circle cx="8" cy="8" r="5.5"/><path d="m4.2 11.8 7.6-7.6"/>`,
    tone: 'danger',
  },
  timed_out: {
    word: 'Timed out',
    icon: svg`<path d="M4 2.5h8m-8 11h8M4.8 2.5v2.3L8 8l-3.2 3.2v2.3m6.4-11v2.3L8 8l3.2 3.2v2.3"/>`,
    tone: 'danger',
  },
  no_worker: { word: 'No worker', icon: 'no_worker', tone: 'danger' },
  cancelled: {
    word: 'Cancelled',
    icon: svg`<rect x="2.5" y="2.5" width="11" height="11" rx="3"/><path d="M5.5 8h5"/>`,
    tone: 'neutral',
  },
}

/** Whether the worker that has it went away, and no other has taken it over yet. */
export function isLeftAlone({ mode, phase, workers }: JobState): boolean {
  if (mode !== 'queue' || phase.at !== 'running') return false
  return workers.findLast(({ at }) => at !== 'lost' && at !== 'requeued')?.at === 'gone'
}

/** How many workers of a broadcast had a result, how many failed, and how many said nothing by its end. */
export function tally({ phase, workers }: JobState): { results: number; failed: number; missing: number } {
  const outcomes = workers.filter(({ outcome }) => outcome !== undefined)
  const results = outcomes.filter(({ outcome }) => outcome?.type === 'result').length
  const missing = phase.at === 'ended' && 'missing' in phase.outcome ? (phase.outcome.missing?.length ?? 0) : 0
  return { results, failed: outcomes.length - results, missing }
}

/** The status that a job is counted under. A broadcast that nobody answered with a result has failed. */
export function shownStatusOf(job: JobState): JobStatus {
  const status = statusOf(job)
  const hasResult = status !== 'answered' || job.workers.some(({ outcome }) => outcome?.type === 'result')
  return hasResult ? status : 'error'
}

/** A job's state, with the facts that its status alone does not tell: no worker takes it, its worker is gone, some failed. */
export function lookOfJob(job: JobState): Look {
  const status = statusOf(job)
  if (isLeftAlone(job)) return { word: 'Worker gone', icon: 'gone', tone: 'warning' }
  if (job.unclaimed && (status === 'sent' || status === 'unsent')) {
    return {
      word: 'Waiting for a worker',
      icon: svg`<circle cx="8" cy="8" r="5.5" stroke-dasharray="2.6 2.4"/><path d="M8 5.2v3.4"/><path d="M8 10.8v.1"/>`,
      tone: 'warning',
    }
  }
  if (status === 'answered') {
    const { results, failed, missing } = tally(job)
    if (results === 0) {
      const word = failed === 0 ? 'Nobody answered' : `${failed} of ${failed + missing} failed`
      return { ...statusLooks.error, word }
    }
    if (missing > 0) return { word: `Answered, ${missing} missing`, icon: 'warning', tone: 'warning' }
    if (failed > 0) return { word: `Answered, ${failed} failed`, icon: 'warning', tone: 'warning' }
  }
  return statusLooks[status]
}
