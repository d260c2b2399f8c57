/** One row of a list of jobs. */
import { html, nothing, type TemplateResult } from 'lit'
import type { JobState } from '../../shared/master/mod.ts'
import type { SecondPress } from '../controllers/mod.ts'
import { canCancel, cancelWord } from '../job/cancel.ts'
import { isGoing, lineOf, percentOf, triesOf, workersOf } from '../job/describe.ts'
import { badge, icon, lock, lookOfJob, plain, sealedWord, shortId } from '../look/mod.ts'
import { timeAgo } from '../look/time.ts'
import { inputLine } from './input-line.ts'

export interface RowOptions {
  readonly cancel: SecondPress
  /** Whether its buttons can be reached by Tab: only those of one row are. */
  readonly isCurrent: boolean
  /** This machine's clock, ms. */
  readonly now: number
  /** Address of the job's own page, where it has one. */
  readonly href: string | undefined
}

export function cells(job: JobState, { cancel, isCurrent, now, href }: RowOptions): TemplateResult {
  const name = `${job.task} ${shortId(job.request_id)}`
  const tab = isCurrent ? '0' : '-1'
  const tries = triesOf(job)
  const input = job.unopened === undefined ? inputLine(job.input) : sealedWord
  const tags = plain((job.tags ?? []).join(', '))
  const word = cancelWord(cancel, job)
  const isSure = word !== 'Cancel'
  return html`<div role="gridcell" class="cell state-cell">${badge(lookOfJob(job))}</div>
    <div role="gridcell" class="cell task-cell" part="task">${
      href === undefined
        ? html`<bdi class="task">${job.task}</bdi>`
        : html`<a class="task" href=${href} tabindex="-1"><bdi>${job.task}</bdi></a>`
    }
      <span class="about">${lock(job)}<span class="id mono" part="id" dir="ltr">${shortId(job.request_id)}</span>${
        job.tags === undefined ? nothing : html`<bdi class="tags" part="tags" title=${tags}>${tags}</bdi>`
      }${input === '' ? nothing : html`<bdi class="line" part="input" title=${input}>${input}</bdi>`}</span></div>
    <div role="gridcell" class="cell detail-cell" part="detail">${detail(job, now)}</div>
    <div role="gridcell" class="cell worker-cell" part="worker"><bdi class="worker">${workersOf(job)}</bdi>${
      tries === '' ? nothing : html`<span class="tries" part="tries">${tries}</span>`
    }</div>
    <div role="gridcell" class="cell age-cell numbers muted" part="age">${timeAgo(job.created_at, now)}</div>
    <div role="gridcell" class="cell action-cell">${
      canCancel(job)
        ? html`<button class=${isSure ? 'button sure cancel' : 'button quiet cancel'} part="button cancel" type="button" data-action="cancel"
            tabindex=${tab} aria-label=${`${word} ${name}`} title=${word}>${icon('stop')}<span class="word">${word}</span></button>`
        : nothing
    }${
      isSure
        ? nothing
        : html`<button class="button quiet icon again" part="button again" type="button" data-action="again" tabindex=${tab}
            aria-label=${`Dispatch again ${name}`} title="Dispatch again">${icon('again')}</button>`
    }</div>`
}

function detail(job: JobState, now: number): TemplateResult {
  const line = lineOf(job, now)
  const percent = percentOf(job)
  return html`${
    isGoing(job) && percent !== undefined
      ? html`<span class="progress"><progress part="progress" max="100" .value=${percent} aria-label="Progress"></progress>
          <span class="numbers" dir="ltr">${Math.round(percent)} %</span></span>`
      : nothing
  }${line === '' ? nothing : html`<bdi class="line" part="message" title=${line.slice(0, 500)}>${line.slice(0, 300)}</bdi>`}`
}
