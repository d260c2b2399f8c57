/** Stands where nothing is, and says why and how to go on. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Copying } from './copy.ts'
import { type IconName, icon } from './icons.ts'

export interface Emptiness {
  readonly icon: IconName
  readonly title: string
  /** How to go on. */
  readonly text?: string | TemplateResult | undefined
  /** A command that helps. */
  readonly command?: string | undefined
  /** Copies the command. */
  readonly copying?: Copying | undefined
}

/** Stands there while nobody knows yet whether there is something: no sentence that a moment later is not true. */
export const notYet: TemplateResult = html`<div class="empty" part="empty" aria-busy="true"></div>`

/** The command that starts a worker where a page does not know a better one. */
export const startsAWorker = 'npx drover worker tasks.ts'

export function emptiness({ icon: name, title, text, command, copying }: Emptiness): TemplateResult {
  return html`<div class="empty" part="empty">
    <span class="empty-icon">${icon(name)}</span>
    <p class="empty-title">${title}</p>
    ${text === undefined ? nothing : html`<p>${text}</p>`}
    ${
      command === undefined
        ? nothing
        : html`<p class="command" part="command"><code>${command}</code>
          <button class="button quiet icon" part="button copy" type="button" aria-label="Copy the command" title="Copy"
            @click=${() => copying?.copy(command, 'Command')}>${copying?.face('Command')}</button></p>${copying?.failure('Command')}`
    }
  </div>`
}
