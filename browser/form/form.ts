/** `<drover-form>`: dispatches jobs of a task from fields made of its JSON Schema. */
import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit'
import type { Grants } from '../../shared/contract/mod.ts'
import { AnnouncerController } from '../controllers/announcer.ts'
import { WorkersController } from '../controllers/workers.ts'
import { DroverElement } from '../element.ts'
import type { EditDetail } from '../events.ts'
import { hostNumber } from '../host-number.ts'
import { look } from '../look/mod.ts'
import { Repeats } from '../repeats.ts'
import { formActions } from './actions.ts'
import type { Entry } from './entry.ts'
import { entryView } from './entry-view.ts'
import type { FormPort } from './fields/field-context.ts'
import { FormFocus } from './focus.ts'
import { formHead } from './head.ts'
import { focusInto, isSubmit, nativeIssues, selectText } from './native-inputs.ts'
import { Press } from './press.ts'
import { recipients } from './recipients.ts'
import { type Json, sameJson } from './schema/mod.ts'
import { optionsOf, SentJob } from './sent-job.ts'
import { allowedModes, factsOfMaster, type Mode, type Standing, standingOf } from './standing.ts'
import { note } from './status-note.ts'
import { styles } from './styles.ts'
import { taskChoice } from './task-choice.ts'
import { TaskEntry } from './task-entry.ts'
import { jsonOffer, type View } from './view-choice.ts'

/**
 * A form for one task, made from the JSON Schema that its workers announce, or from one that is given. Without `task` it
 * offers those that are announced. A rejection by a worker shows at its field. A text of more than 1000 characters, or with a
 * `contentMediaType` of text, has several lines. A field that the schema marks as secret (`format: password`, `writeOnly`,
 * `x-secret`, `x-sensitive`) is typed unseen. Of the job it is held in memory until the broker has it, and neither shown nor
 * stored: a job that has not left when the page is closed or reloaded ends, and to dispatch one again asks for its secret.
 *
 * @tag drover-form
 * @attr {string} for - id of a `<drover-master>` elsewhere in the page
 * @prop {Master} master - a headless master; wins over `for` and over the `<drover-master>` around
 * @prop {unknown} value - the input as it stands, JSON; `undefined` while the written text is no JSON. May be set
 * @fires drover-dispatch - a person is about to dispatch; `preventDefault()` keeps it from being dispatched
 * @fires drover-dispatched - it has been dispatched
 * @fires drover-select - a person wants to see the job
 * @slot heading - above everything; default: the name of the task that it is for
 * @slot actions - beside the button that dispatches
 * @csspart form - everything
 * @csspart task - the task's name, or the choice of one
 * @csspart views - around the buttons that choose between fields and JSON
 * @csspart view - one of them
 * @csspart field - a label with its input
 * @csspart label - of one input
 * @csspart legend - of a group
 * @csspart description - the schema's description of a field
 * @csspart input - an input, select, checkbox, radio or textarea
 * @csspart error - the fault of a field
 * @csspart fieldset - a group: an object, a list, a choice of shapes
 * @csspart list - a list
 * @csspart item - one of a list
 * @csspart details - folded fields
 * @csspart summary - unfolds them
 * @csspart wrong - how many errors are in folded fields
 * @csspart json - the JSON view, and fields written as JSON
 * @csspart recipients - one worker or all; a choice where there is one
 * @csspart answers - how many would answer
 * @csspart seal - to whom it seals, or why it cannot yet
 * @csspart note - why it cannot be dispatched, or how a dispatched job will go on
 * @csspart button - any button
 * @csspart add - adds an item, or something optional
 * @csspart remove - takes it away
 * @csspart up - moves an item up
 * @csspart down - moves an item down
 * @csspart actions - around the buttons at its end
 * @csspart submit - dispatches
 * @csspart reset - begins anew
 * @csspart status - how the last one stands
 * @csspart announcement - text that is only read out
 * @cssproperty --drover-accent - of the button that dispatches, and of chosen options
 * @cssproperty --drover-form-width - how wide the form grows at most; default 46rem
 */
export class DroverForm extends DroverElement {
  static override properties: PropertyDeclarations = {
    task: { type: String },
    schema: { attribute: false },
    mode: { type: String },
    view: { type: String },
    timeoutMs: { type: Number, attribute: 'timeout-ms', converter: hostNumber },
    submitLabel: { type: String, attribute: 'submit-label' },
    value: { attribute: false, noAccessor: true }, // so that one from before the upgrade is taken over
  }
  static override styles = [look, styles]

  /** Name of the task. Without one, a person chooses. */
  declare task: string | undefined
  /** JSON Schema of the input; wins over the announced one. */
  declare schema: unknown
  /** `queue` goes to one worker, `topic` to every worker. Default `queue`. */
  declare mode: Mode
  /** Default `fields`. */
  declare view: View
  /** From dispatching to the outcome, in ms. Default: 1 h to one worker, 60 s to all. */
  declare timeoutMs: number | undefined
  /** Default `Dispatch`. */
  declare submitLabel: string | undefined

  #chosen: string | undefined
  readonly #workers: WorkersController = new WorkersController(this, this.source, () => this.task)
  readonly #sent: SentJob = new SentJob(this, this.source)
  readonly #tasks = new TaskEntry()
  readonly #repeats = new Repeats<Json>(this.source.clock, sameJson)
  readonly #press = new Press(this.source.clock)
  readonly #focus = new FormFocus(this, () => this.#entry)
  readonly #announcer = new AnnouncerController(this, this.source.clock)
  #grants: Grants | undefined
  #standing!: Standing

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

  /**
   * Begins with a job's task, input and mode, to be changed and dispatched, and focuses the first input, or the first that
   * is wrong. Answers a `drover-edit` event.
   * @returns whether it does: a form for one task takes no other's
   */
  edit({ task, input, mode }: EditDetail): boolean {
    if (this.task && this.task !== task) return false
    this.#chosen = task
    this.mode = mode
    this.value = input
    this.#sent.forget()
    this.#focus.awaitFields(true)
    return true
  }

  /** Focuses the first input, also of a task or a value that was set just now. */
  override focus(): void {
    if (this.isUpdatePending || (this.#task !== undefined && this.#entry === undefined)) this.#focus.awaitFields(false)
    else this.#focus.first()
  }

  get #entry(): Entry | undefined {
    return this.#tasks.entry
  }

  get #root(): ShadowRoot {
    return this.renderRoot as ShadowRoot
  }

  get #task(): string | undefined {
    return this.task || this.#chosen
  }

  protected override update(changed: PropertyValues<this>): void {
    const { session, master } = this.source
    if (session !== undefined) this.#grants = session.grants
    const task = this.#task
    const info = task === undefined ? undefined : this.#workers.taskInfo(task)
    const schema = this.schema ?? info?.input_schema
    this.#standing = standingOf({
      task,
      wanted: this.mode,
      info,
      ...factsOfMaster(this.source),
      grants: this.#grants,
      isFilled: schema !== undefined || this.#tasks.of(task) !== undefined,
      takesJson: this.view === 'json' || this.#tasks.isGiven,
    })
    // A session that hears of every task is not told when all workers of one have spoken.
    if (task !== undefined && session !== undefined && this.#standing.modes.length > 0) master?.watch(task)
    this.#followTask(schema, changed.has('view'))
    this.#readRejections()
    if (this.#entry !== undefined || task === undefined) this.#focus.enterFields()
    super.update(changed)
  }

  protected override updated(): void {
    this.#focus.rendered()
  }

  /** Another task, or another schema, may be due. */
  #followTask(schema: unknown, isViewChanged: boolean): void {
    const became = this.#tasks.follow({ task: this.#task, schema, isPending: this.#standing.isPending })
    if (became === 'other') this.#sent.forget()
    if (became !== 'same' || isViewChanged) this.view = this.#tasks.show(this.view, became === 'renewed')
  }

  /** Shows the rejections of workers at their fields, once. */
  #readRejections(): void {
    const rejections = this.#sent.newRejections()
    if (rejections === undefined) return
    this.#entry?.say(rejections.issues)
    if (rejections.isFirst && !this.#focus.isElsewhere) this.#focus.later(this.#focus.issue)
  }

  readonly #port: FormPort = {
    edited: () => this.requestUpdate(),
    say: text => this.#announcer.say('list', text),
    focus: id => this.#focus.later(() => focusInto(this.#root.getElementById(id))),
    select: issue => selectText(this.#root, issue),
  }

  readonly #onChange = (event: Event): void =>
    this.#press.left(event, ({ dataset, validity, validationMessage }) => {
      if (dataset.path === undefined || this.#entry?.isJson !== false) return
      this.#entry.checkAt(dataset.path, validity.valid ? undefined : validationMessage)
      this.requestUpdate()
    })

  readonly #onKey = (event: KeyboardEvent): void => {
    if (isSubmit(event)) this.#root.querySelector('form')?.requestSubmit()
  }

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault()
    const entry = this.#entry
    const task = this.#task
    if (entry === undefined || task === undefined || !this.#standing.canDispatch) {
      this.#sent.forget()
      this.#port.focus('note')
    } else if (!entry.check(entry.isJson ? [] : nativeIssues(this.#root))) {
      this.#sent.forget()
      this.#focus.later(this.#focus.issue)
    } else if (!this.#repeats.isRepeat([task, this.#standing.mode, entry.value ?? null])) {
      this.#sent.dispatch({ task, input: entry.value, mode: this.#standing.mode, options: optionsOf(this) })
    }
  }

  protected override render(): TemplateResult {
    const entry = this.#entry
    const { canDispatch, offersJson, tone, text } = this.#standing
    return html`<form part="form" novalidate @submit=${this.#onSubmit} @change=${this.#onChange}
      @keydown=${this.#onKey} @pointerdown=${this.#press.onPointerDown}>
      ${formHead({ task: this.task, choice: this.#renderChoice, entry, onShow: this.#show })}
      ${entry === undefined ? nothing : entryView(entry, `Input of ${this.#task}, as JSON`, this.#port)}
      ${entry === undefined ? nothing : recipients(this.#standing, this.#onMode)}
      <div id="note" tabindex="-1" role="status">${text === undefined ? nothing : note('note', tone, text)}</div>
      ${entry === undefined && offersJson ? jsonOffer(this.#writeJson) : nothing}
      ${formActions({
        label: this.submitLabel || 'Dispatch',
        isReady: canDispatch && entry !== undefined,
        onReset: entry?.isEdited === true ? this.reset : undefined,
      })}
      <div class="status" part="status" role="status">${this.#sent.render()}</div>
      ${this.#announcer.render()}
    </form>`
  }

  readonly #renderChoice = (): TemplateResult =>
    taskChoice({
      tasks: this.#workers.tasks.filter(({ task }) => allowedModes(task, this.#grants).length > 0),
      chosen: this.#chosen,
      isOpen: this.source.connection?.at === 'open',
      isLooking: this.#workers.isLooking,
      onChoose: task => {
        this.#chosen = task
        this.requestUpdate()
      },
    })

  readonly #onMode = (mode: Mode): void => {
    this.mode = mode
  }

  readonly #writeJson = (): void => {
    this.view = 'json'
    this.#focus.later(() => selectText(this.#root, undefined))
  }

  readonly #show = (view: View): void => {
    this.view = view === 'json' || this.#entry?.showFields() ? view : 'json'
    // Left as it is: the first thing to do is to mend it.
    if (this.view !== view) {
      this.#announcer.say('view', 'This is not JSON yet.')
      this.#focus.later(this.#focus.issue)
    }
    this.requestUpdate()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'drover-form': DroverForm
  }
}
