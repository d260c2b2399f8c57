/** Above a list of jobs: tabs by state, each with how many there are, and the text filter. */
import { html, type TemplateResult } from 'lit'
import { icon, number } from '../look/mod.ts'
import { type GroupCounts, groupNames, groups, type JobGroup } from './groups.ts'

/** Choices are written to the properties of the list. */
export function toolbar(list: { show: JobGroup; find: string }, counts: GroupCounts): TemplateResult {
  return html`<div class="toolbar" part="toolbar">
    <div class="tabs" role="group" aria-label="Jobs by state">${groupNames.map(
      name => html`<button class="tab" part="tab" type="button" data-group=${name} aria-pressed=${list.show === name ? 'true' : 'false'}
        @click=${() => {
          list.show = name
        }}>${groups[name]}<span class="count numbers">${number(counts[name])}</span></button>`,
    )}</div>
    <label class="find">${icon('search')}<span class="visually-hidden">Find jobs by task, id, tag or input</span>
      <input class="field" part="find" type="search" placeholder="Task, id, tag or input" autocomplete="off" spellcheck="false"
        .value=${list.find ?? ''} @input=${(event: Event) => {
          list.find = (event.target as HTMLInputElement).value
        }}></label>
  </div>`
}
