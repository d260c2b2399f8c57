/** How states look: an icon, words and a tone each, so that colour never stands alone. */
import { html, type TemplateResult } from 'lit'
import type { WorkerState } from '../../shared/contract/mod.ts'
import { type JobState, type JobStatus, statusOf } from '../../shared/master/mod.ts'
import { type IconName, icon } from './icons.ts'

export type Tone = 'neutral' | 'info' | 'success' | 'warning' | 'danger'

export interface Look {
  readonly word: string
  readonly icon: IconName
  readonly tone: Tone
}

/** By status, for filters and counts. */
export const statusLooks: { readonly [status in JobStatus]: Look } = {
  unsent: { word: 'Waiting to be sent', icon: 'outbox', tone: 'neutral' },
  sent: { word: 'Queued', icon: 'queued', tone: 'neutral' },
  running: { word: 'Running', icon: 'running', tone: 'info' },
  retrying: { word: 'Retrying', icon: 'retrying', tone: 'warning' },
  cancelling: { word: 'Cancelling', icon: 'cancelling', tone: 'warning' },
  result: { word: 'Done', icon: 'done', tone: 'success' },
  answered: { word: 'Answered', icon: 'answered', tone: 'success' },
  error: { word: 'Failed', icon: 'failed', tone: 'danger' },
  rejected: { word: 'Rejected', icon: 'rejected', tone: 'danger' },
  timed_out: { word: 'Timed out', icon: 'timed_out', tone: 'danger' },
  no_worker: { word: 'No worker', icon: 'no_worker', tone: 'danger' },
  cancelled: { word: 'Cancelled', icon: 'cancelled', tone: 'neutral' },
}

const workerLooks: { readonly [state in WorkerState]: Look } = {
  idle: { word: 'Idle', icon: 'idle', tone: 'success' },
  busy: { word: 'Busy', icon: 'busy', tone: 'info' },
  draining: { word: 'Draining', icon: 'draining', tone: 'warning' },
  gone: { word: 'Gone', icon: 'gone', tone: 'neutral' },
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

/** The status under which a job is counted: a broadcast that was answered, but by nobody with a result, has failed. */
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
    return { word: 'Waiting for a worker', icon: 'unclaimed', tone: 'warning' }
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

export const lookOfWorker = (state: WorkerState): Look => workerLooks[state]

/**
 * A state as a badge.
 * @param part the `::part` that it gets
 */
export function badge({ word, icon: name, tone }: Look, part = 'state'): TemplateResult {
  return html`<span class="state" part=${part} data-tone=${tone}>${icon(name)}<bdi>${word}</bdi></span>`
}
