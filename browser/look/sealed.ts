/** Sealed jobs: a lock beside each, and words in the place of all that stays closed here. */
import { html, nothing, type TemplateResult } from 'lit'
import type { JobState } from '../../shared/master/mod.ts'
import { icon } from './icons.ts'

/** The word in the place of a payload that cannot be opened. */
export const sealedWord = 'sealed'

/** @returns nothing for a job that travels in the open */
export function lock({ sealed, unopened }: Pick<JobState, 'sealed' | 'unopened'>): TemplateResult | typeof nothing {
  if (sealed === undefined) return nothing
  const more =
    unopened === undefined
      ? 'Sealed: nobody on the way can read it'
      : 'Sealed: its input and replies are kept, and the key to them is not here'
  return html`<span class="lock" part="lock" role="img" aria-label="Sealed" title=${more}>${icon('lock')}</span>`
}

/** A sentence in the place of something closed. @param subject begins the sentence: `Its input is` */
export const closedNote = (subject: string): TemplateResult =>
  html`<div class="note closed" part="note sealed" data-tone="neutral">${icon('lock')}
    <div class="said"><p>${subject} sealed, and the key is not here.</p></div></div>`
