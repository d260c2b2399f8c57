/** Stands where no job is to be shown: why there is none, and how to go on. */
import { html, type TemplateResult } from 'lit'
import { withoutMaster, withoutWorker } from '../absence.ts'
import type { DroverElement } from '../element.ts'
import { type Copying, emptiness } from '../look/mod.ts'
import { groups, type JobGroup } from './groups.ts'

export interface NoRows {
  readonly source: { readonly isComing: boolean; readonly master: unknown }
  /** How many jobs there are, without the search. */
  readonly known: number
  /** No worker is there. */
  readonly isDeserted: boolean
  readonly copies: Copying
  readonly onShowAll: () => void
}

type Jobs = DroverElement & {
  readonly show: JobGroup
  readonly find: string
  readonly task: string | undefined
  readonly workerCommand: string | undefined
}

export function noRows(jobs: Jobs, { source, known, isDeserted, copies, onShowAll }: NoRows): TemplateResult {
  const instead = withoutMaster(
    source,
    'Put this into a <drover-master>, or name one by its id in the attribute "for".',
  )
  if (instead !== undefined) return instead
  if (known > 0) {
    return html`${emptiness({ icon: 'search', title: 'No job matches', text: whyNone(jobs) })}
      <p class="empty-action"><button class="button" part="button" type="button" @click=${onShowAll}>Show all jobs</button></p>`
  }
  if (isDeserted) return withoutWorker(jobs, 'Jobs wait until one is. Start one:', copies)
  return emptiness({
    icon: 'send',
    title: 'No jobs yet',
    text: 'Dispatch one, and it shows here with its progress and result. Jobs of other tabs show in those.',
  })
}

function whyNone({ show, find }: Jobs): string {
  const where = show === 'all' ? '' : ` under ${groups[show] ?? show}`
  return find ? `Nothing${where} has “${find}” in its task, id, tags or input.` : `There is nothing${where}.`
}
