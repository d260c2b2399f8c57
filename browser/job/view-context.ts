/** Shared by the parts of a job's view: how they say a sentence, and the calls to their widget. */
import { html, nothing, type TemplateResult } from 'lit'
import { type Copying, icon, number, plain, type Tone } from '../look/mod.ts'
import type { ValueController } from '../value/value.ts'

/** The parts of a widget that its templates use. */
export interface ViewContext {
  readonly values: ValueController
  readonly copying: Copying
  /** This machine's clock, ms. */
  readonly now: number
}

const maxCharacters = 20_000
/** Text of others may be of any length, and hold anything. */
export const clip = (text: string): string =>
  text.length > maxCharacters
    ? `${plain(text.slice(0, maxCharacters))}… (${number(text.length)} characters)`
    : plain(text)

export const note = (tone: Tone, text: unknown, more: unknown = nothing): TemplateResult =>
  html`<div class="note" part="note" data-tone=${tone}>${icon(tone === 'danger' || tone === 'warning' ? 'warning' : 'info')}
    <div class="said"><p dir="auto">${text}</p>${more}</div></div>`
