import { html, type TemplateResult } from 'lit'
import { icon, type Look, statusLooks, type Tone } from '../look/mod.ts'

const toneIcons: { readonly [tone in Tone]: Look['icon'] } = {
  neutral: 'info',
  info: statusLooks.unsent.icon,
  success: statusLooks.result.icon,
  warning: 'warning',
  danger: statusLooks.error.icon,
}

/** A sentence with the icon of its tone. */
export const note = (part: string, tone: Tone, text: unknown): TemplateResult =>
  html`<div class="note" part=${part} data-tone=${tone}>${icon(toneIcons[tone])}<span><bdi>${text}</bdi></span></div>`
