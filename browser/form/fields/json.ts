/** A field that is written as JSON: the schema says too little of it, or its value does not fit it. */
import { html, nothing, type TemplateResult } from 'lit'
import { readJson } from '../schema/json.ts'
import { type Draft, emptyDraft, type Field, toDraft } from '../schema/mod.ts'
import { become, describedBy, isInvalid, row } from './around-input.ts'
import type { FieldContext } from './field-context.ts'

export function jsonRow(field: Field, draft: Draft, context: FieldContext): TemplateResult {
  const isMisfit = field.kind !== 'json'
  const onInput = (event: Event): void => {
    const { value } = event.target as HTMLTextAreaElement
    context.change(() => ({ is: 'json', text: value }))
  }
  // Once it fits, the field has its own input again.
  const onChange = (event: Event): void => {
    const read = readJson((event.target as HTMLTextAreaElement).value)
    if (isMisfit && 'value' in read) context.change(() => toDraft(field, read.value))
  }
  const control = html`<textarea class="field mono${field.isSecret ? ' secret' : ''}" part="input json" rows="2" id=${context.id} data-path=${context.path}
      .value=${draft.is === 'json' ? draft.text : ''} ?required=${field.isRequired} spellcheck="false" autocapitalize="off"
      autocomplete="off" aria-label=${context.name ?? nothing} aria-invalid=${isInvalid(context)}
      aria-describedby=${describedBy(field, context)} @input=${onInput} @change=${onChange}></textarea>
    ${
      isMisfit
        ? html`<button type="button" class="button" part="button" @click=${() => become(context, emptyDraft(field))}>Start over</button>`
        : nothing
    }`
  return row({ ...field, isNullable: field.isNullable && !isMisfit }, draft, context, control, {
    hint: 'JSON',
    isWide: true,
  })
}
