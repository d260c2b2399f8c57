/** Chooses how a field is shown, by its kind and by its value. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Draft, Field } from '../schema/mod.ts'
import { addRow, group, row } from './around-input.ts'
import { choiceRow, flagRow } from './choice.ts'
import { numberRow, textRow } from './entry.ts'
import type { FieldContext, RenderField } from './field-context.ts'
import { jsonRow } from './json.ts'
import { listItems } from './list.ts'
import { objectFields } from './object.ts'
import { variantShape } from './variant.ts'

/** The whole form: an object's fields stand without a legend of their own. */
export function renderRoot(field: Field, draft: Draft, context: FieldContext): TemplateResult | typeof nothing {
  if (field.kind !== 'object' || draft.is !== 'object')
    return html`<div class="fields">${renderField(field, draft, context)}</div>`
  if (field.fields.length === 0) return html`<p class="about">This task takes no input.</p>`
  return objectFields(field, draft, context, renderField)
}

const renderField: RenderField = (field, draft, context) => {
  if (draft.is === 'json') return jsonRow(field, draft, context)
  switch (field.kind) {
    case 'list':
    case 'object':
    case 'variant':
      return draft.is === 'absent'
        ? addRow(field, context)
        : group(field, draft, context, contentOf(field, draft, context))
  }
  if (draft.is === 'null') return row(field, draft, context, nothing)
  switch (field.kind) {
    case 'const':
      return draft.is === 'choice' ? nothing : addRow(field, context)
    case 'text':
      return textRow(field, draft, context)
    case 'number':
      return numberRow(field, draft, context)
    case 'flag':
      return flagRow(field, draft, context)
    case 'choice':
      return choiceRow(field, draft, context)
    case 'json':
      return jsonRow(field, draft, context)
  }
}

/** The content of a group; nothing where that is null. */
function contentOf(field: Field, draft: Draft, context: FieldContext): TemplateResult | typeof nothing {
  if (field.kind === 'list' && draft.is === 'list') return listItems(field, draft, context, renderField)
  if (field.kind === 'object' && draft.is === 'object') return objectFields(field, draft, context, renderField)
  if (field.kind === 'variant' && draft.is === 'variant') return variantShape(field, draft, context, renderField)
  return nothing
}
