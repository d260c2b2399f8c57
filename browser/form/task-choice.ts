/** The tasks that are announced and may be dispatched, grouped by the first part of their names. */
import { html, type TemplateResult } from 'lit'
import type { TaskInfo } from '../../shared/master/mod.ts'
import { count } from '../look/mod.ts'

export interface TaskChoiceOptions {
  readonly tasks: readonly TaskInfo[]
  readonly chosen: string | undefined
  readonly isOpen: boolean
  /** Workers may yet announce their tasks. */
  readonly isLooking: boolean
  readonly onChoose: (task: string | undefined) => void
}

const maxShown = 2000

export function taskChoice({ tasks, chosen, isOpen, isLooking, onChoose }: TaskChoiceOptions): TemplateResult {
  // A chosen task stays to be seen when its last worker goes.
  const isKnown = chosen === undefined || tasks.some(({ task }) => task === chosen)
  const all = isKnown ? tasks : [...tasks, { task: chosen, workers: 0, known: false }]
  const groups = Map.groupBy(all.slice(0, maxShown), ({ task }) => task.split('.')[0]!)
  const isGrouped = groups.size > 1 && groups.size < all.length
  const option = ({ task, workers, known }: TaskInfo): TemplateResult => {
    const text = known ? `${task} (${count(workers, 'worker')})` : task
    return html`<option value=${task} .selected=${task === chosen}>${text}</option>`
  }
  const listen = (event: Event): void => onChoose((event.target as HTMLSelectElement).value || undefined)
  return html`<div class="row choose" part="field">
    <div class="head"><label part="label" for="task">Task</label></div>
    <select class="field" part="input task" id="task" @change=${listen} ?disabled=${all.length === 0}>
      <option value="" .selected=${chosen === undefined}>Choose…</option>
      ${
        isGrouped
          ? [...groups].map(([name, some]) => html`<optgroup label=${name}>${some.map(option)}</optgroup>`)
          : all.map(option)
      }
    </select>
    ${
      all.length > 0 || !isOpen
        ? ''
        : html`<p class="about">${
            isLooking ? 'Looking for workers…' : 'No task is announced yet: start a worker, and its tasks appear here.'
          }</p>`
    }
  </div>`
}
