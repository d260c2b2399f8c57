/** A job's outcome, its broadcast's workers and its progress, as templates. All that a worker said stays text. */
import { html, nothing, type TemplateResult } from 'lit'
import type { JobState, Outcome, WorkerPart } from '../../shared/master/mod.ts'
import {
  badge,
  closedNote,
  count,
  duration,
  isLeftAlone,
  type Look,
  lookOfJob,
  number,
  plain,
  statusLooks,
  tally,
} from '../look/mod.ts'
import { brief, pictureIn } from '../value/kind.ts'
import {
  isClosed,
  isGoing,
  isSealedError,
  lineOf,
  missingOf,
  nameOf,
  outcomeLine,
  percentOf,
  workersOf,
} from './describe.ts'
import { clip, note, type ViewContext } from './view-context.ts'

export function outcomePart(job: JobState, parts: ViewContext): TemplateResult {
  if (job.phase.at === 'ended') return outcome(job.phase.outcome, job, parts)
  const partial = job.replies.findLast(one => one.type === 'partial')
  return html`${going(job, parts)}${
    partial === undefined
      ? nothing
      : isClosed(partial)
        ? closedNote('The latest part of its result is')
        : html`<h3 part="heading">Latest part of the result</h3>${parts.values.render(partial.data, { label: 'Part', copying: parts.copying })}`
  }`
}

function going(job: JobState, { now }: ViewContext): TemplateResult {
  const { phase } = job
  switch (phase.at) {
    case 'unsent':
      if (job.unopened !== undefined) return closedNote('It has not left. It is')
      return note('neutral', lineOf(job, now), html`<p class="muted">${howItLeaves(job)}</p>`)
    case 'sent':
      return job.unclaimed
        ? note(
            'warning',
            `No worker of ${job.task} is there. The job waits in the queue, for ${duration(job.timeout_ms)} at most.`,
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

function outcome(one: Outcome, job: JobState, parts: ViewContext): TemplateResult {
  switch (one.type) {
    case 'result':
      if (isClosed(one)) return closedNote('It is done. Its result is')
      return one.output === undefined || one.output === null
        ? note('success', 'Done. The task gives no result.')
        : parts.values.render(one.output, { label: 'Result', copying: parts.copying })
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

const partLooks: { readonly [at in WorkerPart['at'] | 'waiting']: Look } = {
  waiting: { word: 'Not heard yet', icon: 'queued', tone: 'neutral' },
  running: statusLooks.running,
  retrying: statusLooks.retrying,
  requeued: { word: 'Handed back', icon: 'queued', tone: 'neutral' },
  gone: { word: 'Went away', icon: 'gone', tone: 'warning' },
  lost: { word: 'Lost', icon: 'gone', tone: 'warning' },
  ended: statusLooks.result,
}
const missing: Look = { word: 'Missing', icon: 'warning', tone: 'danger' }

/** Of a worker without an outcome: once the broadcast has ended, nobody waits for it any more. */
function lookOfAbsent(at: keyof typeof partLooks, { phase }: JobState): Look {
  if (phase.at !== 'ended') return partLooks[at]
  return 'missing' in phase.outcome ? missing : statusLooks[phase.outcome.type]
}

/** A row for each worker of a broadcast, and for each that should have answered. */
export function workersPart(job: JobState, parts: ViewContext): TemplateResult {
  const rows = job.workers.map(
    part => html`<li class="fleet-row" part="worker-row">${workerRow(part, job, parts)}</li>`,
  )
  const heard = new Set(job.workers.map(({ worker_id }) => worker_id))
  const absent = (job.expected ?? [])
    .filter(({ worker_id }) => !heard.has(worker_id))
    .map(
      ({ name, gone }) =>
        html`<li class="fleet-row" part="worker-row"><bdi class="name">${plain(name)}</bdi>${badge(
          lookOfAbsent(gone ? 'gone' : 'waiting', job),
        )}</li>`,
    )
  if (rows.length + absent.length === 0)
    return note('neutral', job.phase.at === 'ended' ? 'Nobody took part.' : 'Nobody has answered yet.')
  return html`<ul class="fleet" part="fleet">${rows}${absent}</ul>`
}

function workerRow(part: WorkerPart, job: JobState, parts: ViewContext): TemplateResult {
  const { outcome: ended, at, attempt, progress } = part
  const line = ended === undefined ? (progress?.message ?? '') : outcomeLine(ended, job)
  const isAtWork = ended === undefined && at !== 'gone' && job.phase.at !== 'ended'
  const percent = isAtWork ? progress?.percent : undefined
  const name = nameOf(part, job)
  return html`<bdi class="name">${name}</bdi>${badge(ended === undefined ? lookOfAbsent(at, job) : statusLooks[ended.type])}
    ${attempt > 1 ? html`<span class="muted small">attempt ${attempt}</span>` : nothing}
    ${line === '' ? nothing : html`<bdi class="small muted line">${clip(line)}</bdi>`}
    ${percent === undefined ? nothing : html`<progress part="progress" max="100" .value=${percent} aria-label=${`Progress of ${name}`}></progress>`}
    ${ended?.type === 'result' && ended.output !== undefined ? html`<div class="wide">${workerResult(ended.output, name, parts)}</div>` : nothing}`
}

const workerResult = (output: unknown, name: string, { values, copying }: ViewContext): TemplateResult =>
  pictureIn(output) === undefined
    ? values.tree.render(output, `result of ${name}`, false)
    : values.render(output, { label: `Result of ${name}`, copying })

/** The bar above the tabs, while a job goes on. Without a percentage it shows that nobody knows. */
export function progressPart(job: JobState): TemplateResult | typeof nothing {
  if (!isGoing(job)) return nothing
  const percent = percentOf(job)
  return html`<div class="progress">${
    percent === undefined
      ? html`<progress part="progress" aria-label="Progress"></progress>`
      : html`<progress part="progress" max="100" .value=${percent} aria-label="Progress"></progress><span class="numbers small" dir="ltr">${Math.round(percent)} %</span>`
  }</div>`
}
