/** A job's outcome, its broadcast's workers, its log and its replies, as templates. All that a worker said stays text. */
import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { JobNews, JobState, Outcome, WorkerPart } from '../../shared/master/mod.ts'
import {
  badge,
  count,
  dateAndTime,
  duration,
  icon,
  type Look,
  number,
  statusLooks,
  type Tone,
  timeOfDay,
} from '../look/mod.ts'
import { brief, isContainer, pictureIn } from '../value/kind.ts'
import type { ValueController, ValueOptions } from '../value/value.ts'
import { answers, isGoing, lineOf, missingOf, nameOf, outcomeLine, percentOf } from './describe.ts'

/** What the templates need of their widget. */
export interface Parts {
  readonly values: ValueController
  readonly onCopy: ValueOptions['onCopy']
  /** This machine's clock, ms. */
  readonly now: number
}

const maxChars = 20_000
const clip = (text: string): string =>
  text.length > maxChars ? `${text.slice(0, maxChars)}… (${number(text.length)} characters)` : text

const note = (tone: Tone, text: unknown, more: unknown = nothing): TemplateResult =>
  html`<div class="note" part="note" data-tone=${tone}>${icon(tone === 'danger' || tone === 'warning' ? 'warning' : 'info')}
    <div class="said"><p dir="auto">${text}</p>${more}</div></div>`

export function outcomePart(job: JobState, parts: Parts): TemplateResult {
  if (job.phase.at === 'ended') return outcome(job.phase.outcome, job, parts)
  const partial = job.replies.findLast(one => one.type === 'partial')
  return html`${going(job, parts)}${
    partial === undefined
      ? nothing
      : html`<h3 part="heading">Latest part of the result</h3>${parts.values.render(partial.data, { label: 'Part', onCopy: parts.onCopy })}`
  }`
}

function going(job: JobState, { now }: Parts): TemplateResult {
  const { phase } = job
  switch (phase.at) {
    case 'unsent':
      return note('neutral', lineOf(job, now), html`<p class="muted">It is kept, and leaves by itself.</p>`)
    case 'sent':
      return job.unclaimed
        ? note(
            'warning',
            `No worker of ${job.task} is there. The job waits in the queue, for ${duration(job.timeout_ms)} at most.`,
          )
        : note('neutral', 'In the queue; no worker has taken it yet.')
    case 'retrying':
      return note(
        'warning',
        clip(phase.error.message || phase.error.code),
        html`<p class="muted">Attempt ${job.attempt} failed. ${lineOf(job, now).endsWith('s') ? 'It runs again soon.' : 'It runs again.'}</p>`,
      )
    case 'cancelling':
      return note('warning', 'Asked to end. It shows here as soon as its worker has said so.')
    default:
      return note(
        'info',
        job.progress?.message ? clip(job.progress.message) : 'A worker has it. The result shows here when it is done.',
      )
  }
}

function outcome(one: Outcome, job: JobState, parts: Parts): TemplateResult {
  switch (one.type) {
    case 'result':
      return one.output === undefined || one.output === null
        ? note('success', 'Done. The task gives no result.')
        : parts.values.render(one.output, { label: 'Result', onCopy: parts.onCopy })
    case 'error':
      return note(
        'danger',
        clip(one.error.message || 'It failed, and said nothing more.'),
        html`<p class="muted mono">${brief(one.error.name)}${one.error.code ? ` · ${brief(one.error.code)}` : ''}</p>
          ${one.error.retryable ? html`<p class="muted">Running it again may end differently.</p>` : nothing}`,
      )
    case 'rejected':
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
      const { answered, expected } = answers(job)
      const tone = one.missing.length > 0 ? 'warning' : 'success'
      return note(
        tone,
        `${number(answered)} of ${count(Math.max(expected, answered + one.missing.length), 'worker')} answered.`,
        missingLine(job),
      )
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

const partLooks: { readonly [at in WorkerPart['at']]: Look } = {
  running: statusLooks.running,
  retrying: statusLooks.retrying,
  lost: { word: 'Lost', icon: 'gone', tone: 'warning' },
  ended: statusLooks.result,
}
const waiting: Look = { word: 'Not heard yet', icon: 'queued', tone: 'neutral' }
const missing: Look = { word: 'Missing', icon: 'warning', tone: 'danger' }

/** A row for each worker of a broadcast, and for each that should have answered. */
export function workersPart(job: JobState, parts: Parts): TemplateResult {
  const rows = job.workers.map(
    part => html`<li class="fleet-row" part="worker-row">${workerRow(part, job, parts)}</li>`,
  )
  const absent = missingOf(job).map(
    name =>
      html`<li class="fleet-row" part="worker-row"><bdi class="name">${name}</bdi>${badge(job.phase.at === 'ended' ? missing : waiting)}</li>`,
  )
  if (rows.length + absent.length === 0)
    return note('neutral', job.phase.at === 'ended' ? 'Nobody took part.' : 'Nobody has answered yet.')
  return html`<ul class="fleet" part="fleet">${rows}${absent}</ul>`
}

function workerRow(part: WorkerPart, job: JobState, parts: Parts): TemplateResult {
  const { outcome: ended, at, attempt, progress } = part
  const line = ended === undefined ? (progress?.message ?? '') : outcomeLine(ended, job)
  const percent = ended === undefined ? progress?.percent : undefined
  const name = nameOf(part, job)
  return html`<bdi class="name">${name}</bdi>${badge(ended === undefined ? partLooks[at] : statusLooks[ended.type])}
    ${attempt > 1 ? html`<span class="muted small">attempt ${attempt}</span>` : nothing}
    ${line === '' ? nothing : html`<bdi class="small muted line">${clip(line)}</bdi>`}
    ${percent === undefined ? nothing : html`<progress part="progress" max="100" .value=${percent} aria-label=${`Progress of ${name}`}></progress>`}
    ${ended?.type === 'result' && ended.output !== undefined ? html`<div class="wide">${workerResult(ended.output, name, parts)}</div>` : nothing}`
}

const workerResult = (output: unknown, name: string, { values, onCopy }: Parts): TemplateResult =>
  pictureIn(output) === undefined
    ? values.tree.render(output, `result of ${name}`, false)
    : values.render(output, { label: `Result of ${name}`, onCopy })

export const partials = (job: JobState) => job.replies.filter(one => one.type === 'partial')

/** What the task gave piece by piece, as one value; a broadcast's pieces each with its worker. */
export function partsPart(job: JobState, parts: Parts): TemplateResult {
  const pieces = partials(job).map(({ data, worker_id }) => {
    if (job.mode === 'queue') return data
    const worker = workerName(worker_id, job)
    return isContainer(data) && !Array.isArray(data) ? { worker, ...data } : { worker, data }
  })
  return html`${letGo(job)}${parts.values.render(pieces, { label: 'Parts', onCopy: parts.onCopy })}`
}

const levelTones = { debug: 'neutral', info: 'info', warn: 'warning', error: 'danger' } as const

export const logLines = (job: JobState) => job.replies.filter(one => one.type === 'log')

export function logPart(job: JobState, parts: Parts): TemplateResult {
  const lines = logLines(job)
  if (lines.length === 0) return note('neutral', 'No log lines.')
  const isNamed = job.mode === 'topic'
  return html`${letGo(job)}${list('log', 'Log', lines, job, parts, ({ level, message, worker_id }) => ({
    tone: levelTones[level],
    kind: level,
    text: message,
    worker: isNamed ? worker_id : undefined,
  }))}`
}

export function repliesPart(job: JobState, parts: Parts): TemplateResult {
  const late =
    job.late.length === 0
      ? nothing
      : html`<h3 part="heading">Came later, and does not count</h3>${replyList('Late replies', job.late, job, parts)}`
  if (job.replies.length === 0) return html`${note('neutral', 'Nothing was heard of it yet.')}${late}`
  return html`${letGo(job)}${replyList('Replies', job.replies, job, parts)}${late}`
}

const letGo = ({ dropped }: JobState) =>
  dropped === 0
    ? nothing
    : html`<p class="small muted">${count(dropped, 'earlier reply was', 'earlier replies were')} let go of.</p>`

const replyList = (label: string, replies: readonly JobNews[], job: JobState, parts: Parts): TemplateResult =>
  list('replies', label, replies, job, parts, one => ({
    tone: toneOf(one),
    kind: one.type,
    text: said(one, job),
    worker: 'worker_id' in one ? one.worker_id : undefined,
  }))

interface Line {
  readonly tone: Tone
  readonly kind: string
  readonly text: string
  /** Its id, where it has to be named. */
  readonly worker: string | undefined
}

const list = <News extends JobNews>(
  part: string,
  label: string,
  all: readonly News[],
  job: JobState,
  parts: Parts,
  read: (one: News) => Line,
): TemplateResult =>
  html`<div class="log" part=${part} tabindex="0" role="region" aria-label=${label}><ol>${repeat(
    all,
    one => one,
    one => {
      const { tone, kind, text, worker } = read(one)
      return html`<li data-tone=${tone}>${time(one.at, parts.now)}<span class="level">${kind}</span>
        <span class="message" dir="auto">${worker === undefined ? nothing : html`<bdi class="muted">${workerName(worker, job)}</bdi> `}${clip(text)}${payloadOf(
          one,
          parts,
        )}</span></li>`
    },
  )}</ol></div>`

function payloadOf(news: JobNews, { values }: Parts): TemplateResult | typeof nothing {
  const payload = 'data' in news ? news.data : 'output' in news ? news.output : undefined
  return payload === undefined ? nothing : values.tree.render(payload, 'data', false)
}

function said(news: JobNews, job: JobState): string {
  switch (news.type) {
    case 'accepted':
      return news.attempt > 1 ? `attempt ${news.attempt}` : ''
    case 'progress':
      return [news.percent === undefined ? '' : `${Math.round(news.percent)} %`, news.message ?? '']
        .filter(Boolean)
        .join(' ')
    case 'log':
      return `${news.level}: ${news.message}`
    case 'retrying':
      return news.error.message || news.error.code
    case 'result':
    case 'error':
    case 'rejected':
    case 'cancelled':
      return outcomeLine(news, job)
    case 'loss':
      return `its worker went away; handed out again (${count(news.losses, 'loss', 'losses')})`
    case 'unclaimed':
      return news.unclaimed ? 'no worker of the task is there' : 'a worker of the task has come'
    case 'missed':
      return `${count(news.count, 'line was', 'lines were')} left out`
    default:
      return ''
  }
}

function toneOf({ type }: JobNews): Tone {
  if (type === 'error' || type === 'rejected') return 'danger'
  if (type === 'retrying' || type === 'loss' || type === 'unclaimed') return 'warning'
  return type === 'result' ? 'success' : type === 'accepted' ? 'info' : 'neutral'
}

function workerName(workerId: string | undefined, job: JobState): string {
  const part = job.workers.find(({ worker_id }) => worker_id === workerId)
  return part === undefined ? (workerId ?? '').slice(0, 8) : nameOf(part, job)
}

function time(at: number | undefined, now: number): TemplateResult {
  // A worker's clock may say anything.
  if (at === undefined || !(Math.abs(at) < 8.64e15)) return html`<span class="time muted">–</span>`
  return html`<time class="time muted numbers" datetime=${new Date(at).toISOString()} title=${dateAndTime(at)}>${timeOfDay(at, now)}</time>`
}

/** The bar above the tabs, while a job goes on. Without a percentage it shows that nobody knows. */
export function progressPart(job: JobState): TemplateResult | typeof nothing {
  if (!isGoing(job)) return nothing
  const percent = percentOf(job)
  return html`<div class="progress">${
    percent === undefined
      ? html`<progress part="progress" aria-label="Progress"></progress>`
      : html`<progress part="progress" max="100" .value=${percent} aria-label="Progress"></progress><span class="numbers small">${Math.round(percent)} %</span>`
  }</div>`
}
