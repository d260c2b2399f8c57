/** The bar above a job's tabs. */
import { html, nothing, type TemplateResult } from 'lit'
import type { JobState } from '../../shared/master/mod.ts'
import { isGoing, percentOf } from './describe.ts'

/** Shows while a job goes on. Without a percentage it shows that nobody knows. */
export function progressBar(job: JobState): TemplateResult | typeof nothing {
  if (!isGoing(job)) return nothing
  const percent = percentOf(job)
  return html`<div class="progress">${
    percent === undefined
      ? html`<progress part="progress" aria-label="Progress"></progress>`
      : html`<progress part="progress" max="100" .value=${percent} aria-label="Progress"></progress><span class="numbers small" dir="ltr">${Math.round(percent)} %</span>`
  }</div>`
}
