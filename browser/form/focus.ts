/** Where the focus goes in a form: now, or once its target is rendered. */
import type { LitElement } from 'lit'
import type { Entry } from './entry.ts'
import { focusInto, inputAt, selectText } from './native-inputs.ts'

export class FormFocus {
  readonly #host: LitElement
  readonly #entry: () => Entry | undefined
  #later: (() => void) | undefined
  /** The fields, unless a person goes on from the element that has the focus; checked before or not. */
  #awaited: { readonly from: Element; readonly isChecked: boolean } | undefined

  constructor(host: LitElement, entry: () => Entry | undefined) {
    this.#host = host
    this.#entry = entry
  }

  /** @param focus called when the form is rendered */
  later(focus: () => void): void {
    this.#later = focus
    this.#host.requestUpdate()
  }

  rendered(): void {
    const focus = this.#later
    this.#later = undefined
    focus?.()
  }

  /** Focuses the first field once there is one; with `isChecked` the first that is wrong, if any is. */
  awaitFields(isChecked: boolean): void {
    this.#awaited = { from: this.#focused ?? this.#host, isChecked }
  }

  /** The fields that were awaited are there. */
  enterFields(): void {
    if (this.#awaited === undefined) return
    const { from, isChecked } = this.#awaited
    this.#awaited = undefined
    const isRight = !isChecked || this.#entry()?.check([]) !== false
    const { body } = this.#host.ownerDocument
    if ([from, this.#host, body, null].includes(this.#focused)) this.#later = isRight ? this.first : this.issue
  }

  readonly first = (): void => {
    const fields = this.#entry() === undefined ? 'input, select, textarea' : '[data-path], #json'
    focusInto(this.#root.querySelector<HTMLElement>(fields))
  }

  /** The first fault. */
  readonly issue = (): void => {
    const entry = this.#entry()
    if (entry?.isJson === true) selectText(this.#root, entry.textIssues[0])
    else focusInto(inputAt(this.#root, entry?.firstPath ?? '') ?? this.#root.getElementById('issues'))
  }

  /** Whether a person has gone on to something else, and is not to be called back. */
  get isElsewhere(): boolean {
    const { activeElement, body } = this.#host.ownerDocument
    return activeElement !== null && activeElement !== body && this.#root.activeElement === null
  }

  /** The element with the focus in the tree around the form, that included. */
  get #focused(): Element | null {
    return (this.#host.getRootNode() as Document | ShadowRoot).activeElement
  }

  get #root(): ShadowRoot {
    return this.#host.renderRoot as ShadowRoot
  }
}
