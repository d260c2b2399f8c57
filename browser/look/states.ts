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

/** A job's state, with what its status alone does not say: no worker takes it, some did not answer, some failed. */
export function lookOfJob(job: JobState): Look {
  const status = statusOf(job)
  if (job.unclaimed && (status === 'sent' || status === 'unsent')) {
    return { word: 'Waiting for a worker', icon: 'unclaimed', tone: 'warning' }
  }
  if (job.phase.at === 'ended' && job.phase.outcome.type === 'answered') {
    const missing = job.phase.outcome.missing.length
    const failed = job.workers.filter(({ outcome }) => outcome !== undefined && outcome.type !== 'result').length
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
  return html`<span class="state" part=${part} data-tone=${tone}>${icon(name)}<span>${word}</span></span>`
}
