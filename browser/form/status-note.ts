import { html, type TemplateResult } from 'lit'
import { icon, type Tone } from '../look/mod.ts'

const toneIcons = { neutral: 'info', info: 'outbox', success: 'done', warning: 'warning', danger: 'failed' } as const

/** A sentence with the icon of its tone. */
export const note = (part: string, tone: Tone, text: unknown): TemplateResult =>
  html`<div class="note" part=${part} data-tone=${tone}>${icon(toneIcons[tone])}<span><bdi>${text}</bdi></span></div>`
