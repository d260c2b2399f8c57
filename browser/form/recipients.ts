/** One worker or all of them, with how many would answer. */
import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../look/mod.ts'
import { sealLine } from './seal-line.ts'
import type { Mode, Standing } from './standing.ts'

const names: { readonly [mode in Mode]: string } = { queue: 'One worker', topic: 'All workers' }

/** @param onChoose called where there is a choice: who may do one thing only is not asked */
export function recipients(
  { mode, modes, answers, seal }: Standing,
  onChoose: (mode: Mode) => void,
): TemplateResult | typeof nothing {
  if (modes.length === 0) return nothing
  const one = (value: Mode): TemplateResult =>
    html`<label><input type="radio" name="recipients" part="input"
      .checked=${mode === value} @change=${() => onChoose(value)}><span>${names[value]}</span></label>`
  const whom =
    modes.length === 1 ? html`<span>${names[mode]}</span>` : html`<div class="radios">${modes.map(one)}</div>`
  return html`<fieldset class="recipients" part="recipients">
    <legend part="legend">Send to</legend>
    ${whom}
    <span class="answers numbers" part="answers">${icon('worker')} <bdi>${answers}</bdi></span>
  </fieldset>
  ${sealLine(seal)}`
}
