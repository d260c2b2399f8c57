/** One worker or all of them, with how many would answer. */
import { html, nothing, type TemplateResult } from 'lit'
import type { TaskInfo } from '../../shared/master/mod.ts'
import type { StompState } from '../../shared/stomp/mod.ts'
import { icon } from '../look/mod.ts'
import { answersOf, limitWords, type Mode } from './standing.ts'

export interface RecipientsOptions {
  readonly mode: Mode
  /** What the grants allow. */
  readonly modes: readonly Mode[]
  readonly info: TaskInfo | undefined
  readonly connection: StompState | undefined
  readonly onChoose: (mode: Mode) => void
}

export function recipients({ mode, modes, info, connection, onChoose }: RecipientsOptions): TemplateResult {
  const one = (
    value: Mode,
    label: string,
  ): TemplateResult => html`<label><input type="radio" name="recipients" part="input"
    .checked=${mode === value} ?disabled=${!modes.includes(value)} @change=${() => onChoose(value)}><span>${label}</span></label>`
  const limit = limitWords(modes)
  return html`<fieldset class="recipients" part="recipients">
    <legend part="legend">Send to</legend>
    <div class="radios">${one('queue', 'One worker')}${one('topic', 'All workers')}</div>
    <span class="answers numbers" part="answers">${icon('worker')} ${answersOf(info, connection)}</span>
    ${limit === undefined ? nothing : html`<span class="about">${limit}</span>`}
  </fieldset>`
}
