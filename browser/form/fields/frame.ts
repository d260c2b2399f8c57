/** What stands around every input: label, hint, description, and what is wrong with it. */
import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../../look/mod.ts'
import { absent, type Draft, emptyDraft, type Field } from '../schema/mod.ts'
import type { Place } from './place.ts'

type Content = TemplateResult | typeof nothing

/** Ids of what describes an input, for `aria-describedby`. */
export function describedBy(field: Field, { id, name, issues }: Place): string | typeof nothing {
  const ids = [
    field.description !== undefined && name === undefined ? `${id}:about` : '',
    issues.length > 0 ? `${id}:issue` : '',
  ]
  return ids.filter(Boolean).join(' ') || nothing
}

export const isInvalid = ({ issues }: Place): 'true' | 'false' => (issues.length > 0 ? 'true' : 'false')

/** A row: the label above its input. In a list, the input alone. @param control none where the value is null */
export function row(
  field: Field,
  draft: Draft,
  place: Place,
  control: Content,
  { hint = '', isWide = false } = {},
): TemplateResult {
  const content = html`${control}${nullable(field, draft, place)}`
  if (place.name !== undefined) return html`<div class="bare">${content}${issues(place)}</div>`
  return html`<div class="row ${isWide ? 'wide' : ''}" part="field">
    <div class="head">
      <label part="label" for=${place.id}>${field.label}</label>${optional(field)}
      ${hint === '' ? nothing : html`<span class="hint numbers" dir="ltr">${hint}</span>`}
    </div>
    ${content} ${about(field, place)} ${issues(place)}
  </div>`
}

/** A group: several inputs under one legend. @param content none where the value is null */
export function group(field: Field, draft: Draft, place: Place, content: Content): TemplateResult {
  const isNull = draft.is === 'null'
  return html`<fieldset class="group wide" part="fieldset ${field.kind === 'list' ? 'list' : ''}" id=${place.id}
    tabindex="-1" data-path=${place.path} aria-describedby=${describedBy(field, place)}>
    <legend part="legend">${place.name ?? field.label}${place.name === undefined ? optional(field) : nothing}</legend>
    ${isNull ? nothing : removeButton(field, place)}
    ${about(field, place)} ${isNull ? nullable(field, draft, place) : content} ${issues(place)}
  </fieldset>`
}

export const optional = (field: Field): Content =>
  field.isRequired || field.kind === 'flag' ? nothing : html` <span class="optional">optional</span>`

export function about(field: Field, { id, name }: Place): Content {
  if (field.description === undefined || name !== undefined) return nothing
  return html`<p class="about" part="description" id="${id}:about">${field.description}</p>`
}

export function issues({ id, issues: found }: Place): Content {
  if (found.length === 0) return nothing
  return html`<p class="issue" part="error" id="${id}:issue">${icon('warning')}<span>${found.join('\n')}</span></p>`
}

/** For what may be null: a box that makes it so, beside the input or instead of it. */
export function nullable(field: Field, draft: Draft, place: Place): Content {
  if (!field.isNullable) return nothing
  const { id, path, name = field.label } = place
  const isNull = draft.is === 'null'
  const onChange = (event: Event): void => {
    const { checked } = event.target as HTMLInputElement
    become(place, checked ? { is: 'null' } : emptyDraft(field))
  }
  return html`<label class="null"><input type="checkbox" part="input" id="${id}${isNull ? '' : ':null'}"
    data-path=${isNull ? path : nothing} .checked=${isNull} @change=${onChange}
    aria-label="${name}: no value"><span>no value (null)</span></label>`
}

/** Leaves out what may be left out. */
function removeButton(field: Field, place: Place): Content {
  if (field.isRequired || place.name !== undefined) return nothing
  return html`<div class="tools"><button type="button" class="button quiet" part="button remove"
    @click=${() => become(place, absent)} aria-label="Remove ${field.label}">${icon('close')} Remove</button></div>`
}

/** Stands where something optional is left out. */
export function addRow(field: Field, place: Place): TemplateResult {
  return html`<div class="row wide absent" part="field">
    <button type="button" class="button add" part="button add" id=${place.id} data-path=${place.path}
      aria-describedby=${describedBy(field, place)} @click=${() => become(place, emptyDraft(field))}>${icon('plus')} ${field.label}</button>
    ${optional(field)} ${about(field, place)} ${issues(place)}
  </div>`
}

/** Another draft, with the focus on what is then to be filled in. */
export function become({ change, form, id }: Place, draft: Draft): void {
  change(() => draft)
  form.focus(id)
}
