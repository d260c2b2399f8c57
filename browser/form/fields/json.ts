/** What is written as JSON: a field that the schema says too little of, or a value that does not fit its field. */
import { html, nothing, type TemplateResult } from 'lit'
import { readJson } from '../schema/json.ts'
import { type Draft, emptyDraft, type Field, toDraft } from '../schema/mod.ts'
import { become, describedBy, isInvalid, row } from './frame.ts'
import type { Place } from './place.ts'

export function jsonRow(field: Field, draft: Draft, place: Place): TemplateResult {
  const isMisfit = field.kind !== 'json'
  const onInput = (event: Event): void => {
    const { value } = event.target as HTMLTextAreaElement
    place.change(() => ({ is: 'json', text: value }))
  }
  // Once it fits, the field has its own input again.
  const onChange = (event: Event): void => {
    const read = readJson((event.target as HTMLTextAreaElement).value)
    if (isMisfit && 'value' in read) place.change(() => toDraft(field, read.value))
  }
  const control = html`<textarea class="field mono${field.isSecret ? ' secret' : ''}" part="input json" rows="2" id=${place.id} data-path=${place.path}
      .value=${draft.is === 'json' ? draft.text : ''} ?required=${field.isRequired} spellcheck="false" autocapitalize="off"
      autocomplete="off" aria-label=${place.name ?? nothing} aria-invalid=${isInvalid(place)}
      aria-describedby=${describedBy(field, place)} @input=${onInput} @change=${onChange}></textarea>
    ${
      isMisfit
        ? html`<button type="button" class="button" part="button" @click=${() => become(place, emptyDraft(field))}>Start over</button>`
        : nothing
    }`
  return row({ ...field, isNullable: field.isNullable && !isMisfit }, draft, place, control, {
    hint: 'JSON',
    isWide: true,
  })
}
