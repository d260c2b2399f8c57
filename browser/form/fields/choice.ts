/** Yes or no, and one of several: a box, radios up to four, else a select. */
import { html, nothing, type TemplateResult } from 'lit'
import type { ChoiceField, FlagField } from '../schema/field.ts'
import { absent, type Draft, sameJson } from '../schema/mod.ts'
import { about, describedBy, isInvalid, issues, nullable, optional, row } from './frame.ts'
import { dataPath, idOf, type Place } from './place.ts'

const maxRadios = 4
const maxRadioCharacters = 60

export function flagRow(field: FlagField, draft: Draft, place: Place): TemplateResult {
  // Left out, it means its default.
  const isOn = draft.is === 'flag' ? draft.on : field.initial === true
  const onChange = (event: Event): void => {
    const { checked } = event.target as HTMLInputElement
    place.change(() => ({ is: 'flag', on: checked }))
  }
  return html`<div class="row flag" part="field">
    <label part="label"><input type="checkbox" part="input" id=${idOf(place)} data-path=${dataPath(place)}
      .checked=${isOn} aria-label=${place.name ?? nothing} aria-invalid=${isInvalid(place)}
      aria-describedby=${describedBy(field, place)} @change=${onChange}>${place.name === undefined ? field.label : nothing}</label>
    ${nullable(field, draft, place, false)} ${about(field, place)} ${issues(place)}
  </div>`
}

export function choiceRow(field: ChoiceField, draft: Draft, place: Place): TemplateResult {
  const characters = field.options.reduce((sum, { label }) => sum + label.length, 0)
  const isShort = field.options.length <= maxRadios && characters <= maxRadioCharacters
  return isShort && place.name === undefined ? radios(field, draft, place) : select(field, draft, place)
}

/** Left out, it means its default: what a person sees chosen, once. */
function chosen(field: ChoiceField, draft: Draft): number {
  if (draft.is === 'choice') return draft.index
  return draft.is === 'absent' ? defaultOf(field) : -1
}
const defaultOf = ({ options, initial }: ChoiceField): number =>
  initial === undefined ? -1 : options.findIndex(({ value }) => sameJson(value, initial))
const toDraftOf = (index: number): Draft => (index < 0 ? absent : { is: 'choice', index })

function radios(field: ChoiceField, draft: Draft, place: Place): TemplateResult {
  const id = idOf(place)
  const options = field.options.map(({ label }, index) => ({ label, index }))
  const all = field.isRequired || defaultOf(field) >= 0 ? options : [{ label: 'Not set', index: -1 }, ...options]
  return html`<fieldset class="row choice" part="field" id=${id} tabindex="-1" aria-describedby=${describedBy(field, place)}>
    <legend part="legend">${field.label}${optional(field)}</legend>
    <div class="radios">${all.map(
      ({ label, index }) => html`<label><input type="radio" part="input" name=${id} data-path=${dataPath(place)}
        .checked=${chosen(field, draft) === index && draft.is !== 'null'} ?required=${field.isRequired && draft.is !== 'null'}
        @change=${() => place.change(() => toDraftOf(index))}><span>${label}</span></label>`,
    )}</div>
    ${nullable(field, draft, place, false)} ${about(field, place)} ${issues(place)}
  </fieldset>`
}

function select(field: ChoiceField, draft: Draft, place: Place): TemplateResult {
  const onChange = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement
    place.change(() => toDraftOf(value === '' ? -1 : Number(value)))
  }
  const control = html`<select class="field" part="input" id=${idOf(place)} data-path=${dataPath(place)}
    ?required=${field.isRequired && draft.is !== 'null'} aria-label=${place.name ?? nothing} aria-invalid=${isInvalid(place)}
    aria-describedby=${describedBy(field, place)} @change=${onChange}>
    ${
      defaultOf(field) >= 0 && draft.is !== 'null'
        ? nothing
        : html`<option value="" .selected=${chosen(field, draft) < 0}>${field.isRequired ? 'Choose…' : 'Not set'}</option>`
    }
    ${field.options.map(
      ({ label }, index) => html`<option value=${index} .selected=${chosen(field, draft) === index}>${label}</option>`,
    )}
  </select>`
  return row(field, place, html`${control}${nullable(field, draft, place, false)}`)
}
