/** The tab of a job's outcome, or of how it goes until there is one. All that a worker said stays text. */
import { html, nothing, type TemplateResult } from 'lit'
import type { JobState, Outcome } from '../../shared/master/mod.ts'
import { closedNote, count, duration, isLeftAlone, lookOfJob, number, tally } from '../look/mod.ts'
import { brief } from '../value/kind.ts'
import {
  isClosed,
  isDelayed,
  isSealedError,
  isWithoutKey,
  lineOf,
  missingOf,
  noWorkerOf,
  workersOf,
} from './describe.ts'
import { clip, note, type ViewContext } from './view-context.ts'

export function outcomeTab(job: JobState, context: ViewContext): TemplateResult {
  if (job.phase.at === 'ended') return outcome(job.phase.outcome, job, context)
  const partial = job.replies.findLast(one => one.type === 'partial')
  return html`${going(job, context)}${
    partial === undefined
      ? nothing
      : isClosed(partial)
        ? closedNote('The latest part of its result is')
        : html`<h3 part="heading">Latest part of the result</h3>${context.values.render(partial.data, { label: 'Part', copying: context.copying })}`
  }`
}

function going(job: JobState, { now }: ViewContext): TemplateResult {
  const { phase } = job
  switch (phase.at) {
    case 'unsent':
      if (job.unopened !== undefined) return closedNote('It has not left. It is')
      return note('neutral', lineOf(job, now), html`<p class="muted">${howItLeaves(job)}</p>`)
    case 'sent':
      if (isWithoutKey(job)) return note('warning', lineOf(job, now))
      if (isDelayed(job, now)) {
        const unclaimed = job.unclaimed
          ? html`<p class="muted">No worker of ${job.task} is there so far.</p>`
          : undefined
        return note('neutral', `${lineOf(job, now)}.`, unclaimed)
      }
      return job.unclaimed
        ? note(
            'warning',
            `${noWorkerOf(job)} is there. The job waits in the queue, for ${duration(job.timeout_ms)} at most.`,
          )
        : note(
            'neutral',
            job.workers.length === 0
              ? 'In the queue; no worker has taken it yet.'
              : 'In the queue again: its worker shut down and gave it back. It begins anew when another takes it.',
          )
    case 'retrying':
      if (isSealedError(phase.error)) {
        return closedNote(`Attempt ${job.attempt} failed, and it runs again. Its error is`)
      }
      return note(
        'warning',
        clip(phase.error.message || phase.error.code),
        html`<p class="muted">Attempt ${job.attempt} failed. ${lineOf(job, now).endsWith('s') ? 'It runs again soon.' : 'It runs again.'}</p>`,
      )
    case 'cancelling':
      return note('warning', 'Asked to end. It shows here as soon as its worker has said so.')
    default:
      if (isLeftAlone(job)) {
        return note(
          'warning',
          `${workersOf(job)} went away. The job goes to another worker, once the broker has noticed and one is there, and begins anew.`,
        )
      }
      return note(
        'info',
        job.progress?.message ? clip(job.progress.message) : 'A worker has it. The result shows here when it is done.',
      )
  }
}

const howItLeaves = ({ secrets }: JobState): string =>
  secrets === undefined
    ? 'It is kept, and leaves by itself.'
    : 'It leaves by itself while this page is open. Its input holds a secret, which is not stored: once this page is closed or reloaded, the job cannot be sent.'

function outcome(one: Outcome, job: JobState, context: ViewContext): TemplateResult {
  switch (one.type) {
    case 'result':
      if (isClosed(one)) return closedNote('It is done. Its result is')
      return one.output === undefined || one.output === null
        ? note('success', 'Done. The task gives no result.')
        : context.values.render(one.output, { label: 'Result', copying: context.copying })
    case 'error':
      if (isClosed(one)) return closedNote('It failed. Its error is')
      return note(
        'danger',
        clip(one.error.message || 'It failed, and said nothing more.'),
        html`<p class="muted mono">${brief(one.error.name)}${one.error.code ? ` · ${brief(one.error.code)}` : ''}</p>
          ${one.error.retryable ? html`<p class="muted">Running it again may end differently.</p>` : nothing}`,
      )
    case 'rejected':
      if (isClosed(one)) return closedNote('The worker does not accept this input. Its reasons are')
      return note(
        'danger',
        'The worker does not accept this input:',
        html`<ul class="issues">${one.issues
          .slice(0, 100)
          .map(
            ({ path, message }) =>
              html`<li>${path === '' ? nothing : html`<code>${brief(path, 300)}</code> `}<bdi>${clip(message)}</bdi></li>`,
          )}</ul>`,
      )
    case 'cancelled':
      return note('neutral', one.reason ? `Cancelled: ${clip(one.reason)}` : 'Cancelled.')
    case 'timed_out':
      return note(
        'danger',
        `No outcome came within ${duration(one.timeout_ms)}.`,
        html`${missingLine(job)}<p class="muted">Give it a longer timeout, or look whether a worker takes it.</p>`,
      )
    case 'answered': {
      const { results, failed, missing } = tally(job)
      const all = count(results + failed + missing, 'worker')
      const failures = failed === 0 ? '' : `${number(failed)} failed`
      const text =
        results === 0 && failed > 0
          ? `${failures} of ${all}.`
          : `${number(results + failed)} of ${all} answered${failures && `, ${failures}`}.`
      return note(lookOfJob(job).tone, text, missingLine(job))
    }
    case 'no_worker':
      return note('danger', `No worker of ${job.task} was there. Start one, and dispatch the job again.`)
  }
}

function missingLine(job: JobState): TemplateResult | typeof nothing {
  const missing = missingOf(job)
  return missing.length === 0
    ? nothing
    : html`<p part="missing">Missing: ${missing.map((name, at) => html`${at === 0 ? '' : ', '}<bdi>${name}</bdi>`)}</p>`
}
