/** One worker or all of them, with how many would answer. */
import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../look/mod.ts'
import type { Mode, Standing } from './standing.ts'

export function recipients({ mode, modes, answers, limit }: Standing, onChoose: (mode: Mode) => void): TemplateResult {
  const one = (value: Mode, label: string): TemplateResult =>
    html`<label><input type="radio" name="recipients" part="input"
      .checked=${mode === value} ?disabled=${!modes.includes(value)} @change=${() => onChoose(value)}><span>${label}</span></label>`
  return html`<fieldset class="recipients" part="recipients">
    <legend part="legend">Send to</legend>
    <div class="radios">${one('queue', 'One worker')}${one('topic', 'All workers')}</div>
    <span class="answers numbers" part="answers">${icon('worker')} ${answers}</span>
    ${limit === undefined ? nothing : html`<span class="about">${limit}</span>`}
  </fieldset>`
}
