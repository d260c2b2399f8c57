/** An instant as people say it, with the exact one for a pointer on it and for machines. */
import { html, type TemplateResult } from 'lit'
import { ago, dateAndTime } from './format.ts'

/**
 * How long ago it was.
 * @param at ms since the epoch
 */
export const timeAgo = (at: number, now: number): TemplateResult =>
  html`<time datetime=${new Date(at).toISOString()} title=${dateAndTime(at)}>${ago(at, now)}</time>`
