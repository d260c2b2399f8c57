/** A job's log, the pieces of its result and all replies in time, as templates. All that a worker said stays text. */
import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { type JobNews, type JobState, missingReplies } from '../../shared/master/mod.ts'
import { closedNote, count, dateAndTime, plain, sealedWord, shortId, type Tone, timeOfDay } from '../look/mod.ts'
import { isContainer } from '../value/kind.ts'
import { errorSaid, isClosed, nameOf, noWorkerOf, outcomeLine } from './describe.ts'
import { clip, note, type ViewContext } from './view-context.ts'

export const partials = (job: JobState) => job.replies.filter(one => one.type === 'partial')

/** The parts of the result, as one value; a broadcast's parts each with its worker. */
export function partsTab(job: JobState, context: ViewContext): TemplateResult {
  const all = partials(job)
  const open = all.filter(one => !isClosed(one))
  const closed = all.length - open.length
  const pieces = open.map(({ data, worker_id }) => {
    if (job.mode === 'queue') return data
    const worker = workerName(worker_id, job)
    return isContainer(data) && !Array.isArray(data) ? { worker, ...data } : { worker, data }
  })
  return html`${neverCame(job, context)}${letGo(job.dropped_partials ?? 0, 'part', 'parts')}${
    closed === 0 ? nothing : closedNote(count(closed, 'part is', 'parts are'))
  }${open.length === 0 ? nothing : context.values.render(pieces, { label: 'Parts', copying: context.copying })}`
}

const levelTones = { debug: 'neutral', info: 'info', warn: 'warning', error: 'danger' } as const

export const logLines = (job: JobState) => job.replies.filter(one => one.type === 'log')

export function logTab(job: JobState, context: ViewContext): TemplateResult {
  const lines = logLines(job)
  if (lines.length === 0 && job.unopened !== undefined) return closedNote('Its log is')
  if (lines.length === 0) return html`${neverCame(job, context)}${note('neutral', 'No log lines.')}`
  const isNamed = job.mode === 'topic'
  return html`${neverCame(job, context)}${letGo(job.dropped, 'reply', 'replies')}${list(
    'log',
    'Log',
    lines,
    job,
    context,
    line => ({
      tone: levelTones[line.level],
      kind: line.level,
      text: isClosed(line) ? sealedWord : line.message,
      worker: isNamed ? line.worker_id : undefined,
    }),
  )}`
}

export function repliesTab(job: JobState, context: ViewContext): TemplateResult {
  const late =
    job.late.length === 0
      ? nothing
      : html`<h3 part="heading">Came later, and does not count</h3>${replyList('Late replies', job.late, job, context)}`
  if (job.replies.length === 0) {
    const none =
      job.unopened === undefined
        ? note('neutral', 'Nothing was heard of it yet.')
        : closedNote('The replies about it are')
    return html`${none}${late}`
  }
  const dropped = job.dropped + (job.dropped_partials ?? 0)
  return html`${neverCame(job, context)}${letGo(dropped, 'reply', 'replies')}${replyList('Replies', job.replies, job, context)}${late}`
}

/** A reply that an outcome overtakes comes within this, in ms. */
const stragglersMs = 1000

/** Tells of gaps anywhere in a list: a broker without room let go of messages, or their worker did while it was away. */
function neverCame(job: JobState, { now }: ViewContext): TemplateResult | typeof nothing {
  const missing = missingReplies(job)
  if (missing === 0 || job.phase.at !== 'ended' || now - job.phase.since < stragglersMs) return nothing
  return note(
    'warning',
    html`<bdi>${count(missing, 'message of this job did', 'messages of this job did')} not come: there was no room for replies that may be lost. The outcome is whole.</bdi>`,
  )
}

/** Tells of the gap at the beginning of a list. */
const letGo = (n: number, one: string, many: string): TemplateResult | typeof nothing =>
  n === 0
    ? nothing
    : html`<p class="small muted"><bdi>${count(n, `earlier ${one} was`, `earlier ${many} were`)} let go of.</bdi></p>`

const replyList = (label: string, replies: readonly JobNews[], job: JobState, context: ViewContext): TemplateResult =>
  list('replies', label, replies, job, context, one => ({
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
  context: ViewContext,
  read: (one: News) => Line,
): TemplateResult =>
  html`<div class="log" part=${part} tabindex="0" role="region" aria-label=${label}><ol>${repeat(
    all,
    one => one,
    one => {
      const { tone, kind, text, worker } = read(one)
      return html`<li data-tone=${tone}>${time(one.at, context.now)}<span class="level">${kind}</span>
        <span class="message" dir="auto">${worker === undefined ? nothing : html`<bdi class="muted">${workerName(worker, job)}</bdi> `}${clip(text)}${payloadOf(
          one,
          context,
        )}</span></li>`
    },
  )}</ol></div>`

function payloadOf(news: JobNews, { values }: ViewContext): TemplateResult | typeof nothing {
  if (isClosed(news)) return nothing
  const payload = 'data' in news ? news.data : 'output' in news ? news.output : undefined
  return payload === undefined ? nothing : values.tree.render(payload, 'data', false)
}

function said(news: JobNews, job: JobState): string {
  if (isClosed(news) && news.type === 'log') return `${news.level}: ${sealedWord}`
  if (isClosed(news) && (news.type === 'progress' || news.type === 'partial')) return sealedWord
  switch (news.type) {
    case 'accepted':
      return news.attempt > 1 ? `attempt ${news.attempt}` : ''
    case 'progress':
      return [news.percent === undefined ? '' : `${Math.round(news.percent)} %`, news.message ?? '']
        .filter(Boolean)
        .join(' ')
    case 'log':
      return `${news.level}: ${news.message}`
    case 'requeued':
      return ['queued again', news.reason ?? ''].filter(Boolean).join(': ')
    case 'retrying':
      return errorSaid(news.error)
    case 'result':
    case 'error':
    case 'rejected':
    case 'cancelled':
      return outcomeLine(news, job)
    case 'loss':
      return `its worker went away; the job goes to another (${count(news.losses, 'loss', 'losses')})`
    case 'unclaimed':
      return news.unclaimed ? `${noWorkerOf(job)} is there` : 'a worker that takes it has come'
    case 'cannot_open':
      return 'it has no key for this job, which goes to another worker'
    case 'unsealed':
    case 'priority':
      return news.message
    case 'missed':
      return `${count(news.count, 'line was', 'lines were')} left out`
    default:
      return ''
  }
}

const warnings: readonly JobNews['type'][] = ['retrying', 'cannot_open', 'loss', 'unclaimed', 'priority', 'unsealed']

function toneOf({ type }: JobNews): Tone {
  if (type === 'error' || type === 'rejected') return 'danger'
  if (warnings.includes(type)) return 'warning'
  return type === 'result' ? 'success' : type === 'accepted' ? 'info' : 'neutral'
}

function workerName(workerId: string | undefined, job: JobState): string {
  const part = job.workers.find(({ worker_id }) => worker_id === workerId)
  return part === undefined ? plain(shortId(workerId ?? '')) : nameOf(part, job)
}

function time(at: number | undefined, now: number): TemplateResult {
  // A worker's clock may say anything.
  if (at === undefined || !(Math.abs(at) < 8.64e15)) return html`<span class="time muted">–</span>`
  return html`<time class="time muted numbers" datetime=${new Date(at).toISOString()} title=${dateAndTime(at)}>${timeOfDay(at, now)}</time>`
}
