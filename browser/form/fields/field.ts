/** Chooses how a field is shown, by its kind and by what stands in it. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Draft, Field } from '../schema/mod.ts'
import { choiceRow, flagRow } from './choice.ts'
import { numberRow, textRow } from './entry.ts'
import { addRow, group, row } from './frame.ts'
import { jsonRow } from './json.ts'
import { listItems } from './list.ts'
import { objectFields } from './object.ts'
import type { Place, RenderField } from './place.ts'
import { variantShape } from './variant.ts'

/** The whole form: an object's fields stand without a legend of their own. */
export function renderRoot(field: Field, draft: Draft, place: Place): TemplateResult | typeof nothing {
  if (field.kind !== 'object' || draft.is !== 'object')
    return html`<div class="fields">${renderField(field, draft, place)}</div>`
  if (field.fields.length === 0) return html`<p class="about">This task takes no input.</p>`
  return objectFields(field, draft, place, renderField)
}

const renderField: RenderField = (field, draft, place) => {
  if (draft.is === 'json') return jsonRow(field, draft, place)
  switch (field.kind) {
    case 'list':
    case 'object':
    case 'variant':
      return draft.is === 'absent' ? addRow(field, place) : group(field, draft, place, contentOf(field, draft, place))
  }
  if (draft.is === 'null') return row(field, draft, place, nothing)
  switch (field.kind) {
    case 'const':
      return draft.is === 'choice' ? nothing : addRow(field, place)
    case 'text':
      return textRow(field, draft, place)
    case 'number':
      return numberRow(field, draft, place)
    case 'flag':
      return flagRow(field, draft, place)
    case 'choice':
      return choiceRow(field, draft, place)
    case 'json':
      return jsonRow(field, draft, place)
  }
}

/** What stands in a group; nothing where that is null. */
function contentOf(field: Field, draft: Draft, place: Place): TemplateResult | typeof nothing {
  if (field.kind === 'list' && draft.is === 'list') return listItems(field, draft, place, renderField)
  if (field.kind === 'object' && draft.is === 'object') return objectFields(field, draft, place, renderField)
  if (field.kind === 'variant' && draft.is === 'variant') return variantShape(field, draft, place, renderField)
  return nothing
}
