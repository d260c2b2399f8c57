/** `<drover-dead>`: the jobs that were given up, for operators. */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { DeadFilter, DeadLetter } from '../../shared/master/mod.ts'
import { withoutMaster } from '../absence.ts'
import { AnnouncerController, SecondPress, SecondsController } from '../controllers/mod.ts'
import { DroverElement } from '../element.ts'
import { hostNumber } from '../host-number.ts'
import { count, emptiness, icon, look, notYet, number } from '../look/mod.ts'
import { confirmButton } from './confirm.ts'
import { badges, detail, errorOf, nameOf, when } from './letter.ts'
import { LettersController } from './letters.ts'
import { styles } from './styles.ts'

const defaultLimit = 100

/**
 * The jobs that were given up: why, since when, and the history of each. A person may send them again, or drop them for good. They
 * are read when the widget is connected, after each change, and by its button. Behind a bridge it takes the grant `dead`, and to
 * send them again also `operate`.
 *
 * @tag drover-dead
 * @attr task - only letters of this task, or of a `prefix.*`
 * @attr limit - so many at most, the oldest first. Default 100
 * @csspart frame - everything
 * @csspart tools - the row above the letters
 * @csspart search - the field for a part of the error
 * @csspart refresh - reads them again
 * @csspart retry-all - sends all that are shown again
 * @csspart list - the letters
 * @csspart row - a letter
 * @csspart name - its name, a button that shows all of it
 * @csspart state - a fact about it
 * @csspart lock - beside a sealed one
 * @csspart detail - all of a letter
 * @csspart history - its history
 * @csspart input - its input
 * @csspart retry - sends it again
 * @csspart drop - drops it
 * @csspart problem - why something did not work
 * @csspart button - any button
 * @csspart empty - stands where no letter is
 * @csspart announcement - text for assistive technology
 */
export class DroverDead extends DroverElement {
  static override properties: PropertyDeclarations = {
    ...DroverElement.properties,
    task: { type: String },
    limit: { type: Number, converter: hostNumber },
  }
  static override styles = [look, styles]

  /** Only letters of this task, or of a `prefix.*`. */
  declare task: string | undefined
  /** So many at most, the oldest first. Default 100. */
  declare limit: number | undefined

  readonly #seconds: SecondsController
  readonly #announcer: AnnouncerController
  readonly #letters: LettersController
  readonly #press: SecondPress
  #error = ''
  #open: string | undefined

  constructor() {
    super()
    this.#seconds = new SecondsController(this, this.source.clock)
    this.#announcer = new AnnouncerController(this, this.source.clock)
    this.#letters = new LettersController(this, this.source, () => ({
      filter: this.#filter(),
      limit: Math.max(1, Math.round(this.limit ?? defaultLimit)),
    }))
    this.#press = new SecondPress(this, this.source.clock, this.#announcer)
  }

  #filter(): DeadFilter {
    return { task: this.task || undefined, error: this.#error || undefined }
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    const isOther = (changed.has('task') || changed.has('limit')) && this.#letters.list !== undefined
    if (isOther) void this.#letters.read()
  }

  protected override render(): TemplateResult {
    const instead = withoutMaster(this.source, 'Dead jobs show here once there is a connection.')
    return html`<div class="frame" part="frame">${instead ?? this.#content()}</div>${this.#announcer.render()}`
  }

  #content(): TemplateResult {
    const { list, problem } = this.#letters
    const warning =
      problem === undefined
        ? nothing
        : html`<p class="note problem" part="problem" data-tone="danger" role="alert">${icon('warning')}<bdi>${problem}</bdi></p>`
    if (list === undefined) return problem === undefined ? notYet : html`${warning}${this.#tools()}`
    return html`${this.#tools()}${warning}${
      list.letters.length === 0
        ? emptiness({
            icon: 'tick',
            title: list.total === 0 ? 'No dead jobs' : 'None of them fits',
            text: list.total === 0 ? 'Jobs that are given up show here.' : `${number(list.total)} in all.`,
          })
        : html`<ul class="letters" part="list" aria-label="Dead jobs">${repeat(
            list.letters,
            ({ id }) => id,
            letter => this.#row(letter),
          )}</ul>`
    }`
  }

  #tools(): TemplateResult {
    const { list, isBusy } = this.#letters
    const able = list?.letters.filter(({ problem }) => problem === undefined) ?? []
    const more = list === undefined ? 0 : list.matched - list.letters.length
    return html`<div class="tools" part="tools">
      <input class="field" part="search" type="search" aria-label="Code or text of the error" placeholder="Code or text of the error"
        .value=${this.#error} @change=${(event: Event) => {
          this.#error = (event.target as HTMLInputElement).value.trim()
          void this.#letters.read()
        }}>
      <button class="button" part="button refresh" type="button" ?disabled=${isBusy} @click=${() => void this.#letters.read()}>
        ${icon('again')} Refresh</button>
      ${
        list === undefined || list.letters.length === 0
          ? nothing
          : html`<div class="sum"><span class="sum-text numbers"><strong><bdi>${count(list.matched, 'dead job')}</bdi></strong>
            <bdi class="muted">${more > 0 ? ` ${number(list.letters.length)} shown` : ''}${list.isCut ? ' · there may be more' : ''}</bdi></span>
            ${
              able.length < 2
                ? nothing
                : confirmButton(
                    this.#press,
                    { key: 'all', word: `Send ${number(able.length)} again`, part: 'retry-all', isDisabled: isBusy },
                    () => void this.#retry(able),
                  )
            }</div>`
      }
    </div>`
  }

  #row(letter: DeadLetter): TemplateResult {
    const { id, at, problem } = letter
    const now = this.#seconds.now
    const isOpen = this.#open === id
    const { isBusy } = this.#letters
    const name = nameOf(letter)
    return html`<li class="item" part="row" data-id=${id}><div class="letter">
      <div><button class="name" part="button name" type="button" aria-expanded=${isOpen ? 'true' : 'false'} @click=${() => {
        this.#open = isOpen ? undefined : id
        this.requestUpdate()
      }}>${icon('chevron')}<bdi>${name}</bdi></button>
        <div class="line"><bdi class="error" dir="auto">${errorOf(letter)}</bdi><span class="small">${when(at, now)}</span>${badges(letter)}</div></div>
      <div class="actions">
        ${
          problem === undefined
            ? html`<button class="button" part="button retry" type="button" ?disabled=${isBusy} aria-label=${`Send again ${name}`}
              @click=${() => void this.#retry([letter])}>${icon('again')} Send again</button>`
            : nothing
        }
        ${confirmButton(this.#press, { key: `drop ${id}`, word: 'Drop', of: name, part: 'drop', isDisabled: isBusy }, () => void this.#drop(letter))}
      </div></div>${isOpen ? detail(letter, this.#schemaOf(letter), now) : nothing}</li>`
  }

  #schemaOf({ task }: DeadLetter): unknown {
    return this.source.master?.tasks.find(one => one.task === task)?.input_schema
  }

  async #retry(letters: readonly DeadLetter[]): Promise<void> {
    this.#say(await this.#letters.retry(letters))
  }

  async #drop(letter: DeadLetter): Promise<void> {
    this.#say(await this.#letters.drop([letter]))
  }

  #say(text: string | undefined): void {
    if (text !== undefined) this.#announcer.say('done', text)
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'drover-dead': DroverDead
  }
}
