/** The head of a form: its task, or the choice of that, and of the view. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Entry } from './entry.ts'
import { type View, viewChoice } from './view-choice.ts'

export interface FormHead {
  /** The one task that the form is for; without one there is a choice. */
  readonly task: string | undefined
  readonly choice: () => TemplateResult
  readonly entry: Entry | undefined
  readonly onShow: (view: View) => void
}

export function formHead({ task, choice, entry, onShow }: FormHead): TemplateResult {
  const name = task ? html`<p class="task mono" part="task">${task}</p>` : nothing
  const heading = html`<slot name="heading">${name}</slot>`
  const about = entry?.field.description
  return html`${task ? nothing : heading}
    <div class="top">
      ${task ? heading : choice()}
      ${entry === undefined || entry.problem !== undefined ? nothing : viewChoice(entry.isJson, onShow)}
    </div>
    ${about === undefined ? nothing : html`<p class="about" part="description">${about}</p>`}`
}
