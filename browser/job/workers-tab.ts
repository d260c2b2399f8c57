/** The tab of a broadcast's workers, with those that are missing. All that a worker said stays text. */
import { html, nothing, type TemplateResult } from 'lit'
import type { JobState, WorkerPart } from '../../shared/master/mod.ts'
import { badge, type Look, plain, statusLooks } from '../look/mod.ts'
import { pictureIn } from '../value/kind.ts'
import { nameOf, outcomeLine } from './describe.ts'
import { clip, note, type ViewContext } from './view-context.ts'

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
export function workersTab(job: JobState, context: ViewContext): TemplateResult {
  const rows = job.workers.map(
    part => html`<li class="broadcast-row" part="worker-row">${workerRow(part, job, context)}</li>`,
  )
  const heard = new Set(job.workers.map(({ worker_id }) => worker_id))
  const absent = (job.expected ?? [])
    .filter(({ worker_id }) => !heard.has(worker_id))
    .map(
      ({ name, gone }) =>
        html`<li class="broadcast-row" part="worker-row"><bdi class="name">${plain(name)}</bdi>${badge(
          lookOfAbsent(gone ? 'gone' : 'waiting', job),
        )}</li>`,
    )
  if (rows.length + absent.length === 0)
    return note('neutral', job.phase.at === 'ended' ? 'Nobody took part.' : 'Nobody has answered yet.')
  return html`<ul class="broadcast" part="broadcast">${rows}${absent}</ul>`
}

function workerRow(part: WorkerPart, job: JobState, context: ViewContext): TemplateResult {
  const { outcome: ended, at, attempt, progress } = part
  const line = ended === undefined ? (progress?.message ?? '') : outcomeLine(ended, job)
  const isAtWork = ended === undefined && at !== 'gone' && job.phase.at !== 'ended'
  const percent = isAtWork ? progress?.percent : undefined
  const name = nameOf(part, job)
  return html`<bdi class="name">${name}</bdi>${badge(ended === undefined ? lookOfAbsent(at, job) : statusLooks[ended.type])}
    ${attempt > 1 ? html`<span class="muted small">attempt ${attempt}</span>` : nothing}
    ${line === '' ? nothing : html`<bdi class="small muted line">${clip(line)}</bdi>`}
    ${percent === undefined ? nothing : html`<progress part="progress" max="100" .value=${percent} aria-label=${`Progress of ${name}`}></progress>`}
    ${ended?.type === 'result' && ended.output !== undefined ? html`<div class="wide">${workerResult(ended.output, name, context)}</div>` : nothing}`
}

const workerResult = (output: unknown, name: string, { values, copying }: ViewContext): TemplateResult =>
  pictureIn(output) === undefined
    ? values.tree.render(output, `result of ${name}`, false)
    : values.render(output, { label: `Result of ${name}`, copying })
