/** `<drover-job>`: one job, in full. */
import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit'
import type { JobState } from '../../shared/master/mod.ts'
import { withoutMaster } from '../absence.ts'
import {
  AnnouncerController,
  CopyController,
  JobController,
  SecondPress,
  SecondsController,
} from '../controllers/mod.ts'
import { DroverElement } from '../element.ts'
import { DroverEditEvent, DroverSelectEvent } from '../events.ts'
import { badge, closedNote, emptiness, icon, lock, look, lookOfJob, number, shownStatusOf } from '../look/mod.ts'
import { timeAgo } from '../look/time.ts'
import { valueStyles } from '../value/styles.ts'
import { ValueController } from '../value/value.ts'
import { DispatchAgain } from './again.ts'
import { canCancel, cancelWord, pressCancel } from './cancel.ts'
import { factsOf } from './describe.ts'
import { FollowEnd } from './follow-end.ts'
import { outcomeTab } from './outcome-tab.ts'
import { progressBar } from './progress-bar.ts'
import { logLines, logTab, partials, partsTab, repliesTab } from './replies.ts'
import { styles } from './styles.ts'
import type { ViewContext } from './view-context.ts'
import { workersTab } from './workers-tab.ts'

export type JobView = 'outcome' | 'workers' | 'parts' | 'input' | 'log' | 'replies'

/**
 * A job: outcome, input, log and replies in time; a broadcast with a row for each worker, and the missing by name. Results
 * show as picture, table, text or JSON. Nothing that a worker sent becomes markup or an address, except raster pictures
 * as `data:` addresses, for which a strict page allows `img-src data:`. A job that runs is cancelled when a second press
 * has confirmed it.
 *
 * @tag drover-job
 * @attr request-id - the job's id
 * @attr {'outcome'|'parts'|'workers'|'input'|'log'|'replies'} show - the tab. Default `outcome`, of a broadcast `workers`; `parts` once a job is done that gave its result in parts
 * @attr can-edit - offers to change the input first, which `drover-edit` asks of the page around
 * @slot actions - more buttons beside Cancel and Dispatch again
 * @fires drover-select - the job was dispatched again; `kind` is `job`, `id` the new one's `request_id`
 * @fires drover-edit - a person wants to change `input` of a job of `task` and dispatch that
 * @fires drover-dispatch - the job is about to be dispatched again; `preventDefault()` keeps it from being
 * @fires drover-dispatched - it was
 * @csspart frame - everything
 * @csspart header - everything above the tabs
 * @csspart title - the task
 * @csspart lock - beside the title of a sealed job
 * @csspart sealed - stands where the key to something is not here
 * @csspart state - the state, and each worker's
 * @csspart facts - id, worker, times
 * @csspart id - the id
 * @csspart progress - a progress bar
 * @csspart tabs - the tabs
 * @csspart tab - one of them
 * @csspart panel - the content of the tab
 * @csspart heading - a heading inside
 * @csspart button - any button
 * @csspart cancel - cancels the job
 * @csspart edit - asks for a form with its input
 * @csspart again - dispatches it again
 * @csspart copy - copies something
 * @csspart view - shows the value in another way
 * @csspart more - shows more of something long
 * @csspart note - says how it stands or ended
 * @csspart missing - who did not answer
 * @csspart broadcast - the list of a broadcast's workers
 * @csspart worker-row - one of them
 * @csspart log - the log
 * @csspart replies - the replies
 * @csspart value - a value with its buttons
 * @csspart tree - a value as JSON
 * @csspart table - a value as a table
 * @csspart text - a value as text
 * @csspart picture - a value as a picture
 * @csspart empty - stands where no job is
 * @csspart announcement - text for assistive technology
 * @cssproperty [--drover-value-height=28em] - most that a value, the log or the replies take before they scroll
 */
export class DroverJob extends DroverElement {
  static override properties: PropertyDeclarations = {
    ...DroverElement.properties,
    requestId: { type: String, attribute: 'request-id' },
    show: { type: String },
    canEdit: { type: Boolean, attribute: 'can-edit' },
  }
  static override styles = [look, valueStyles, styles]

  /** The job's id. */
  declare requestId: string | undefined
  /** The tab. */
  declare show: JobView | undefined
  /** Whether the page around answers `drover-edit`. */
  declare canEdit: boolean

  readonly #job: JobController
  readonly #announcer: AnnouncerController
  readonly #copies: CopyController
  readonly #cancel: SecondPress
  readonly #dispatchAgain: DispatchAgain
  readonly #values: ValueController
  readonly #seconds: SecondsController
  readonly #log: FollowEnd
  /** The state that was told last, by job. */
  #told = ''

  constructor() {
    super()
    this.#job = new JobController(this, this.source, () => this.requestId)
    this.#announcer = new AnnouncerController(this, this.source.clock)
    this.#copies = new CopyController(this, this.source.clock, this.#announcer)
    this.#cancel = new SecondPress(this, this.source.clock, this.#announcer)
    this.#dispatchAgain = new DispatchAgain(this, this.source, this.#announcer)
    this.#values = new ValueController(this)
    this.#seconds = new SecondsController(this, this.source.clock, () => this.#job.job !== undefined)
    this.#log = new FollowEnd(this, () => this.shadowRoot?.querySelector('.log'))
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('requestId') && changed.get('requestId') !== undefined) {
      this.#values.reset()
      this.#dispatchAgain.reset()
      this.#log.reset()
      this.#copies.reset()
    }
  }

  protected override updated(): void {
    const { job } = this.#job
    const word = job === undefined ? '' : lookOfJob(job).word
    const told = `${this.requestId} ${word}`
    if (job !== undefined && this.#told.startsWith(`${this.requestId} `) && told !== this.#told) {
      this.#announcer.say('state', `${job.task}: ${word}.`)
    }
    this.#told = told
  }

  #again(job: JobState): void {
    const requestId = this.#dispatchAgain.dispatch(job.request_id)
    if (requestId === undefined) return
    this.#announcer.say('action', 'Dispatched again.')
    const event = new DroverSelectEvent('job', requestId)
    this.dispatchEvent(event)
  }

  #edit(job: JobState): void {
    const event = new DroverEditEvent(job)
    this.dispatchEvent(event)
  }

  protected override render(): TemplateResult {
    const { job } = this.#job
    return html`${job === undefined ? this.#empty() : this.#whole(job)}${this.#announcer.render()}`
  }

  #empty(): TemplateResult {
    if (!this.requestId)
      return emptiness({ icon: 'info', title: 'No job chosen', text: 'Choose one, to see its outcome, input and log.' })
    return (
      withoutMaster(this.source, 'The job shows here once there is a connection.') ??
      html`<div class="head"><div class="actions"><slot name="actions"></slot></div></div>${emptiness({
        icon: 'search',
        title: 'This job is not known here',
        text: html`<code>${this.requestId.slice(0, 100)}</code> was dispatched in another tab or browser, or is so old that it was let go of.`,
      })}`
    )
  }

  #whole(job: JobState): TemplateResult {
    return html`<article class="job" part="frame" aria-label=${`Job ${job.task}`}>
      ${this.#header(job)}
      ${this.#dispatchAgain.render()}${this.#copies.failure()}
      ${this.#tabs(job)}
    </article>`
  }

  #header(job: JobState): TemplateResult {
    const isOpen = job.phase.at !== 'ended'
    const word = cancelWord(this.#cancel, job)
    return html`<header part="header">
      <div class="head">
        <h2 class="title" part="title"><bdi>${job.task}</bdi></h2>${lock(job)}${badge(lookOfJob(job))}
        <div class="actions">
          <slot name="actions"></slot>
          ${
            isOpen
              ? html`<button class=${word === 'Cancel' ? 'button danger' : 'button sure'} part="button cancel" type="button"
                aria-disabled=${canCancel(job) ? 'false' : 'true'} @focusout=${this.#cancel.drop} @keydown=${this.#cancel.onKey}
                @click=${(event: MouseEvent) => pressCancel(this.#cancel, job, this.source.master, event)}>${icon('stop')} ${word}</button>`
              : nothing
          }
          ${
            this.canEdit && job.unopened === undefined
              ? html`<button class="button" part="button edit" type="button" @click=${() => this.#edit(job)}>${icon('edit')} Edit and dispatch</button>`
              : nothing
          }
          <button class="button" part="button again" type="button" @click=${() => this.#again(job)}>${icon('again')} Dispatch again</button>
        </div>
      </div>
      ${progressBar(job)}
      ${this.#facts(job)}
    </header>`
  }

  #facts(job: JobState): TemplateResult {
    const now = this.#seconds.now
    return html`<dl class="facts" part="facts">
      <div class="id-fact"><dt>Id</dt><dd><code class="id" part="id" dir="ltr">${job.request_id}</code><button class="button quiet icon" part="button copy"
        type="button" aria-label="Copy the id" title="Copy the id" @click=${() => this.#copies.copy(job.request_id, 'Id')}>${this.#copies.face('Id')}</button></dd></div>
      <div><dt>Dispatched</dt><dd class="numbers">${timeAgo(job.created_at, now)}</dd></div>
      ${factsOf(job, now).map(([term, said, meaning = '']) => html`<div><dt title=${meaning}>${term}</dt><dd class="numbers"><bdi>${said}</bdi></dd></div>`)}
    </dl>`
  }

  #views(job: JobState): readonly { name: JobView; word: string; count?: number }[] {
    const lines = logLines(job).length
    const parts = partials(job).length
    return [
      { name: 'outcome', word: 'Outcome' },
      ...(job.mode === 'topic' ? [{ name: 'workers' as const, word: 'Workers', count: job.workers.length }] : []),
      ...(parts === 0 ? [] : [{ name: 'parts' as const, word: 'Parts', count: parts }]),
      { name: 'input', word: 'Input' },
      { name: 'log', word: 'Log', count: lines },
      { name: 'replies', word: 'Replies', count: job.replies.length },
    ]
  }

  #tabs(job: JobState): TemplateResult {
    const views = this.#views(job)
    const chosen = views.find(({ name }) => name === this.show)?.name ?? viewAtFirst(job)
    return html`<div class="tabs" part="tabs" role="tablist" aria-label="Job" @keydown=${this.#onTabKey}>${views.map(
      ({
        name,
        word,
        count,
      }) => html`<button class="tab" part="tab" type="button" role="tab" id=${`tab-${name}`} data-view=${name}
        aria-selected=${name === chosen ? 'true' : 'false'} aria-controls="panel" tabindex=${name === chosen ? '0' : '-1'} @click=${() => {
          this.show = name
        }}>${word}${count === undefined || count === 0 ? nothing : html`<span class="count numbers">${number(count)}</span>`}</button>`,
    )}</div>
    <div class="panel" part="panel" id="panel" role="tabpanel" tabindex="-1" aria-labelledby=${`tab-${chosen}`}>${this.#panel(chosen, job)}</div>`
  }

  #panel(view: JobView, job: JobState): TemplateResult {
    const context: ViewContext = { values: this.#values, copying: this.#copies, now: this.#seconds.now }
    switch (view) {
      case 'outcome':
        return outcomeTab(job, context)
      case 'workers':
        return workersTab(job, context)
      case 'parts':
        return partsTab(job, context)
      case 'input':
        if (job.unopened !== undefined) return closedNote('Its input is')
        return this.#values.render(job.input, { label: 'Input', copying: this.#copies })
      case 'log':
        return logTab(job, context)
      case 'replies':
        return repliesTab(job, context)
    }
  }

  readonly #onTabKey = (event: KeyboardEvent): void => {
    const tabs = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>('[role="tab"]')]
    const at = tabs.indexOf(event.target as HTMLElement)
    const step = this.matches(':dir(rtl)') ? -1 : 1
    const to = { ArrowRight: at + step, ArrowLeft: at - step, Home: 0, End: tabs.length - 1 }[event.key]
    if (at === -1 || to === undefined) return
    event.preventDefault()
    const next = tabs.at(to % tabs.length)
    this.show = next?.dataset.view as JobView
    next?.focus()
  }
}

/** A person looks first for the result, which a job that is done may have given in parts. */
function viewAtFirst(job: JobState): JobView {
  const status = shownStatusOf(job)
  if ((status === 'result' || status === 'answered') && partials(job).length > 0) return 'parts'
  return job.mode === 'topic' ? 'workers' : 'outcome'
}

declare global {
  interface HTMLElementTagNameMap {
    'drover-job': DroverJob
  }
}
