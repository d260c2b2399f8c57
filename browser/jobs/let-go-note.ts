/** Below a list of jobs: how many older ones it cannot show, since its master keeps so many and no more. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Master } from '../../shared/master/mod.ts'
import { count, number } from '../look/mod.ts'

export function letGoNote(letGo: Master['letGo'] | undefined): TemplateResult | typeof nothing {
  if (letGo === undefined || letGo.jobs === 0) return nothing
  const failed = letGo.failed === 0 ? 'none of which had failed' : `of which ${number(letGo.failed)} had failed`
  return html`<p class="let-go" part="let-go"><bdi>${count(letGo.jobs, 'older job was', 'older jobs were')} let go of, ${failed}.</bdi></p>`
}
