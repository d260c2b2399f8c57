/** Objects: their fields in a row or under a legend; what is optional and much stays folded until somebody wants it. */
import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../../look/mod.ts'
import type { ObjectField } from '../schema/field.ts'
import { absent, type Draft } from '../schema/mod.ts'
import type { RenderField } from './field.ts'
import { group, removeButton } from './frame.ts'
import { inside, type Place } from './place.ts'

type ObjectDraft = Draft & { readonly is: 'object' }

/** From so many fields on, those that are optional and have no default are folded. */
const manyFields = 9
const manyOptional = 4

/** The fields of an object without anything around them. */
export function objectFields(
  field: ObjectField,
  draft: ObjectDraft,
  place: Place,
  render: RenderField,
): TemplateResult {
  const rows = field.fields.map((one, index) => {
    const here = inside(place, one.key, (whole, update) =>
      whole.is === 'object'
        ? { ...whole, fields: whole.fields.map((old, i) => (i === index ? update(old) : old)) }
        : whole,
    )
    return {
      content: render(one, draft.fields[index] ?? absent, here),
      isOptional: !one.isRequired && one.initial === undefined,
    }
  })
  const folded = rows.length < manyFields ? [] : rows.filter(({ isOptional }) => isOptional)
  const isFolding = folded.length >= manyOptional
  const open = isFolding ? rows.filter(one => !folded.includes(one)) : rows
  return html`<div class="fields">${open.map(({ content }) => content)}</div>
    ${
      isFolding
        ? html`<details class="more" part="details">
            <summary part="summary">${icon('chevron')} Optional fields <span class="optional numbers">${folded.length}</span></summary>
            <div class="fields">${folded.map(({ content }) => content)}</div>
          </details>`
        : nothing
    }
    ${draft.rest.length > 0 ? rest(draft) : nothing}`
}

/** Sent as well, though no field shows it. */
const rest = (draft: ObjectDraft): TemplateResult => {
  const names = draft.rest.slice(0, 5).map(([key]) => key.slice(0, 60))
  const more = draft.rest.length > 5 ? ' and others' : ''
  return html`<p class="about">Also in the JSON view: ${names.join(', ')}${more}.</p>`
}

export function objectGroup(field: ObjectField, draft: ObjectDraft, place: Place, render: RenderField): TemplateResult {
  return group(field, place, objectFields(field, draft, place, render), removeButton(field, place))
}
