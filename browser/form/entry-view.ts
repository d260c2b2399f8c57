/** An entry, as fields or as JSON, with the faults of the value as a whole. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Entry } from './entry.ts'
import { renderRoot } from './fields/field.ts'
import { type FormPort, rootContext } from './fields/field-context.ts'
import { jsonView } from './json-view.ts'
import { note } from './status-note.ts'

/** @param label names the JSON, for people who do not see where it stands */
export function entryView(entry: Entry, label: string, form: FormPort): TemplateResult {
  const { field, draft, problem, isJson } = entry
  // Fields that are no object say it themselves.
  const whole = isJson || field.kind !== 'object' ? [] : entry.issuesAt('')
  return html`${problem === undefined ? nothing : note('note', 'neutral', problem)}
    ${isJson ? jsonView(entry, label, form) : renderRoot(field, draft, rootContext(entry, form))}
    ${whole.length === 0 ? nothing : html`<div id="issues" tabindex="-1">${note('error', 'danger', whole.join(' '))}</div>`}`
}
