/** Two buttons that choose between fields and JSON. */
import { html, type TemplateResult } from 'lit'

type View = 'fields' | 'json'

export function viewChoice(isJson: boolean, onShow: (view: View) => void): TemplateResult {
  const button = (view: View, label: string): TemplateResult =>
    html`<button type="button" class="button quiet" part="button view"
      aria-pressed=${isJson === (view === 'json') ? 'true' : 'false'} @click=${() => onShow(view)}>${label}</button>`
  return html`<div class="views" part="views" role="group" aria-label="View">${button('fields', 'Fields')}${button('json', 'JSON')}</div>`
}
