/** The surroundings of every input: label, hint, description, and its faults. */
import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../../look/mod.ts'
import { absent, type Draft, emptyDraft, type Field } from '../schema/mod.ts'
import type { FieldContext } from './field-context.ts'

type Content = TemplateResult | typeof nothing

/** Ids of the elements that describe an input, for `aria-describedby`. */
export function describedBy(field: Field, { id, name, issues }: FieldContext): string | typeof nothing {
  const ids = [
    field.description !== undefined && name === undefined ? `${id}:about` : '',
    issues.length > 0 ? `${id}:issue` : '',
  ]
  return ids.filter(Boolean).join(' ') || nothing
}

export const isInvalid = ({ issues }: FieldContext): 'true' | 'false' => (issues.length > 0 ? 'true' : 'false')

/** A row: the label above its input. In a list, the input alone. @param control none where the value is null */
export function row(
  field: Field,
  draft: Draft,
  context: FieldContext,
  control: Content,
  { hint = '', isWide = false } = {},
): TemplateResult {
  const content = html`${control}${nullable(field, draft, context)}`
  if (context.name !== undefined) return html`<div class="bare">${content}${issues(context)}</div>`
  return html`<div class="row ${isWide ? 'wide' : ''}" part="field">
    <div class="head">
      <label part="label" for=${context.id}>${field.label}</label>${optional(field)}
      ${hint === '' ? nothing : html`<span class="hint numbers" dir="ltr">${hint}</span>`}
    </div>
    ${content} ${about(field, context)} ${issues(context)}
  </div>`
}

/** A group: several inputs under one legend. @param content none where the value is null */
export function group(field: Field, draft: Draft, context: FieldContext, content: Content): TemplateResult {
  const isNull = draft.is === 'null'
  return html`<fieldset class="group wide" part="fieldset ${field.kind === 'list' ? 'list' : ''}" id=${context.id}
    tabindex="-1" data-path=${context.path} aria-describedby=${describedBy(field, context)}>
    <legend part="legend">${context.name ?? field.label}${context.name === undefined ? optional(field) : nothing}</legend>
    ${isNull ? nothing : removeButton(field, context)}
    ${about(field, context)} ${isNull ? nullable(field, draft, context) : content} ${issues(context)}
  </fieldset>`
}

export const optional = (field: Field): Content =>
  field.isRequired || field.kind === 'flag' ? nothing : html` <span class="optional">optional</span>`

export function about(field: Field, { id, name }: FieldContext): Content {
  if (field.description === undefined || name !== undefined) return nothing
  return html`<p class="about" part="description" id="${id}:about">${field.description}</p>`
}

export function issues({ id, issues: found }: FieldContext): Content {
  if (found.length === 0) return nothing
  return html`<p class="issue" part="error" id="${id}:issue">${icon('warning')}<span>${found.join('\n')}</span></p>`
}

/** For a value that may be null: a box that makes it so, beside the input or instead of it. */
export function nullable(field: Field, draft: Draft, context: FieldContext): Content {
  if (!field.isNullable) return nothing
  const { id, path, name = field.label } = context
  const isNull = draft.is === 'null'
  const onChange = (event: Event): void => {
    const { checked } = event.target as HTMLInputElement
    become(context, checked ? { is: 'null' } : emptyDraft(field))
  }
  return html`<label class="null"><input type="checkbox" part="input" id="${id}${isNull ? '' : ':null'}"
    data-path=${isNull ? path : nothing} .checked=${isNull} @change=${onChange}
    aria-label="${name}: no value"><span>no value (null)</span></label>`
}

/** Leaves out an optional value. */
function removeButton(field: Field, context: FieldContext): Content {
  if (field.isRequired || context.name !== undefined) return nothing
  return html`<div class="tools"><button type="button" class="button quiet" part="button remove"
    @click=${() => become(context, absent)} aria-label="Remove ${field.label}">${icon('close')} Remove</button></div>`
}

/** Stands where something optional is left out. */
export function addRow(field: Field, context: FieldContext): TemplateResult {
  return html`<div class="row wide absent" part="field">
    <button type="button" class="button add" part="button add" id=${context.id} data-path=${context.path}
      aria-describedby=${describedBy(field, context)} @click=${() => become(context, emptyDraft(field))}>${icon('plus')} ${field.label}</button>
    ${optional(field)} ${about(field, context)} ${issues(context)}
  </div>`
}

/** Another draft, with the focus on the input that is then to be filled in. */
export function become({ change, form, id }: FieldContext, draft: Draft): void {
  change(() => draft)
  form.focus(id)
}
