/** Yes or no, and one of several: a box, radios up to four, else a select. */
import { html, nothing, type TemplateResult } from 'lit'
import type { ChoiceField } from '../schema/field.ts'
import { absent, type Draft, sameJson, toDraft, toValue } from '../schema/mod.ts'
import { about, describedBy, isInvalid, issues, nullable, optional, row } from './around-input.ts'
import type { FieldContext } from './field-context.ts'

const maxRadios = 4
const maxRadioCharacters = 60

export function flagRow(field: ChoiceField, draft: Draft, context: FieldContext): TemplateResult {
  const onChange = (event: Event): void => {
    const { checked } = event.target as HTMLInputElement
    context.change(() => toDraft(field, checked))
  }
  // Left out, it means its default.
  return html`<div class="row flag" part="field">
    <label part="label"><input type="checkbox" part="input" id=${context.id} data-path=${context.path}
      .checked=${(toValue(field, draft) ?? field.initial) === true} aria-label=${context.name ?? nothing}
      aria-invalid=${isInvalid(context)} aria-describedby=${describedBy(field, context)}
      @change=${onChange}>${context.name === undefined ? field.label : nothing}</label>
    ${nullable(field, draft, context)} ${about(field, context)} ${issues(context)}
  </div>`
}

/** The options that a person chooses from: none is at -1. */
interface Choices {
  readonly options: readonly { readonly label: string; readonly index: number }[]
  readonly chosen: number
  readonly choose: (index: number) => void
}

export function choiceRow(field: ChoiceField, draft: Draft, context: FieldContext): TemplateResult {
  const { isRequired, initial } = field
  const options = field.options.map(({ label }, index) => ({ label, index }))
  const characters = options.reduce((sum, { label }) => sum + label.length, 0)
  const isShort = options.length <= maxRadios && characters <= maxRadioCharacters && context.name === undefined
  // Left out, it means its default: a person sees that chosen, once.
  const preset = field.options.findIndex(({ value }) => sameJson(value, initial))
  const none = { label: isRequired ? 'Choose…' : 'Not set', index: -1 }
  return (isShort ? radios : select)(field, draft, context, {
    options: preset >= 0 || (isShort && isRequired) ? options : [none, ...options],
    chosen: draft.is === 'choice' ? draft.index : preset,
    choose: index => context.change(() => (index < 0 ? absent : { is: 'choice', index })),
  })
}

function radios(
  field: ChoiceField,
  draft: Draft,
  context: FieldContext,
  { options, chosen, choose }: Choices,
): TemplateResult {
  const { id, path } = context
  return html`<fieldset class="row choice" part="field" id=${id} tabindex="-1" aria-describedby=${describedBy(field, context)}>
    <legend part="legend">${field.label}${optional(field)}</legend>
    <div class="radios">${options.map(
      ({ label, index }) => html`<label><input type="radio" part="input" name=${id} data-path=${path}
        .checked=${index === chosen} ?required=${field.isRequired} @change=${() => choose(index)}><span>${label}</span></label>`,
    )}</div>
    ${nullable(field, draft, context)} ${about(field, context)} ${issues(context)}
  </fieldset>`
}

function select(
  field: ChoiceField,
  draft: Draft,
  context: FieldContext,
  { options, chosen, choose }: Choices,
): TemplateResult {
  const onChange = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement
    choose(value === '' ? -1 : Number(value))
  }
  const control = html`<select class="field" part="input" id=${context.id} data-path=${context.path}
    ?required=${field.isRequired} aria-label=${context.name ?? nothing} aria-invalid=${isInvalid(context)}
    aria-describedby=${describedBy(field, context)} @change=${onChange}>${options.map(
      ({ label, index }) =>
        html`<option value=${index < 0 ? '' : index} .selected=${index === chosen}>${label}</option>`,
    )}</select>`
  return row(field, draft, context, control)
}
