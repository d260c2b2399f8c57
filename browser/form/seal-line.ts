/** To whom a form seals, or why it cannot yet. */
import { html, nothing, type TemplateResult } from 'lit'
import type { SealInfo } from '../../shared/master/mod.ts'
import { icon } from '../look/mod.ts'

/** So many keys are named: a broadcast may have a hundred. */
const maxNamed = 3
const shownCharacters = 10

/** @param seal absent where jobs travel in the open, and nothing is said of it */
export function sealLine(seal: SealInfo | undefined): TemplateResult | typeof nothing {
  if (seal === undefined) return nothing
  const { recipients, problem } = seal
  return html`<div class="seal" part="seal" role="status">
    ${recipients.length === 0 && problem !== undefined ? nothing : html`<p class="sealed-for">${icon('lock')}<span>${whom(recipients)}</span></p>`}
    ${problem === undefined ? nothing : trouble(problem, recipients.length === 0)}
  </div>`
}

function whom(kids: readonly string[]): TemplateResult {
  if (kids.length === 0) return html`Sealed; the keys are being fetched…`
  const named = kids.slice(0, maxNamed)
  const more = kids.length - named.length
  return html`Sealed for ${named.map((kid, at) => html`${at === 0 ? '' : ', '}<code title=${kid}>${short(kid)}</code>`)}${
    more === 0 ? nothing : html` <span title=${kids.slice(maxNamed, 100).join('\n')}>and ${more} more</span>`
  }`
}

const short = (kid: string): string => (kid.length > shownCharacters + 1 ? `${kid.slice(0, shownCharacters)}…` : kid)

const trouble = ({ message }: Error, isWithout: boolean): TemplateResult =>
  html`<div class="note" part="note" data-tone="warning">${icon('warning')}<span>${message.replace(/\.$/, '')}.${
    isWithout ? ' Jobs wait until there are keys to seal them by.' : nothing
  }</span></div>`
