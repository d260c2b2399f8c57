/** What stands around every input: label, hint, description, and what is wrong with it. */
import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../../look/mod.ts'
import { absent, type Draft, emptyDraft, type Field } from '../schema/mod.ts'
import { idOf, type Place } from './place.ts'

type Content = TemplateResult | typeof nothing

/** Ids of what describes an input, for `aria-describedby`. */
export function describedBy(field: Field, place: Place): string | typeof nothing {
  const id = idOf(place)
  const ids = [
    field.description !== undefined && place.name === undefined ? `${id}:about` : '',
    place.form.issuesAt(place.path).length > 0 ? `${id}:issue` : '',
  ]
  return ids.filter(Boolean).join(' ') || nothing
}

export const isInvalid = (place: Place): 'true' | 'false' =>
  place.form.issuesAt(place.path).length > 0 ? 'true' : 'false'

/** A row: the label above its input. In a list, the input alone. */
export function row(field: Field, place: Place, control: Content, { hint = '', isWide = false } = {}): TemplateResult {
  if (place.name !== undefined) return html`<div class="bare">${control}${issues(place)}</div>`
  return html`<div class="row ${isWide ? 'wide' : ''}" part="field">
    <div class="head">
      <label part="label" for=${idOf(place)}>${field.label}</label>${optional(field)}
      ${hint === '' ? nothing : html`<span class="hint numbers">${hint}</span>`}
    </div>
    ${control} ${about(field, place)} ${issues(place)}
  </div>`
}

/** A group: several inputs under one legend. */
export function group(field: Field, place: Place, content: Content, tools: Content = nothing): TemplateResult {
  const name = place.name ?? field.label
  const isList = field.kind === 'list'
  return html`<fieldset class="group wide" part="fieldset ${isList ? 'list' : ''}" id=${idOf(place)} tabindex="-1"
    data-path=${place.path.join('.')} aria-describedby=${describedBy(field, place)}>
    <legend part="legend">${name}${place.name === undefined ? optional(field) : nothing}</legend>
    ${tools === nothing ? nothing : html`<div class="tools">${tools}</div>`}
    ${about(field, place)} ${content} ${issues(place)}
  </fieldset>`
}

export const optional = (field: Field): Content =>
  field.isRequired || field.kind === 'flag' ? nothing : html` <span class="optional">optional</span>`

export function about(field: Field, place: Place): Content {
  if (field.description === undefined || place.name !== undefined) return nothing
  return html`<p class="about" part="description" id="${idOf(place)}:about">${field.description}</p>`
}

export function issues(place: Place): Content {
  const found = place.form.issuesAt(place.path)
  if (found.length === 0) return nothing
  return html`<p class="issue" part="error" id="${idOf(place)}:issue">
    ${icon('warning')}<span>${found.map((one, index) => html`${index > 0 ? html`<br>` : nothing}${one}`)}</span>
  </p>`
}

/** For what may be null: a box that makes it so, beside the input or instead of it. */
export function nullable(field: Field, draft: Draft, place: Place, isAlone: boolean): Content {
  if (!field.isNullable) return nothing
  const onChange = (event: Event): void => {
    const { checked } = event.target as HTMLInputElement
    place.change(() => (checked ? { is: 'null' } : emptyDraft(field)))
    place.form.focus(checked ? `${idOf(place)}:null` : idOf(place))
  }
  return html`<label class="null"><input type="checkbox" part="input" id="${idOf(place)}${isAlone ? '' : ':null'}"
    data-path=${isAlone ? place.path.join('.') : nothing} .checked=${draft.is === 'null'} @change=${onChange}
    aria-label="${place.name ?? field.label}: no value"><span>no value (null)</span></label>`
}

/** Leaves out what may be left out. */
export function removeButton(field: Field, place: Place): Content {
  if (field.isRequired || place.name !== undefined) return nothing
  const onClick = (): void => {
    place.change(() => absent)
    place.form.focus(idOf(place))
  }
  return html`<button type="button" class="button quiet" part="button remove" @click=${onClick}
    aria-label="Remove ${field.label}">${icon('close')} Remove</button>`
}

/** Stands where something optional is left out. */
export function addRow(field: Field, place: Place): TemplateResult {
  const onClick = (): void => {
    place.change(() => emptyDraft(field))
    place.form.focus(idOf(place))
  }
  return html`<div class="row wide absent" part="field">
    <button type="button" class="button add" part="button add" id=${idOf(place)} data-path=${place.path.join('.')}
      aria-describedby=${describedBy(field, place)} @click=${onClick}>${icon('plus')} ${field.label}</button>
    ${optional(field)} ${about(field, place)} ${issues(place)}
  </div>`
}
