/** `<drover-jobs>`: the jobs of a master, live. */
import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { JobState } from '../../shared/master/mod.ts'
import {
  AnnouncerController,
  CopyController,
  JobsController,
  OutcomesController,
  SecondPress,
  SecondsController,
  WorkersController,
} from '../controllers/mod.ts'
import { DroverElement } from '../element.ts'
import { DroverSelectEvent } from '../events.ts'
import { DispatchAgain } from '../job/again.ts'
import { pressCancel } from '../job/cancel.ts'
import { look } from '../look/mod.ts'
import { GroupCounter, groupOf, howEnded, isGroup, isIn, type JobGroup } from './groups.ts'
import { goAside, isOfBrowser, rowBy } from './keys.ts'
import { letGoNote } from './let-go-note.ts'
import { newRows } from './new-rows.ts'
import { noRows } from './no-rows.ts'
import { cells } from './row.ts'
import { rowStyles } from './row-styles.ts'
import { RowWindow } from './row-window.ts'
import { JobSearch, wordsOf } from './search.ts'
import { ShownJobs } from './shown.ts'
import { styles } from './styles.ts'
import { toolbar } from './toolbar.ts'

const headings = ['State', 'Task', 'Progress', 'Worker', 'Age', 'Actions']

/**
 * The jobs that a master knows, newest first: state, progress, worker, age; tabs by state, a text filter, cancel and
 * dispatch again. While somebody points at it, or has scrolled, new rows wait behind a button, so that nothing moves.
 *
 * A job that runs is cancelled when a second press has confirmed it.
 *
 * By keyboard: arrows, Page Up and Down, Home and End go through the rows, left and right to a row's buttons, Enter chooses.
 *
 * @tag drover-jobs
 * @attr {'all'|'waiting'|'running'|'done'|'failed'|'cancelled'} show - the tab. Default `all`
 * @attr task - only jobs of this task
 * @attr find - only jobs that have each of these words in their task, id, tags, key or input
 * @attr selected - `request_id` of the job that is marked as chosen
 * @attr job-href - address of a job's own page, with `{id}` for its `request_id`: rows are links to it
 * @attr worker-command - the command that starts a worker, shown while none is there
 * @fires drover-select - a person chose a job; `kind` is `job`, `id` its `request_id`
 * @fires drover-dispatch - a job is about to be dispatched again; `preventDefault()` keeps it from being
 * @fires drover-dispatched - it was
 * @csspart frame - everything
 * @csspart toolbar - tabs and filter
 * @csspart tab - a tab
 * @csspart find - the filter's input
 * @csspart list - everything below the toolbar
 * @csspart head - the row of headings
 * @csspart row - a job; also `row-waiting`, `row-running`, `row-done`, `row-failed` or `row-cancelled`, as it is
 * @csspart state - its state
 * @csspart task - its task, id, tags and input
 * @csspart id - its id
 * @csspart lock - beside the id of a sealed job
 * @csspart tags - its tags
 * @csspart input - the beginning of its input
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
 * @csspart let-go - how many older jobs were let go of
 * @csspart empty - stands where no job is
 * @csspart command - a command to copy
 * @csspart note - tells of a failure
 * @csspart announcement - text for assistive technology
 * @cssproperty [--drover-jobs-height=36em] - most that the rows take before they scroll; `none` to fill the element's own height
 */
export class DroverJobs extends DroverElement {
  static override properties: PropertyDeclarations = {
    ...DroverElement.properties,
    show: {
      type: String,
      reflect: true,
      // A tag that a server rendered without attributes gets none by itself.
      converter: { fromAttribute: text => text ?? 'all', toAttribute: show => (show === 'all' ? null : show) },
    },
    task: { type: String },
    find: { type: String },
    selected: { type: String },
    jobHref: { type: String, attribute: 'job-href' },
    workerCommand: { type: String, attribute: 'worker-command' },
  }
  static override styles = [look, styles, rowStyles]

  /** The tab. */
  declare show: JobGroup
  /** Only jobs of this task. */
  declare task: string | undefined
  /** Words that are looked for in task, id and input. */
  declare find: string
  /** `request_id` of the chosen job. */
  declare selected: string | undefined
  /** Address of a job's own page, with `{id}` for its `request_id`. */
  declare jobHref: string | undefined
  /** The command that starts a worker. Default `npx drover worker tasks.ts`. */
  declare workerCommand: string | undefined

  readonly #jobs: JobsController
  readonly #workers: WorkersController
  readonly #seconds: SecondsController
  readonly #announcer: AnnouncerController
  readonly #copies: CopyController
  readonly #again: DispatchAgain
  readonly #cancel: SecondPress
  readonly #window: RowWindow
  readonly #search = new JobSearch()
  readonly #shown = new ShownJobs()
  /** Those that nobody was told of yet. */
  readonly #ended: JobState[] = []
  readonly #counts = new GroupCounter()
  #rows: readonly JobState[] = []
  #places: readonly number[] = []
  #current: string | undefined
  #isPointedAt = false
  #isFocused = false
  #focusNext = false

  constructor() {
    super()
    this.show = 'all'
    this.find = ''
    this.#jobs = new JobsController(this, this.source)
    this.#workers = new WorkersController(this, this.source, () => this.task)
    this.#seconds = new SecondsController(this, this.source.clock)
    this.#announcer = new AnnouncerController(this, this.source.clock)
    this.#copies = new CopyController(this, this.source.clock, this.#announcer)
    this.#again = new DispatchAgain(this, this.source, this.#announcer)
    this.#cancel = new SecondPress(this, this.source.clock, this.#announcer)
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
    this.#counts.follow(this.#jobs.jobs, this.source.master, this.task)
    const isHeld = this.#isPointedAt || this.#isFocused || this.#window.isScrolled
    this.#rows = this.#shown.update(this.#jobs.jobs, isHeld)
    const ids = this.#rows.map(({ request_id }) => request_id)
    // A person who comes by Tab begins at the chosen row, else at the first in view.
    const wanted = this.#isFocused ? [this.#current] : [this.selected, this.#window.firstKey]
    this.#current = wanted.find(id => id !== undefined && ids.includes(id)) ?? ids[0]
    // It is there wherever the list is scrolled to, or the keyboard would find no row and lose its place.
    this.#places = this.#window.arrange(ids, this.#current)
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
    this.#ended.push(job)
    this.#announcer.say('outcomes', () => howEnded(this.#ended.splice(0)))
  }

  #choose(requestId: string): void {
    this.#current = requestId
    this.selected = requestId
    const event = new DroverSelectEvent('job', requestId)
    this.dispatchEvent(event)
  }

  #jobAt(event: Event): JobState | undefined {
    const id = (event.target as Element).closest<HTMLElement>('.job')?.dataset.id
    return this.source.master?.jobs.get(id ?? '') ?? this.#rows[this.#window.placeOf(id) ?? -1]
  }

  readonly #onClick = (event: MouseEvent): void => {
    const job = this.#jobAt(event)
    if (job === undefined) return
    this.#current = job.request_id
    this.requestUpdate()
    if (isOfBrowser(event)) return
    event.preventDefault()
    const action = (event.target as Element).closest<HTMLElement>('[data-action]')?.dataset.action
    if (action === 'cancel') pressCancel(this.#cancel, job, this.source.master, event)
    else if (action === 'again') {
      if (this.#again.dispatch(job.request_id)) this.#announcer.say('action', `${job.task} dispatched again.`)
    } else this.#choose(job.request_id)
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    this.#cancel.onKey(event)
    const isOnRow = (event.target as Element).getAttribute('role') === 'row'
    const to = rowBy(event.key, this.#window.placeOf(this.#current) ?? 0, this.#rows.length - 1)
    if (to !== undefined) {
      this.#current = this.#rows[to]?.request_id
      this.#window.reveal(this.#current)
      this.#focusNext = true
      this.requestUpdate()
    } else if (isOnRow && (event.key === 'Enter' || event.key === ' ') && this.#current !== undefined)
      this.#choose(this.#current)
    else if (!goAside(event)) return
    event.preventDefault()
  }

  /** An element with the focus that is removed tells of it in the midst of an update, where asking for another is too early. */
  readonly #onFocus = (event: Event): void => {
    const job = event.type === 'focusin' ? this.#jobAt(event) : undefined
    if (job !== undefined) this.#current = job.request_id
    if (event.type === 'focusout') this.#cancel.drop()
    queueMicrotask(() => this.requestUpdate())
  }

  readonly #onPointer = (event: Event): void => {
    this.#isPointedAt = event.type === 'pointerenter'
    this.requestUpdate()
  }

  readonly #showNew = (): void => {
    this.#shown.release()
    this.#window.toTop()
    this.#current = undefined
    this.#focusNext = this.#isFocused
    this.requestUpdate()
  }

  protected override render(): TemplateResult {
    return html`<div class="frame" part="frame">
      ${toolbar(this, this.#counts.counts)}
      ${this.#again.render()}
      <div class="list" part="list" @pointerenter=${this.#onPointer} @pointerleave=${this.#onPointer}
        @focusin=${this.#onFocus} @focusout=${this.#onFocus}>
        ${this.#rows.length > 0 ? this.#grid() : noRows(this, { source: this.source, known: this.#counts.counts.all, isDeserted: this.#workers.isDeserted, copies: this.#copies, onShowAll: this.#showAll })}
      </div>
      ${letGoNote(this.source.master?.letGo)}
      ${this.#announcer.render()}
    </div>`
  }

  #grid(): TemplateResult {
    return html`<div class="grid" role="grid" aria-label="Jobs" aria-rowcount=${this.#rows.length + 1} @click=${this.#onClick} @keydown=${this.#onKey}>
      <div class="head row" role="row" part="head" aria-rowindex="1" .style=${`--_gutter: ${this.#window.gutter}px`}>${headings.map(
        word => html`<div role="columnheader" class="cell">${word}</div>`,
      )}</div>
      <div class="scroller" role="rowgroup" @scroll=${this.#window.onScroll}>
        <div class="space" role="presentation">${repeat(
          this.#places,
          place => this.#rows[place]?.request_id,
          place => this.#row(place),
        )}</div>
      </div>
    </div>${newRows(this.#shown.waiting, this.#showNew)}`
  }

  /** The place is set through CSSOM (`.style`): strict pages forbid style attributes, and Lit's `styleMap` begins with one. */
  #row(index: number): TemplateResult | typeof nothing {
    const row = this.#rows[index]
    if (row === undefined) return nothing
    const job = this.source.master?.jobs.get(row.request_id) ?? row
    const isCurrent = job.request_id === this.#current
    return html`<div class="row job" part=${`row row-${groupOf(job)}`} role="row" data-id=${job.request_id} aria-rowindex=${index + 2}
      aria-selected=${job.request_id === this.selected ? 'true' : 'false'} tabindex=${isCurrent ? '0' : '-1'}
      .style=${this.#window.styleOf(index)}>${cells(job, {
        cancel: this.#cancel,
        isCurrent,
        now: this.#seconds.now,
        href: this.jobHref?.replaceAll('{id}', encodeURIComponent(job.request_id)),
      })}</div>`
  }

  readonly #showAll = (): void => {
    this.show = 'all'
    this.find = ''
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'drover-jobs': DroverJobs
  }
}
