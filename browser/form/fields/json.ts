/** What is written as JSON: a field that the schema says too little of, or a value that does not fit its field. */
import { html, nothing, type TemplateResult } from 'lit'
import { readJson } from '../schema/draft.ts'
import { type Draft, emptyDraft, type Field, toDraft } from '../schema/mod.ts'
import { describedBy, isInvalid, nullable, row } from './frame.ts'
import { dataPath, idOf, type Place } from './place.ts'

export function jsonRow(field: Field, draft: Draft, place: Place): TemplateResult {
  const isMisfit = field.kind !== 'json'
  const onInput = (event: Event): void => {
    const { value } = event.target as HTMLTextAreaElement
    place.change(() => ({ is: 'json', text: value }))
  }
  // Once it fits, the field has its own input again.
  const onChange = (event: Event): void => {
    const read = readJson((event.target as HTMLTextAreaElement).value)
    if (isMisfit && read !== undefined) place.change(() => toDraft(field, read.value))
  }
  const onReset = (): void => {
    place.change(() => emptyDraft(field))
    place.form.focus(idOf(place))
  }
  const control = html`<textarea class="field mono" part="input json" rows="2" id=${idOf(place)} data-path=${dataPath(place)}
      .value=${draft.is === 'json' ? draft.text : ''} ?required=${field.isRequired} spellcheck="false" autocapitalize="off"
      autocomplete="off" aria-label=${place.name ?? nothing} aria-invalid=${isInvalid(place)}
      aria-describedby=${describedBy(field, place)} @input=${onInput} @change=${onChange}></textarea>
    ${isMisfit ? html`<button type="button" class="button" part="button" @click=${onReset}>Start over</button>` : nullable(field, draft, place, false)}`
  return row(field, place, control, { hint: 'JSON', isWide: true })
}
