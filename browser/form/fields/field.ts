/** Chooses how a field is shown, by its kind and by what stands in it. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Draft, Field } from '../schema/mod.ts'
import { choiceRow, flagRow } from './choice.ts'
import { numberRow, textRow } from './entry.ts'
import { addRow, group, nullable, row } from './frame.ts'
import { jsonRow } from './json.ts'
import { listGroup } from './list.ts'
import { objectFields, objectGroup } from './object.ts'
import type { Place } from './place.ts'
import { variantGroup } from './variant.ts'

/** Given to what holds fields itself. */
export type RenderField = (field: Field, draft: Draft, place: Place) => TemplateResult | typeof nothing

/** The whole form: an object's fields stand without a legend of their own. */
export function renderRoot(field: Field, draft: Draft, place: Place): TemplateResult | typeof nothing {
  if (field.kind !== 'object' || draft.is !== 'object')
    return html`<div class="fields">${renderField(field, draft, place)}</div>`
  if (field.fields.length === 0) return html`<p class="about">This task takes no input.</p>`
  return objectFields(field, draft, place, renderField)
}

const renderField: RenderField = (field, draft, place) => {
  if (draft.is === 'null') return nullRow(field, draft, place)
  if (draft.is === 'json') return jsonRow(field, draft, place)
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
    case 'list':
      return draft.is === 'list' ? listGroup(field, draft, place, renderField) : addRow(field, place)
    case 'object':
      return draft.is === 'object' ? objectGroup(field, draft, place, renderField) : addRow(field, place)
    case 'variant':
      return draft.is === 'variant' ? variantGroup(field, draft, place, renderField) : addRow(field, place)
  }
}

function nullRow(field: Field, draft: Draft, place: Place): TemplateResult {
  const box = nullable(field, draft, place, true)
  const isGroup = field.kind === 'list' || field.kind === 'object' || field.kind === 'variant'
  return isGroup ? group(field, place, box) : row(field, place, box)
}
