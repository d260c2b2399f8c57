/** One worker: its facts, and the jobs of this tab that it took part in. */
import { css, html, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { JobState, WorkerInfo } from '../../shared/master/mod.ts'
import { JobsController, SecondsController, WorkersController } from '../controllers/mod.ts'
import { DroverElement } from '../element.ts'
import { limitsSaid } from '../look/limits.ts'
import { ago, badge, dateAndTime, look, lookOfJob, number, plain, shortId, timeOfDay } from '../look/mod.ts'
import { healthOf, seenAt } from '../workers/health.ts'
import { hashOf } from './route.ts'

const shownJobs = 50

export class DroverWorkerPage extends DroverElement {
  static override properties: PropertyDeclarations = { workerId: { type: String, attribute: 'worker-id' } }
  static override styles = [
    look,
    css`
      h2 {
        font-size: 1.125rem;
        overflow-wrap: anywhere;
      }
      h3 {
        margin-block: calc(var(--_space) * 6) calc(var(--_space) * 2);
        font-size: 1rem;
      }
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: calc(var(--_space) * 2) calc(var(--_space) * 3);
        margin-block-end: calc(var(--_space) * 4);
      }
      ::slotted([slot='actions']) {
        margin-inline-start: auto;
      }
      dl {
        display: grid;
        grid-template-columns: minmax(6rem, auto) minmax(0, 1fr);
        gap: calc(var(--_space) * 1.5) calc(var(--_space) * 4);
      }
      dt {
        color: var(--_muted);
      }
      dd {
        overflow-wrap: anywhere;
      }
      ul {
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: calc(var(--_space) * 1) calc(var(--_space) * 3);
        padding-block: calc(var(--_space) * 2);
        border-block-start: 1px solid var(--_border);
      }
      li a {
        overflow-wrap: anywhere;
      }
    `,
  ]
  declare workerId: string
  readonly #workers = new WorkersController(this, this.source)
  readonly #jobs = new JobsController(this, this.source, job => tookPart(job, this.workerId))
  readonly #seconds = new SecondsController(this, this.source.clock)

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('workerId')) this.#jobs.filter = job => tookPart(job, this.workerId)
  }

  protected override render(): TemplateResult {
    const worker = this.#workers.workers.find(({ worker_id }) => worker_id === this.workerId)
    if (worker === undefined) {
      return html`<header><slot name="actions"></slot></header><p class="empty">
        Nothing has been heard of this worker since the page was opened. One that is there says so within 10 s; each start
        of a worker has an id of its own, so this one may have ended.
      </p>`
    }
    return html`<header><h2><bdi>${plain(worker.name)}</bdi></h2>${badge(healthOf(worker, this.#seconds.now, undefined, 0).look)}<slot name="actions"></slot></header>
      ${this.#facts(worker)}
      <h3>Jobs of this tab</h3>
      ${
        this.#jobs.jobs.length === 0
          ? html`<p class="muted">It has taken none of the jobs that this tab dispatched.</p>`
          : html`<ul>${this.#jobs.jobs.slice(0, shownJobs).map(job => this.#row(job))}</ul>`
      }`
  }

  #facts(worker: WorkerInfo): TemplateResult {
    const { now } = this.#seconds
    const started = worker.started_at === undefined ? 'not said' : dateAndTime(worker.started_at)
    const facts: [string, unknown][] = [
      ['Tasks', plain(worker.tasks.map(task => taskSaid(worker, task)).join(', '))],
      ['Running', `${number(worker.active)} of ${number(worker.concurrency)}`],
      ...(worker.stuck === undefined ? [] : [['Stuck runs', number(worker.stuck)] satisfies [string, unknown]]),
      ['Processed', number(worker.processed)],
      ['Failed', number(worker.failed)],
      ['Runtime', plain(worker.runtime || 'not said')],
      ['Host', plain(worker.host || 'not said')],
      ['Started', started],
      ['Last seen', `${ago(seenAt(worker, now), now)}`],
      ['Id', html`<span class="mono">${plain(worker.worker_id)}</span>`],
    ]
    return html`<dl class="numbers">${facts.map(([term, value]) => html`<dt>${term}</dt><dd><bdi>${value}</bdi></dd>`)}</dl>`
  }

  #row(job: JobState): TemplateResult {
    return html`<li>
      ${badge(lookOfJob(job))}
      <a href=${hashOf({ view: 'jobs', id: job.request_id })}>${job.task}</a>
      <span class="mono muted">${shortId(job.request_id)}</span>
      <span class="muted small numbers">${timeOfDay(job.created_at, this.#seconds.now)}</span>
    </li>`
  }
}

function taskSaid({ limits }: WorkerInfo, task: string): string {
  const said = limitsSaid(limits?.get(task))
  return said === '' ? task : `${task} (${said})`
}

const tookPart = (job: JobState, workerId: string): boolean =>
  job.workers.some(({ worker_id }) => worker_id === workerId)
