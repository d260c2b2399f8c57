/** The buttons at the end of a form. */
import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../look/mod.ts'

export interface FormActions {
  /** Of the button that dispatches. */
  readonly label: string
  /** Whether it would; it can be pressed at all times, and then says why not. */
  readonly isReady: boolean
  /** Absent while there is nothing to begin anew. */
  readonly onReset: (() => void) | undefined
}

export function formActions({ label, isReady, onReset }: FormActions): TemplateResult {
  return html`<div class="actions" part="actions">
    <button type="submit" class="button primary" part="button submit" aria-describedby="note"
      aria-disabled=${isReady ? 'false' : 'true'}>${icon('send')} ${label}</button>
    ${
      onReset === undefined
        ? nothing
        : html`<button type="button" class="button quiet" part="button reset" @click=${onReset}>Start over</button>`
    }
    <slot name="actions"></slot>
  </div>`
}
