/** `<drover-jobs>`: the jobs of a master, live. */
import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { type JobState, statusOf } from '../../shared/master/mod.ts'
import {
  AnnouncerController,
  dispatchAgain,
  JobsController,
  OutcomesController,
  SecondsController,
  WorkersController,
} from '../controllers/mod.ts'
import { DroverElement } from '../element.ts'
import { DroverSelectEvent } from '../events.ts'
import { copyText, count, emptiness, icon, look, notYet, number, shortId, startsAWorker } from '../look/mod.ts'
import { countGroups, countJobs, type GroupCounts, groupNames, groups, isGroup, isIn, type JobGroup } from './groups.ts'
import { canCancel, cells } from './row.ts'
import { RowWindow } from './row-window.ts'
import { JobSearch, wordsOf } from './search.ts'
import { ShownJobs } from './shown.ts'
import { styles } from './styles.ts'

const pageRows = 10

/**
 * The jobs that a master knows, newest first: state, progress, worker, age; tabs by state, a text filter, cancel and
 * dispatch again. While somebody points at it, or has scrolled, new rows wait behind a button, so that nothing moves.
 *
 * By keyboard: arrows, Page Up and Down, Home and End go through the rows, left and right to a row's buttons, Enter chooses.
 *
 * @tag drover-jobs
 * @attr {'all'|'waiting'|'running'|'done'|'failed'|'cancelled'} show - the tab. Default `all`
 * @attr task - only jobs of this task
 * @attr find - only jobs that have each of these words in their task, id or input
 * @attr selected - `request_id` of the job that is marked as chosen
 * @attr worker-command - the command that starts a worker, shown while none is there
 * @fires drover-select - a person chose a job; `kind` is `job`, `id` its `request_id`
 * @fires drover-dispatch - a job is about to be dispatched again; `preventDefault()` keeps it from being
 * @fires drover-dispatched - it was
 * @csspart toolbar - tabs and filter
 * @csspart tab - a tab
 * @csspart find - the filter's input
 * @csspart list - everything below the toolbar
 * @csspart head - the row of headings
 * @csspart row - a job
 * @csspart state - its state
 * @csspart task - its task and id
 * @csspart id - its id
 * @csspart detail - progress, message, error
 * @csspart progress - the progress bar
 * @csspart message - the line beside it
 * @csspart worker - worker, attempt and losses
 * @csspart tries - attempt and losses
 * @csspart age - since when
 * @csspart button - any button
 * @csspart cancel - cancels a job
 * @csspart again - dispatches a job again
 * @csspart pill - shows the new jobs that wait
 * @csspart empty - what stands where no job is
 * @csspart command - a command to copy
 * @csspart note - says what went wrong
 * @csspart announcement - what assistive technology is told
 * @cssproperty [--drover-jobs-height=36em] - most that the rows take before they scroll; `none` to fill the element's own height
 */
export class DroverJobs extends DroverElement {
  static override properties: PropertyDeclarations = {
    ...DroverElement.properties,
    show: { type: String, reflect: true },
    task: { type: String },
    find: { type: String },
    selected: { type: String },
    workerCommand: { type: String, attribute: 'worker-command' },
  }
  static override styles = [look, styles]

  /** The tab. */
  declare show: JobGroup
  /** Only jobs of this task. */
  declare task: string | undefined
  /** Words that are looked for in task, id and input. */
  declare find: string
  /** `request_id` of the chosen job. */
  declare selected: string | undefined
  /** The command that starts a worker. Default `npx drover worker tasks.ts`. */
  declare workerCommand: string | undefined

  readonly #jobs: JobsController
  readonly #workers: WorkersController
  readonly #seconds: SecondsController
  readonly #announcer: AnnouncerController
  readonly #window: RowWindow
  readonly #search = new JobSearch()
  readonly #shown = new ShownJobs()
  readonly #ended = { done: 0, failed: 0, cancelled: 0 }
  #rows: readonly JobState[] = []
  #places: readonly number[] = []
  #current: string | undefined
  #isPointedAt = false
  #isFocused = false
  #focusNext = false
  #problem: string | undefined

  constructor() {
    super()
    this.show = 'all'
    this.find = ''
    this.#jobs = new JobsController(this, this.source)
    this.#workers = new WorkersController(this, this.source, () => this.task)
    this.#seconds = new SecondsController(this)
    this.#announcer = new AnnouncerController(this)
    new OutcomesController(this, this.source, job => this.#onOutcome(job))
    this.#window = new RowWindow(this, () => this.renderRoot.querySelector<HTMLElement>('.scroller'))
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    this.#isFocused = this.shadowRoot?.activeElement?.closest('.list') != null
    if (changed.has('show') || changed.has('task') || changed.has('find')) {
      this.#shown.release()
      const words = wordsOf(this.find ?? '')
      const group = isGroup(this.show) ? this.show : 'all'
      this.#jobs.filter = job =>
        (!this.task || job.task === this.task) && isIn(group, job) && this.#search.matches(job, words)
      this.#window.toTop()
    }
    const isHeld = this.#isPointedAt || this.#isFocused || this.#window.isScrolled
    this.#rows = this.#shown.update(this.#jobs.jobs, isHeld)
    const ids = this.#rows.map(({ request_id }) => request_id)
    // A focused row that is scrolled away stays, or the keyboard would lose its place.
    this.#places = this.#window.arrange(ids, this.#isFocused ? this.#current : undefined)
    if (this.#window.placeOf(this.#current) === undefined) this.#current = ids[0]
  }

  protected override updated(): void {
    const isLost = this.#isFocused && this.shadowRoot?.activeElement == null
    if (!this.#focusNext && !isLost) return
    this.#focusNext = false
    const row = this.shadowRoot?.querySelector<HTMLElement>('.job[tabindex="0"]')
    queueMicrotask(() => row?.focus({ preventScroll: true }))
  }

  #onOutcome(job: JobState): void {
    if (this.task && job.task !== this.task) return
    const status = statusOf(job)
    this.#ended[status === 'cancelled' ? 'cancelled' : groups.done.of.includes(status) ? 'done' : 'failed']++
    this.#announcer.say('outcomes', () => {
      const { done, failed, cancelled } = this.#ended
      Object.assign(this.#ended, { done: 0, failed: 0, cancelled: 0 })
      const said = [
        done && `${count(done, 'job')} done`,
        failed && `${count(failed, 'job')} failed`,
        cancelled && `${count(cancelled, 'job')} cancelled`,
      ]
      return `${said.filter(Boolean).join(', ')}.`
    })
  }

  #choose(requestId: string): void {
    this.#current = requestId
    this.selected = requestId
    const event = new DroverSelectEvent('job', requestId)
    this.dispatchEvent(event)
  }

  #cancel(job: JobState): void {
    this.source.master?.cancel(job.request_id)
    this.#announcer.say('action', `Cancelling ${job.task} ${shortId(job.request_id)}.`)
  }

  #again(job: JobState): void {
    this.#problem = undefined
    try {
      const { master } = this.source
      const requestId = master && dispatchAgain(this, master, job.request_id)
      if (requestId !== undefined) this.#announcer.say('action', `${job.task} dispatched again.`)
    } catch (error) {
      this.#problem = (error as Error).message
      this.#announcer.say('action', this.#problem)
    }
    this.requestUpdate()
  }

  #jobAt(event: Event): JobState | undefined {
    const row = (event.target as Element).closest<HTMLElement>('[data-index]')
    const job = row === null ? undefined : this.#rows[Number(row.dataset.index)]
    return job === undefined ? undefined : (this.source.master?.jobs.get(job.request_id) ?? job)
  }

  readonly #onClick = (event: Event): void => {
    const job = this.#jobAt(event)
    if (job === undefined) return
    this.#current = job.request_id
    const action = (event.target as Element).closest<HTMLElement>('[data-action]')?.dataset.action
    if (action === 'cancel') {
      if (canCancel(job)) this.#cancel(job)
    } else if (action === 'again') this.#again(job)
    else this.#choose(job.request_id)
    this.requestUpdate()
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const at = this.#window.placeOf(this.#current) ?? 0
    const isOnRow = (event.target as Element).getAttribute('role') === 'row'
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + pageRows,
      PageUp: at - pageRows,
      Home: 0,
      End: this.#rows.length - 1,
    }[event.key]
    if (to !== undefined) this.#goTo(to)
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') this.#goAside(event)
    else if (isOnRow && (event.key === 'Enter' || event.key === ' ') && this.#current !== undefined)
      this.#choose(this.#current)
    else return
    event.preventDefault()
  }

  #goTo(index: number): void {
    this.#current = this.#rows[Math.max(0, Math.min(this.#rows.length - 1, index))]?.request_id
    this.#window.reveal(this.#current)
    this.#focusNext = true
    this.requestUpdate()
  }

  /** From the row to its buttons and back. */
  #goAside(event: KeyboardEvent): void {
    const row = (event.target as Element).closest<HTMLElement>('[role="row"]')
    if (row === null) return
    const places = [row, ...row.querySelectorAll<HTMLElement>('button')]
    const isForward = (event.key === 'ArrowRight') === this.matches(':dir(ltr)')
    places[places.indexOf(event.target as HTMLElement) + (isForward ? 1 : -1)]?.focus()
  }

  /** Removing what has the focus tells of it in the midst of an update, where asking for another is too early. */
  readonly #onFocus = (event: Event): void => {
    const job = event.type === 'focusin' ? this.#jobAt(event) : undefined
    if (job !== undefined) this.#current = job.request_id
    queueMicrotask(() => this.requestUpdate())
  }

  readonly #onPointer = (event: Event): void => {
    this.#isPointedAt = event.type === 'pointerenter'
    this.requestUpdate()
  }

  #showNew(): void {
    this.#shown.release()
    this.#window.toTop()
    this.#current = undefined
    this.#focusNext = this.#isFocused
    this.requestUpdate()
  }

  protected override render(): TemplateResult {
    return html`<div class="frame">
      ${this.#toolbar()}
      ${
        this.#problem === undefined
          ? nothing
          : html`<p class="note" part="note" data-tone="danger">${icon('warning')}<span>Not dispatched. ${this.#problem}</span></p>`
      }
      <div class="list" part="list" @pointerenter=${this.#onPointer} @pointerleave=${this.#onPointer}
        @focusin=${this.#onFocus} @focusout=${this.#onFocus}>
        ${this.#rows.length === 0 ? this.#empty() : this.#grid()}
      </div>
      ${this.#announcer.render()}
    </div>`
  }

  #toolbar(): TemplateResult {
    const counts = this.#counts()
    return html`<div class="toolbar" part="toolbar">
      <div class="tabs" role="group" aria-label="Jobs by state">${groupNames.map(
        name => html`<button class="tab" part="tab" type="button" data-group=${name} aria-pressed=${this.show === name ? 'true' : 'false'}
          @click=${() => {
            this.show = name
          }}>${groups[name].word}<span class="count numbers">${number(counts[name])}</span></button>`,
      )}</div>
      <label class="find">${icon('search')}<span class="visually-hidden">Find jobs by task, id or input</span>
        <input class="field" part="find" type="search" placeholder="Task, id or input" autocomplete="off" spellcheck="false"
          .value=${this.find ?? ''} @input=${(event: Event) => {
            this.find = (event.target as HTMLInputElement).value
          }}></label>
    </div>`
  }

  #counts(): GroupCounts {
    const { master } = this.source
    if (!this.task || master === undefined) return countGroups(this.#jobs.counts)
    return countJobs([...master.jobs.values()].filter(({ task }) => task === this.task))
  }

  #grid(): TemplateResult {
    const waiting = this.#shown.waiting
    return html`<div class="grid" role="grid" aria-label="Jobs" aria-rowcount=${this.#rows.length + 1} @click=${this.#onClick} @keydown=${this.#onKey}>
      <div class="head row" role="row" part="head" aria-rowindex="1" .style=${`--_gutter: ${this.#window.gutter}px`}>${[
        'State',
        'Task',
        'Progress',
        'Worker',
        'Age',
        'Actions',
      ].map(word => html`<div role="columnheader" class="cell">${word}</div>`)}</div>
      <div class="scroller" role="rowgroup" @scroll=${this.#window.onScroll}>
        <div class="space" role="presentation">${repeat(
          this.#places,
          place => this.#rows[place]?.request_id,
          place => this.#row(place),
        )}</div>
      </div>
    </div>${
      waiting === 0
        ? nothing
        : html`<div class="pill-row"><button class="button primary pill" part="button pill" type="button"
          @click=${() => this.#showNew()}>${icon('chevron')} ${count(waiting, 'new job')}</button></div>`
    }`
  }

  /** The place is set through CSSOM (`.style`): strict pages forbid style attributes, and Lit's `styleMap` begins with one. */
  #row(index: number): TemplateResult | typeof nothing {
    const row = this.#rows[index]
    if (row === undefined) return nothing
    const job = this.source.master?.jobs.get(row.request_id) ?? row
    const isCurrent = job.request_id === this.#current
    return html`<div class="row job" part="row" role="row" data-index=${index} data-id=${job.request_id} aria-rowindex=${index + 2}
      aria-selected=${job.request_id === this.selected ? 'true' : 'false'} tabindex=${isCurrent ? '0' : '-1'}
      .style=${this.#window.styleOf(index)}>${cells(job, isCurrent, this.#seconds.now)}</div>`
  }

  #empty(): TemplateResult {
    if (this.source.isComing) return notYet
    if (this.source.master === undefined) {
      return emptiness({
        icon: 'away',
        title: 'Not connected',
        text: 'Put this into a <drover-master>, or name one by its id in the attribute "for".',
      })
    }
    if (this.#counts().all > 0) {
      return html`${emptiness({ icon: 'search', title: 'No job matches', text: this.#whyNone() })}
        <p class="empty-action"><button class="button" part="button" type="button" @click=${() => {
          this.show = 'all'
          this.find = ''
        }}>Show all jobs</button></p>`
    }
    if (this.#workers.isDeserted) {
      return emptiness({
        icon: 'no_worker',
        title: this.task ? `No worker is there for ${this.task}` : 'No worker is there',
        text: 'Jobs wait until one is. Start one:',
        command: this.workerCommand || startsAWorker,
        onCopy: command => void copyText(command, 'Command').then(said => this.#announcer.say('copy', said)),
      })
    }
    return emptiness({
      icon: 'send',
      title: 'No jobs yet',
      text: 'Dispatch one, and it shows here with its progress and result.',
    })
  }

  #whyNone(): string {
    const where = this.show === 'all' ? '' : ` under ${groups[this.show]?.word ?? this.show}`
    return this.find ? `Nothing${where} has “${this.find}” in its task, id or input.` : `There is nothing${where}.`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'drover-jobs': DroverJobs
  }
}
