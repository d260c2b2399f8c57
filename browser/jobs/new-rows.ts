/** Says how many new jobs wait to be shown, and shows them. */
import { html, nothing, type TemplateResult } from 'lit'
import { count, icon } from '../look/mod.ts'

export const newRows = (waiting: number, onShow: () => void): TemplateResult | typeof nothing =>
  waiting === 0
    ? nothing
    : html`<div class="pill-row"><button class="button primary pill" part="button pill" type="button"
        @click=${onShow}>${icon('chevron')}<bdi>${count(waiting, 'new job')}</bdi></button></div>`
