/** A value that a worker sent, as picture, table, text or tree, with a way to see it as JSON and to copy it. */
import { html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit'
import { stripAnsi } from '../../shared/contract/strip-ansi.ts'
import { type Copying, icon, number } from '../look/mod.ts'
import { brief, pictureIn, tableIn, toJson, type ViewName, viewsOf } from './kind.ts'
import { TreeController } from './tree.ts'

const names: { readonly [view in ViewName]: string } = {
  picture: 'Picture',
  table: 'Table',
  text: 'Text',
  json: 'JSON',
}
const rowsAtFirst = 100
const textAtFirst = 20_000

export interface ValueOptions {
  /** Its name for people: `Result`, `Input`. */
  readonly label: string
  readonly copying: Copying
}

export class ValueController implements ReactiveController {
  readonly tree: TreeController
  readonly #host: ReactiveControllerHost
  /** The chosen views, by the label of the value. */
  readonly #chosen = new Map<string, ViewName>()
  readonly #views = new WeakMap<object, readonly ViewName[]>()
  readonly #broken = new Set<string>()
  #rows = rowsAtFirst
  #isTextWhole = false

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    this.tree = new TreeController(host)
    host.addController(this)
  }

  hostDisconnected(): void {
    this.reset()
  }

  /** Another job is shown: choices for the one before say nothing about it. */
  reset(): void {
    this.#chosen.clear()
    this.#broken.clear()
    this.#rows = rowsAtFirst
    this.#isTextWhole = false
  }

  render(value: unknown, { label, copying }: ValueOptions): TemplateResult {
    const views = this.#viewsOf(value)
    const chosen = this.#chosen.get(label)
    const view = chosen !== undefined && views.includes(chosen) ? chosen : views[0]!
    return html`<div class="value" part="value">
      <div class=${views.length < 2 ? 'bar alone' : 'bar'}>
        ${
          views.length < 2
            ? nothing
            : html`<div class="switch" role="group" aria-label=${`Show ${label.toLowerCase()} as`}>${views.map(
                one => html`<button class="button quiet" part="button view" type="button" aria-pressed=${one === view ? 'true' : 'false'}
                  @click=${() => this.#choose(label, one)}>${names[one]}</button>`,
              )}</div>`
        }
        <button class="button quiet copy" part="button copy" type="button" aria-label=${`Copy ${label.toLowerCase()}`}
          @click=${() => copying.copy(textOf(value), label)}>${copying.face(label, 'Copy')}</button>
      </div>
      ${this.#view(view, value, label)}
    </div>`
  }

  #view(view: ViewName, value: unknown, label: string): TemplateResult {
    switch (view) {
      case 'picture':
        return this.#picture(value)
      case 'table':
        return this.#table(value, label)
      case 'text':
        return this.#text(value as string, label)
      case 'json':
        return html`<div class="scroll" role="region" tabindex="0" aria-label=${`${label} as JSON`}>${this.tree.render(value, label)}</div>`
    }
  }

  #picture(value: unknown): TemplateResult {
    const { key, url } = pictureIn(value)!
    const rest = Object.entries(key === '' ? {} : (value as object)).filter(([name]) => name !== key)
    return html`${
      this.#broken.has(url)
        ? html`<p class="note" data-tone="warning">${icon('warning')}<span>The worker sent a picture that this browser cannot read.</span></p>`
        : html`<img part="picture" src=${url} alt=${key === '' ? 'The picture in the result' : `The picture in ${brief(key)}`} decoding="async"
          @error=${() => {
            this.#broken.add(url)
            this.#host.requestUpdate()
          }}>`
    }${
      rest.length === 0
        ? nothing
        : html`<dl class="facts">${rest.slice(0, 50).map(([name, one]) => html`<div><dt><bdi>${brief(name)}</bdi></dt><dd dir="auto">${brief(one, 500)}</dd></div>`)}</dl>`
    }`
  }

  #table(value: unknown, label: string): TemplateResult {
    const { columns, rows } = tableIn(value)!
    const more = rows.length - this.#rows
    return html`<div class="scroll" role="region" tabindex="0" aria-label=${`${label} as a table`}><table part="table">
      <thead><tr>${columns.map(column => html`<th scope="col" dir="auto">${brief(column)}</th>`)}</tr></thead>
      <tbody>${rows.slice(0, this.#rows).map(
        row =>
          html`<tr>${columns.map(column => {
            const cell = Object.hasOwn(Object(row), column) ? row[column] : undefined
            return html`<td class=${typeof cell === 'number' ? 'numbers' : ''} dir="auto">${brief(cell, 300)}</td>`
          })}</tr>`,
      )}</tbody></table></div>
      ${
        more <= 0
          ? nothing
          : html`<button class="button quiet more" part="button more" type="button" @click=${() => {
              this.#rows += 400
              this.#host.requestUpdate()
            }}>Show ${number(Math.min(400, more))} more of ${number(rows.length)} rows</button>`
      }`
  }

  #text(value: string, label: string): TemplateResult {
    const isClipped = value.length > textAtFirst && !this.#isTextWhole
    return html`<pre class="scroll" part="text" dir="auto" tabindex="0" role="region" aria-label=${label}>${stripAnsi(
      isClipped ? `${value.slice(0, textAtFirst)}…` : value,
    )}</pre>${
      isClipped
        ? html`<button class="button quiet more" part="button more" type="button" @click=${() => {
            this.#isTextWhole = true
            this.#host.requestUpdate()
          }}>Show all ${number(value.length)} characters</button>`
        : nothing
    }`
  }

  /** Looking for pictures and tables is worth doing once a value. */
  #viewsOf(value: unknown): readonly ViewName[] {
    if (typeof value !== 'object' || value === null) return viewsOf(value)
    let views = this.#views.get(value)
    if (views === undefined) {
      views = viewsOf(value)
      this.#views.set(value, views)
    }
    return views
  }

  #choose(label: string, view: ViewName): void {
    this.#chosen.set(label, view)
    this.#host.requestUpdate()
  }
}

/** Absent where the value is nested too deep to be written. */
function textOf(value: unknown): string | undefined {
  try {
    return typeof value === 'string' ? value : toJson(value)
  } catch {
    return undefined
  }
}
