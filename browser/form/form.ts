/** `<drover-form>`: dispatches jobs of a task from fields made of its JSON Schema. */
import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit'
import type { Grants } from '../../shared/contract/mod.ts'
import type { TaskInfo } from '../../shared/master/mod.ts'
import { AnnouncerController } from '../controllers/announcer.ts'
import { WorkersController } from '../controllers/workers.ts'
import { DroverElement } from '../element.ts'
import { icon, look } from '../look/mod.ts'
import { controlAt, focusInto, nativeIssues, selectText } from './controls.ts'
import type { Entry } from './entry.ts'
import { renderRoot } from './fields/field.ts'
import type { FormPort } from './fields/place.ts'
import { jsonView } from './json-view.ts'
import { note } from './note.ts'
import { recipients } from './recipients.ts'
import type { Json } from './schema/mod.ts'
import { SentJob } from './sent-job.ts'
import { allowedModes, judge, type Mode, type Verdict } from './standing.ts'
import { styles } from './styles.ts'
import { taskChoice } from './task-choice.ts'
import { TaskEntry } from './task-entry.ts'

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
 * @csspart announcement - what is only read out
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
  readonly #sent: SentJob = new SentJob(this, this.source)
  readonly #tasks = new TaskEntry()
  readonly #announcer = new AnnouncerController(this)
  #grants: Grants | undefined
  /** While a pointer is pressed. */
  #press: Promise<void> | undefined
  /** What is to be focused once it is rendered. */
  #focus: { readonly id: string } | 'issue' | undefined

  constructor() {
    super()
    this.mode = 'queue'
    this.view = 'fields'
  }

  get value(): unknown {
    return this.#tasks.value
  }

  set value(value: unknown) {
    this.#tasks.value = value as Json | undefined
    this.requestUpdate()
  }

  /** Begins anew: with the value that was set, else with defaults. */
  reset(): void {
    this.#sent.forget()
    this.#tasks.reset()
  }

  /** Focuses the first input. */
  override focus(): void {
    focusInto(this.#root.querySelector<HTMLElement>('input, select, textarea'))
  }

  get #entry(): Entry | undefined {
    return this.#tasks.entry
  }

  protected override update(changed: PropertyValues<this>): void {
    const { session } = this.source
    if (session !== undefined) this.#grants = session.grants
    this.#followTask(changed.has('view'))
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
    if (this.source.isComing) return { canDispatch: false, tone: 'neutral' }
    return judge({ task: this.#task, mode: this.#mode, info: this.#info, connection, grants: this.#grants })
  }

  /** While workers may still say what the task takes, there is nothing to show yet. */
  get #isPending(): boolean {
    const { connection } = this.source
    if (this.schema != null || this.#info?.known === true) return false
    if (connection === undefined) return this.source.isComing
    if (connection.at !== 'open' && connection.at !== 'connecting') return false
    return allowedModes(this.#task ?? '', this.#grants).length > 0
  }

  /** Runs before each render: another task, or another schema, may be what is to be shown. */
  #followTask(isViewChanged: boolean): void {
    const schema = this.schema ?? this.#info?.input_schema
    const became = this.#tasks.follow({ task: this.#task, schema, isPending: this.#isPending })
    if (became === 'other') this.#sent.forget()
    const entry = this.#entry
    if (entry === undefined || (became === 'same' && !isViewChanged)) return
    // Whoever is writing JSON goes on with it.
    const isWriting = became === 'renewed' && entry.isJson && entry.isEdited
    if (isWriting && entry.field !== undefined) this.view = 'json'
    else if (this.view === 'json') entry.showJson()
    else if (entry.field !== undefined && !entry.showFields()) this.view = 'json'
  }

  /** Shows what workers reject at its fields, once. */
  #readRejections(): void {
    const rejections = this.#sent.newRejections()
    if (rejections === undefined) return
    this.#entry?.say(rejections.issues)
    // Whoever has gone on to something else is not called back.
    const { activeElement, body } = this.ownerDocument
    if (rejections.isFirst && (activeElement === null || activeElement === body || this.#hasFocus))
      this.#focus = 'issue'
  }

  get #hasFocus(): boolean {
    return this.#root.activeElement !== null
  }

  readonly #port: FormPort = {
    issuesAt: path => this.#entry?.issuesAt(path) ?? [],
    say: text => this.#announcer.say('list', text),
    focus: id => {
      this.#focus = { id }
      this.requestUpdate()
    },
  }

  /**
   * Once a person leaves an input that they changed. Not between press and click: what is said would move the button from
   * under the pointer.
   */
  readonly #onChange = ({ target }: Event): void => {
    const control = target as HTMLInputElement
    // Never at once: an input that is taken away while it is rendered says that it has changed, too.
    void (this.#press ?? Promise.resolve()).then(() => this.#checkControl(control))
  }

  #checkControl({ dataset, validity, validationMessage, isConnected }: HTMLInputElement): void {
    if (dataset.path === undefined || !isConnected || this.#entry === undefined || this.#entry.isJson) return
    this.#entry.checkAt(dataset.path, validity.valid ? undefined : validationMessage)
    this.requestUpdate()
  }

  readonly #onPress = (): void => {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#press = promise
    const done = new AbortController()
    const onEnd = (): void => {
      done.abort()
      this.#press = undefined
      setTimeout(resolve) // the click comes first
    }
    for (const type of ['pointerup', 'pointercancel']) {
      this.ownerDocument.addEventListener(type, onEnd, { capture: true, signal: done.signal })
    }
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
    this.#sent.forget()
    if (entry === undefined || task === undefined || !this.#verdict.canDispatch) {
      this.#focus = { id: 'note' }
      return
    }
    if (!entry.check(entry.isJson ? [] : nativeIssues(this.#root))) {
      this.#focus = 'issue'
      return
    }
    const options = this.timeoutMs === undefined ? {} : { timeoutMs: this.timeoutMs }
    this.#sent.dispatch({ task, input: entry.value, mode: this.#mode, options })
  }

  #focusIssue(): void {
    const entry = this.#entry
    if (entry?.isJson === true) {
      selectText(this.#root, entry.textIssues[0])
      return
    }
    focusInto(controlAt(this.#root, entry?.firstPath ?? '') ?? this.#root.getElementById('issues'))
  }

  protected override render(): TemplateResult {
    const entry = this.#entry
    return html`<form part="form" novalidate @submit=${this.#onSubmit} @change=${this.#onChange}
      @keydown=${this.#onKey} @pointerdown=${this.#onPress}>
      <slot name="heading"></slot>
      <div class="top">
        ${this.#renderTask()}
        ${entry?.field === undefined ? nothing : this.#renderViews(entry)}
      </div>
      ${entry?.field?.description === undefined ? nothing : html`<p class="about" part="description">${entry.field.description}</p>`}
      ${entry === undefined ? this.#renderNothing() : this.#renderEntry(entry)}
      ${this.#renderFoot()}
      ${this.#announcer.render()}
    </form>`
  }

  #renderTask(): TemplateResult {
    if (this.task) return html`<p class="task mono" part="task">${this.task}</p>`
    const { tasks } = this.#workers
    return taskChoice({
      tasks: tasks.filter(({ task }) => allowedModes(task, this.#grants).length > 0),
      chosen: this.#chosen,
      isOpen: this.source.connection?.at === 'open',
      isLooking: this.#workers.isLooking,
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
        this.#announcer.say('view', 'This is not JSON yet.')
        this.#focus = 'issue'
      }
      this.requestUpdate()
    }
    const button = (
      view: 'fields' | 'json',
      label: string,
    ) => html`<button type="button" class="button quiet" part="button view"
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
          onSelect: issue => selectText(this.#root, issue),
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
      <div class="status" part="status" role="status">${this.#sent.render()}</div>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'drover-form': DroverForm
  }
}
