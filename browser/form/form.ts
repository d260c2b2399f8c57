/** `<drover-form>`: dispatches jobs of a task from fields made of its JSON Schema. */
import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit'
import type { Grants } from '../../shared/contract/mod.ts'
import type { BroadcastOptions, TaskInfo } from '../../shared/master/mod.ts'
import { JobController } from '../controllers/job.ts'
import { WorkersController } from '../controllers/workers.ts'
import { DroverElement } from '../element.ts'
import { DroverDispatchEvent, DroverDispatchedEvent, DroverSelectEvent } from '../events.ts'
import { icon, look, shortId, type Tone } from '../look/mod.ts'
import { Entry } from './entry.ts'
import { renderRoot } from './fields/field.ts'
import type { FormPort } from './fields/place.ts'
import { jsonView } from './json-view.ts'
import { recipients } from './recipients.ts'
import { type FieldIssue, type Json, sameJson } from './schema/mod.ts'
import { rejectionsOf, sentWords } from './sent.ts'
import { allowedModes, judge, type Mode, type Verdict } from './standing.ts'
import { styles } from './styles.ts'
import { taskChoice } from './task-choice.ts'

/** A job that was dispatched from here. */
interface Sent {
  readonly task: string
  readonly requestId: string
  readonly mode: Mode
}

/**
 * A form for one task, made from the JSON Schema that its workers announce, or from one that is given. Without `task` it
 * offers those that are announced. What a worker rejects shows at its field.
 *
 * @tag drover-form
 * @attr {string} for - id of a `<drover-master>` elsewhere in the page
 * @prop {Master} master - a headless master; wins over `for` and over the `<drover-master>` around
 * @prop {unknown} value - the input as it stands, JSON; `undefined` while what is written is no JSON. May be set
 * @fires drover-dispatch - a person is about to dispatch; `preventDefault()` keeps it from being dispatched
 * @fires drover-dispatched - it has been dispatched
 * @fires drover-select - a person wants to see the job
 * @slot heading - above everything; default: the task's name
 * @slot actions - beside the button that dispatches
 * @csspart form - everything
 * @csspart task - the task's name, or the choice of one
 * @csspart view - the buttons that choose between fields and JSON
 * @csspart field - a label with its input
 * @csspart label - of one input
 * @csspart legend - of a group
 * @csspart description - what the schema says of a field
 * @csspart input - an input, select, checkbox, radio or textarea
 * @csspart error - what is wrong at a field
 * @csspart fieldset - a group: an object, a list, a choice of shapes
 * @csspart list - a list
 * @csspart item - one of a list
 * @csspart details - folded fields
 * @csspart summary - what unfolds them
 * @csspart json - the JSON view, and fields written as JSON
 * @csspart recipients - one worker or all
 * @csspart answers - how many would answer
 * @csspart note - why it cannot be dispatched, or what will happen
 * @csspart button - any button
 * @csspart add - adds an item, or something optional
 * @csspart remove - takes it away
 * @csspart up - moves an item up
 * @csspart down - moves an item down
 * @csspart submit - dispatches
 * @csspart reset - begins anew
 * @csspart status - what became of the last one
 * @cssproperty --drover-accent - of the button that dispatches, and of what is chosen
 * @cssproperty --drover-form-width - how wide the form grows at most; default 46rem
 */
export class DroverForm extends DroverElement {
  static override properties: PropertyDeclarations = {
    task: { type: String },
    schema: { attribute: false },
    mode: { type: String },
    view: { type: String },
    timeoutMs: { type: Number, attribute: 'timeout-ms' },
    submitLabel: { type: String, attribute: 'submit-label' },
  }
  static override styles = [look, styles]
  static override shadowRootOptions: ShadowRootInit = { mode: 'open', delegatesFocus: true }

  /** Name of the task. Without one, a person chooses. */
  declare task: string | undefined
  /** JSON Schema of the input; wins over the announced one. */
  declare schema: unknown
  /** `queue`: to one worker; `topic`: to every worker. Default `queue`. */
  declare mode: Mode
  /** Default `fields`. */
  declare view: 'fields' | 'json'
  /** From dispatching to the outcome, in ms. Default: 1 h to one worker, 60 s to all. */
  declare timeoutMs: number | undefined
  /** Default `Dispatch`. */
  declare submitLabel: string | undefined

  #chosen: string | undefined
  readonly #workers: WorkersController = new WorkersController(this, this.source, () => this.task)
  #sent: Sent | undefined
  readonly #job: JobController = new JobController(this, this.source, () => this.#sent?.requestId)
  #entry: Entry | undefined
  #entryOf: { readonly task: string | undefined; readonly schema: unknown } | undefined
  /** A value that a host has set. */
  #given: { readonly value: Json | undefined } | undefined
  /** What a person has entered for other tasks. */
  readonly #kept = new Map<string, Json>()
  #grants: Grants | undefined
  #failure: string | undefined
  #said = ''
  #rejections: readonly FieldIssue[] = []
  /** What is to be focused once it is rendered. */
  #focus: { readonly id: string } | 'issue' | undefined

  constructor() {
    super()
    this.mode = 'queue'
    this.view = 'fields'
  }

  get value(): unknown {
    return this.#entry === undefined ? this.#given?.value : this.#entry.value
  }

  set value(value: unknown) {
    this.#given = { value: value as Json | undefined }
    if (this.#entry !== undefined) this.#entry.value = value as Json | undefined
    this.requestUpdate()
  }

  /** Begins anew: defaults, or the value that was set. */
  reset(): void {
    this.#sent = undefined
    this.#failure = undefined
    if (this.#entry !== undefined) this.#entry.value = this.#given?.value
    this.requestUpdate()
  }

  protected override update(changed: PropertyValues<this>): void {
    const { session } = this.source
    if (session !== undefined) this.#grants = session.grants
    this.#readSchema()
    if (this.#entry !== undefined && changed.has('view')) this.#showView(this.#entry)
    this.#readRejections()
    super.update(changed)
  }

  protected override updated(): void {
    const focus = this.#focus
    this.#focus = undefined
    if (focus === 'issue') this.#focusIssue()
    else if (focus !== undefined) focusInto(this.#root.getElementById(focus.id))
  }

  get #root(): ShadowRoot {
    return this.renderRoot as ShadowRoot
  }

  get #task(): string | undefined {
    return this.task || this.#chosen
  }

  get #info(): TaskInfo | undefined {
    return this.#task === undefined ? undefined : this.#workers.taskInfo(this.#task)
  }

  /** What was asked for, as far as it is granted. */
  get #mode(): Mode {
    const wanted = this.mode === 'topic' ? 'topic' : 'queue'
    const modes = this.#task === undefined ? [] : allowedModes(this.#task, this.#grants)
    return modes.length === 1 ? modes[0]! : wanted
  }

  get #verdict(): Verdict {
    const { connection } = this.source
    return judge({ task: this.#task, mode: this.#mode, info: this.#info, connection, grants: this.#grants })
  }

  /** While workers may still say what the task takes, there is nothing to show yet. */
  get #isPending(): boolean {
    const { connection } = this.source
    if (this.schema != null || this.#info?.known === true) return false
    if (connection === undefined || (connection.at !== 'open' && connection.at !== 'connecting')) return false
    return allowedModes(this.#task ?? '', this.#grants).length > 0
  }

  #readSchema(): void {
    const task = this.#task
    const schema = this.schema ?? this.#info?.input_schema
    const before = this.#entryOf
    const entry = this.#entry
    if (task === undefined || (schema === undefined && entry === undefined && this.#isPending)) {
      if (before?.task !== task) this.#forget()
      return
    }
    const isSameTask = before !== undefined && before.task === task
    // Away, nobody announces anything: what was known stays.
    if (isSameTask && (schema === before.schema || schema === undefined)) return
    // Workers announce again and again what they announced before.
    if (isSameTask && entry !== undefined && sameJson(schema as Json, before.schema as Json)) {
      this.#entryOf = { task, schema }
      return
    }
    if (!isSameTask) this.#forget()
    this.#entryOf = { task, schema }
    const isTouched = entry !== undefined && isSameTask && entry.isEdited
    const value = isTouched ? entry.value : (this.#kept.get(task) ?? this.#given?.value)
    this.#entry = new Entry(schema, value)
    if (isTouched && entry.isJson) {
      this.view = 'json'
      this.#entry.showJson()
      this.#entry.editText(entry.text)
    } else if (isTouched) this.#entry.edit(draft => draft, [])
    this.#showView(this.#entry)
  }

  #forget(): void {
    const task = this.#entryOf?.task
    const value = this.#entry?.isEdited === true ? this.#entry.value : undefined
    if (task !== undefined && value !== undefined) this.#kept.set(task, value)
    this.#entry = undefined
    this.#entryOf = undefined
    this.#sent = undefined
    this.#failure = undefined
  }

  #showView(entry: Entry): void {
    if (this.view === 'json') entry.showJson()
    else if (entry.isJson && entry.field !== undefined && !entry.showFields()) this.view = 'json'
  }

  /** Shows what workers reject at its fields, once. */
  #readRejections(): void {
    const found = rejectionsOf(this.#job.job)
    if (found.length === this.#rejections.length) return
    const isFirst = this.#rejections.length === 0
    this.#rejections = found
    if (found.length === 0) return
    this.#entry?.say(found)
    // Whoever has gone on to something else is not called back.
    const { activeElement } = this.ownerDocument
    if (isFirst && (activeElement === null || activeElement === this.ownerDocument.body || this.#hasFocus)) {
      this.#focus = 'issue'
    }
  }

  get #hasFocus(): boolean {
    return this.#root.activeElement !== null
  }

  readonly #port: FormPort = {
    issuesAt: path => this.#entry?.issuesAt(path) ?? [],
    say: text => {
      this.#said = text
      this.requestUpdate()
    },
    focus: id => {
      this.#focus = { id }
      this.requestUpdate()
    },
  }

  get #controls(): readonly HTMLInputElement[] {
    return [...this.#root.querySelectorAll<HTMLInputElement>('[data-path]')]
  }

  #nativeIssues(): FieldIssue[] {
    const issues = new Map<string, string>()
    for (const { dataset, validity, validationMessage } of this.#controls) {
      if (validity?.valid === false && !issues.has(dataset.path!)) issues.set(dataset.path!, validationMessage)
    }
    return [...issues].map(([path, message]) => ({ path, message }))
  }

  /** Once a person leaves an input that they changed. */
  readonly #onChange = ({ target }: Event): void => {
    const { dataset, validity, validationMessage } = target as HTMLInputElement
    if (dataset.path === undefined || this.#entry === undefined || this.#entry.isJson) return
    this.#entry.checkAt(dataset.path, validity.valid ? undefined : validationMessage)
    this.requestUpdate()
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    this.#root.querySelector('form')?.requestSubmit()
  }

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault()
    const entry = this.#entry
    const task = this.#task
    this.#failure = undefined
    this.#sent = undefined
    this.#rejections = []
    this.requestUpdate()
    if (entry === undefined || task === undefined || !this.#verdict.canDispatch) {
      this.#focus = { id: 'note' }
      return
    }
    if (!entry.check(entry.isJson ? [] : this.#nativeIssues())) {
      this.#focus = 'issue'
      return
    }
    this.#dispatch(task, entry.value)
  }

  #dispatch(task: string, input: unknown): void {
    const { master } = this.source
    const mode = this.#mode
    const options: BroadcastOptions = this.timeoutMs === undefined ? {} : { timeoutMs: this.timeoutMs }
    if (master === undefined || !this.dispatchEvent(new DroverDispatchEvent({ task, input, mode, options }))) return
    try {
      const { request_id: requestId } =
        mode === 'topic' ? master.broadcast(task, input, options) : master.dispatch(task, input, options)
      this.#sent = { task, requestId, mode }
      this.dispatchEvent(new DroverDispatchedEvent(task, requestId))
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error)
    }
    this.requestUpdate()
  }

  #focusIssue(): void {
    const entry = this.#entry
    if (entry?.isJson === true) {
      this.#selectText(entry.textIssues[0])
      return
    }
    const path = entry?.firstPath
    const at = this.#controls.filter(({ dataset }) => dataset.path === path)
    focusInto(at.find(one => one.matches('input, select, textarea, button')) ?? at[0] ?? this.#root.getElementById('issues'))
  }

  #selectText(place: { readonly from: number; readonly to: number } | undefined): void {
    const text = this.#root.querySelector<HTMLTextAreaElement>('#json')
    text?.focus()
    if (place !== undefined) text?.setSelectionRange(place.from, place.to)
  }

  protected override render(): TemplateResult {
    const entry = this.#entry
    return html`<form part="form" novalidate @submit=${this.#onSubmit} @change=${this.#onChange} @keydown=${this.#onKey}>
      <slot name="heading"></slot>
      <div class="top">
        ${this.#renderTask()}
        ${entry?.field === undefined ? nothing : this.#renderViews(entry)}
      </div>
      ${entry?.field?.description === undefined ? nothing : html`<p class="about" part="description">${entry.field.description}</p>`}
      ${entry === undefined ? this.#renderNothing() : this.#renderEntry(entry)}
      ${this.#renderFoot()}
      <p class="visually-hidden" role="status">${this.#said}</p>
    </form>`
  }

  #renderTask(): TemplateResult {
    if (this.task) return html`<p class="task mono" part="task">${this.task}</p>`
    const { tasks } = this.#workers
    return taskChoice({
      tasks: tasks.filter(({ task }) => allowedModes(task, this.#grants).length > 0),
      chosen: this.#chosen,
      isOpen: this.source.connection?.at === 'open',
      onChoose: task => {
        this.#chosen = task
        this.requestUpdate()
      },
    })
  }

  #renderViews(entry: Entry): TemplateResult {
    const show = (view: 'fields' | 'json') => () => {
      this.view = view
      // Left as it is: the first thing to do is to mend it.
      if (view === 'fields' && entry.isJson && !entry.showFields()) {
        this.view = 'json'
        this.#port.say('This is not JSON yet.')
        this.#focus = 'issue'
      }
      this.requestUpdate()
    }
    const button = (view: 'fields' | 'json', label: string) => html`<button type="button" class="button quiet" part="button view"
      aria-pressed=${entry.isJson === (view === 'json') ? 'true' : 'false'} @click=${show(view)}>${label}</button>`
    return html`<div class="views" role="group" aria-label="View">${button('fields', 'Fields')}${button('json', 'JSON')}</div>`
  }

  #renderNothing(): TemplateResult | typeof nothing {
    if (this.#task === undefined || !this.#isPending) return nothing
    return html`<p class="about" role="status">Looking for workers that say what this task takes…</p>`
  }

  #renderEntry(entry: Entry): TemplateResult {
    const renew = (): void => this.requestUpdate()
    const whole = entry.isJson ? [] : entry.issuesAt([])
    const body = entry.isJson
      ? jsonView({
          text: entry.text,
          issues: entry.textIssues,
          label: `Input of ${this.#task}, as JSON`,
          onInput: text => {
            entry.editText(text)
            renew()
          },
          onSelect: issue => this.#selectText(issue),
        })
      : renderRoot(entry.field!, entry.draft!, {
          path: [],
          form: this.#port,
          change: (update, at = []) => {
            entry.edit(update, at)
            renew()
          },
        })
    return html`${entry.problem === undefined ? nothing : note('note', 'neutral', entry.problem)}
      ${body}
      ${
        whole.length > 0 && entry.field?.kind === 'object'
          ? html`<div id="issues" tabindex="-1">${note('error', 'danger', whole.join(' '))}</div>`
          : nothing
      }`
  }

  #renderFoot(): TemplateResult {
    const { canDispatch, tone, text } = this.#verdict
    const task = this.#task
    return html`
      ${
        task === undefined
          ? nothing
          : recipients({
              mode: this.#mode,
              modes: allowedModes(task, this.#grants),
              info: this.#info,
              connection: this.source.connection,
              onChoose: mode => {
                this.mode = mode
              },
            })
      }
      <div id="note" tabindex="-1" role="status">${text === undefined ? nothing : note('note', tone, text)}</div>
      <div class="actions">
        <button type="submit" class="button primary" part="button submit" aria-describedby="note"
          aria-disabled=${canDispatch && this.#entry !== undefined ? 'false' : 'true'}>${icon('send')} ${this.submitLabel || 'Dispatch'}</button>
        ${
          this.#entry?.isEdited === true
            ? html`<button type="button" class="button quiet" part="button reset" @click=${this.reset}>Start over</button>`
            : nothing
        }
        <slot name="actions"></slot>
      </div>
      <div class="status" part="status" role="status">${this.#renderSent()}</div>`
  }

  #renderSent(): TemplateResult | typeof nothing {
    if (this.#failure !== undefined) return note('error', 'danger', this.#failure)
    const sent = this.#sent
    if (sent === undefined) return nothing
    const { tone, text } = sentWords(this.#job.job, sent.mode)
    const onClick = () => this.dispatchEvent(new DroverSelectEvent('job', sent.requestId))
    return note(
      'note',
      tone,
      html`${text} <button type="button" class="link" part="button" @click=${onClick}>Job <span class="mono">${shortId(sent.requestId)}</span></button>`,
    )
  }
}

const toneIcons = { neutral: 'info', info: 'outbox', success: 'done', warning: 'warning', danger: 'failed' } as const

const note = (part: string, tone: Tone, text: unknown): TemplateResult =>
  html`<div class="note" part=${part} data-tone=${tone}>${icon(toneIcons[tone])}<span>${text}</span></div>`

/** A group is entered by its first input; what is folded is opened. */
function focusInto(element: HTMLElement | null | undefined): void {
  if (!element) return
  for (let at: Element | null = element; at !== null; at = at.parentElement) {
    if (at instanceof HTMLDetailsElement) at.open = true
  }
  const inner = element.matches('fieldset') ? element.querySelector<HTMLElement>('input, select, textarea, .add') : null
  ;(inner ?? element).focus()
}

declare global {
  interface HTMLElementTagNameMap {
    'drover-form': DroverForm
  }
}
