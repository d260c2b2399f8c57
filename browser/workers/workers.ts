/** `<drover-workers>`: the workers that presence tells of, live. */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { WorkerInfo } from '../../shared/master/mod.ts'
import { withoutMaster, withoutWorker } from '../absence.ts'
import { AnnouncerController, CopyController, SecondsController, WorkersController } from '../controllers/mod.ts'
import { DroverElement } from '../element.ts'
import { DroverSelectEvent } from '../events.ts'
import { hostNumber } from '../host-number.ts'
import { limitsSaid } from '../look/limits.ts'
import { badge, count, emptiness, look, number, plain } from '../look/mod.ts'
import { timeAgo } from '../look/time.ts'
import { Finishes, healthOf, seenAt } from './health.ts'
import { styles } from './styles.ts'

const rowsAtFirst = 200
const headings = ['Worker', 'State', 'Tasks', 'Running', 'Processed', 'Failed', 'Runtime', 'Host', 'Last seen']

const defaultStuckAfterMs = 120_000

/**
 * Who is there to work: name, state, tasks, running jobs of its limit, processed, failed, runtime, host, last seen. Workers that
 * are silent, that finish nothing, or that are gone stand out, and tasks that an operator paused say so. Those that are gone stay
 * for five minutes, at the end.
 *
 * @tag drover-workers
 * @attr task - only workers of this task
 * @attr selected - `worker_id` of the one that is marked as chosen
 * @attr stuck-after-ms - how long a busy worker may finish nothing before it stands out. Default 120 000
 * @attr worker-command - the command that starts a worker, shown while none is there
 * @fires drover-select - a person chose a worker; `kind` is `worker`, `id` its `worker_id`
 * @csspart frame - everything
 * @csspart summary - how many there are, and how many jobs run
 * @csspart table - the table
 * @csspart head - its row of headings
 * @csspart row - a worker; also `row-idle`, `row-busy`, `row-draining` or `row-gone`, as it is
 * @csspart name - its name, a button
 * @csspart state - its state
 * @csspart hint - its fault
 * @csspart tasks - its tasks
 * @csspart limits - the limits of one of them, of its own
 * @csspart load - how many jobs it runs, of its limit
 * @csspart progress - the same as a bar
 * @csspart button - any button
 * @csspart copy - copies the command
 * @csspart more - shows the rest of many
 * @csspart empty - stands where no worker is
 * @csspart command - the command to copy
 * @csspart announcement - text for assistive technology
 */
export class DroverWorkers extends DroverElement {
  static override properties: PropertyDeclarations = {
    ...DroverElement.properties,
    task: { type: String },
    selected: { type: String },
    stuckAfterMs: { type: Number, attribute: 'stuck-after-ms', converter: hostNumber },
    workerCommand: { type: String, attribute: 'worker-command' },
  }
  static override styles = [look, styles]

  /** Only workers of this task. */
  declare task: string | undefined
  /** `worker_id` of the chosen one. */
  declare selected: string | undefined
  /** How long a busy worker may finish nothing before it stands out, ms. Default 120 000. */
  declare stuckAfterMs: number | undefined
  /** The command that starts a worker. Default `npx drover worker tasks.ts`. */
  declare workerCommand: string | undefined

  readonly #workers: WorkersController
  readonly #seconds: SecondsController
  readonly #announcer: AnnouncerController
  readonly #copies: CopyController
  readonly #finishes = new Finishes()
  #noted: readonly WorkerInfo[] = []
  #isWhole = false
  /** Who is there, as it was told last. */
  #told: ReadonlyMap<string, string> = new Map()

  constructor() {
    super()
    this.#workers = new WorkersController(this, this.source, () => this.task)
    this.#seconds = new SecondsController(this, this.source.clock)
    this.#announcer = new AnnouncerController(this, this.source.clock)
    this.#copies = new CopyController(this, this.source.clock, this.#announcer)
  }

  protected override willUpdate(): void {
    const { workers } = this.#workers
    if (workers === this.#noted) return
    this.#noted = workers
    this.#finishes.note(workers, this.#seconds.now)
    const present = this.#present()
    // Those who were there before this widget looked are no news.
    if (!this.#workers.isSettled) this.#told = present
    else if ([...present.keys()].join() !== [...this.#told.keys()].join()) {
      this.#announcer.say('workers', () => this.#news())
    }
  }

  #shown(): readonly WorkerInfo[] {
    const { task } = this
    return task ? this.#workers.workers.filter(({ tasks }) => tasks.includes(task)) : this.#workers.workers
  }

  /** Names by id. */
  #present(): ReadonlyMap<string, string> {
    return new Map(
      this.#shown().flatMap(({ worker_id, name, state }) =>
        state === 'gone' ? [] : [[worker_id, plain(name)] as const],
      ),
    )
  }

  #news(): string {
    const before = this.#told
    const now = this.#present()
    this.#told = now
    const came = [...now].filter(([id]) => !before.has(id)).map(([, name]) => name)
    const went = [...before].filter(([id]) => !now.has(id)).map(([, name]) => name)
    return [came.length > 0 && `${names(came)} came.`, went.length > 0 && `${names(went)} went.`]
      .filter(Boolean)
      .join(' ')
  }

  protected override render(): TemplateResult {
    const workers = this.#shown()
    return html`<div class="frame" part="frame">${workers.length === 0 ? this.#empty() : this.#table(workers)}</div>${this.#announcer.render()}`
  }

  #empty(): TemplateResult {
    const instead = withoutMaster(this.source, 'Workers show here once there is a connection.')
    if (instead !== undefined) return instead
    return this.#workers.isDeserted
      ? withoutWorker(this, 'Start one where the work is to be done:', this.#copies)
      : emptiness({ icon: 'worker', title: 'Looking for workers…' })
  }

  #table(workers: readonly WorkerInfo[]): TemplateResult {
    const present = workers.filter(({ state }) => state !== 'gone')
    const sum = (key: 'active' | 'concurrency') => present.reduce((total, one) => total + one[key], 0)
    const shown = this.#isWhole ? workers : workers.slice(0, rowsAtFirst)
    return html`<p class="summary numbers" part="summary"><strong><bdi>${count(present.length, 'worker')}</bdi></strong>
        <bdi class="muted">${number(sum('active'))} of ${number(sum('concurrency'))} running${
          present.length < workers.length ? ` · ${number(workers.length - present.length)} gone` : ''
        }</bdi></p>
      <div role="table" aria-label="Workers" part="table" aria-rowcount=${workers.length + 1}>
        <div role="row" class="row head" part="head">${headings.map(word => html`<div role="columnheader" class="cell">${word}</div>`)}</div>
        ${repeat(
          shown,
          ({ worker_id }) => worker_id,
          one => this.#row(one),
        )}
      </div>
      ${
        shown.length === workers.length
          ? nothing
          : html`<p class="rest"><button class="button" part="button more" type="button" @click=${() => {
              this.#isWhole = true
              this.requestUpdate()
            }}>Show all ${number(workers.length)}</button></p>`
      }`
  }

  #row(worker: WorkerInfo): TemplateResult {
    const now = this.#seconds.now
    const { look: state, hint } = healthOf(
      worker,
      now,
      this.#finishes.since(worker.worker_id),
      this.stuckAfterMs ?? defaultStuckAfterMs,
    )
    const isAlarm = hint !== undefined && worker.state !== 'gone'
    const isChosen = worker.worker_id === this.selected
    const max = Math.max(1, worker.concurrency)
    return html`<div role="row" class=${isAlarm ? 'row worker alarm' : 'row worker'} part=${`row row-${worker.state}`} data-state=${worker.state} data-id=${worker.worker_id} data-tone=${state.tone}>
      <div role="cell" class="cell name-cell"><button class="name" part="button name" type="button" aria-current=${isChosen ? 'true' : 'false'}
        @click=${() => this.#choose(worker.worker_id)}><bdi>${plain(worker.name)}</bdi></button></div>
      <div role="cell" class="cell state-cell">${badge(state)}${hint === undefined ? nothing : html`<span class="hint small" part="hint">${hint}</span>`}</div>
      <div role="cell" class="cell tasks-cell" part="tasks">${worker.tasks.slice(0, 20).map(task => taskSaid(worker, task))}${
        worker.tasks.length > 20
          ? html`<span class="muted small">and ${number(worker.tasks.length - 20)} more</span>`
          : nothing
      }</div>
      <div role="cell" class="cell load-cell numbers" part="load"><span class="label">Running</span><bdi>${number(worker.active)} of ${number(worker.concurrency)}</bdi>
        <progress part="progress" max=${max} .value=${Math.min(worker.active, max)} aria-label="Running of limit"></progress></div>
      ${fact('Processed', number(worker.processed), 'numbers')}
      ${fact('Failed', number(worker.failed), worker.failed > 0 ? 'numbers failed' : 'numbers')}
      ${fact('Runtime', html`<bdi>${plain(worker.runtime || '–')}</bdi>`, 'small runtime-cell')}
      ${fact('Host', html`<bdi>${plain(worker.host || '–')}</bdi>`, 'small')}
      ${fact('Last seen', timeAgo(seenAt(worker, now), now), 'small numbers')}
    </div>`
  }

  #choose(workerId: string): void {
    this.selected = workerId
    const event = new DroverSelectEvent('worker', workerId)
    this.dispatchEvent(event)
  }
}

function taskSaid({ limits, paused }: WorkerInfo, task: string): TemplateResult {
  const said = limitsSaid(limits?.get(task))
  const pause = paused?.includes(task) ? html` <span class="hint">paused</span>` : nothing
  return html`<span><bdi class="task">${plain(task)}${pause}</bdi>${
    said === '' ? nothing : html`<span class="muted small" part="limits">${said}</span>`
  }</span>`
}

/** A cell that names its fact, where there is no room for headings. */
const fact = (label: string, said: unknown, kinds: string): TemplateResult =>
  html`<div role="cell" class=${`cell ${kinds}`}><span class="label">${label}</span>${said}</div>`

const names = (all: readonly string[]): string =>
  all.length > 3 ? `${all.slice(0, 3).join(', ')} and ${number(all.length - 3)} more` : all.join(', ')

declare global {
  interface HTMLElementTagNameMap {
    'drover-workers': DroverWorkers
  }
}
