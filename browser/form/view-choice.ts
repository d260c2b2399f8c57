/** The choice between fields and JSON. */
import { html, type TemplateResult } from 'lit'

export type View = 'fields' | 'json'

export function viewChoice(isJson: boolean, onShow: (view: View) => void): TemplateResult {
  const button = (view: View, label: string): TemplateResult =>
    html`<button type="button" class="button quiet" part="button view"
      aria-pressed=${isJson === (view === 'json') ? 'true' : 'false'} @click=${() => onShow(view)}>${label}</button>`
  return html`<div class="views" part="views" role="group" aria-label="View">${button('fields', 'Fields')}${button('json', 'JSON')}</div>`
}

/** Where there are no fields yet. */
export const jsonOffer = (onWrite: () => void): TemplateResult =>
  html`<p><button type="button" class="link" part="button" @click=${onWrite}>Write the input as JSON</button></p>`
