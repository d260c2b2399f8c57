/** Objects: their fields in a row or under a legend; a large optional part stays folded until somebody wants it. */
import { html, nothing, type TemplateResult } from 'lit'
import { count, icon } from '../../look/mod.ts'
import type { ObjectField } from '../schema/field.ts'
import type { Draft } from '../schema/mod.ts'
import { type FieldContext, inside, type RenderField } from './field-context.ts'

type ObjectDraft = Draft & { readonly is: 'object' }

/** From so many fields on, those that are optional and have no default are folded. */
const manyFields = 9
const manyOptional = 4

/** The fields of an object without anything around them. */
export function objectFields(
  field: ObjectField,
  draft: ObjectDraft,
  context: FieldContext,
  render: RenderField,
): TemplateResult {
  const rows = field.fields.map((one, index) => {
    const here = inside(context, one.key, (whole, update) =>
      whole.is === 'object'
        ? { ...whole, fields: whole.fields.map((old, i) => (i === index ? update(old) : old)) }
        : whole,
    )
    return {
      content: render(one, draft.fields[index]!, here),
      wrong: here.countIn(here.path),
      isOptional: !one.isRequired && one.initial === undefined,
    }
  })
  const optional = rows.filter(({ isOptional }) => isOptional)
  const isFolding = rows.length >= manyFields && optional.length >= manyOptional
  const shown = (some: typeof rows) => html`<div class="fields">${some.map(({ content }) => content)}</div>`
  const wrong = optional.reduce((sum, one) => sum + one.wrong, 0)
  if (!isFolding) return html`${shown(rows)}${rest(draft)}`
  return html`${shown(rows.filter(({ isOptional }) => !isOptional))}
    <details class="more" part="details">
      <summary part="summary">${icon('chevron')} Optional fields <span class="optional numbers">${optional.length}</span>
        ${wrong === 0 ? nothing : html`<span class="issue" part="wrong">${icon('warning')}${count(wrong, 'error')}</span>`}</summary>
      ${shown(optional)}
    </details>
    ${rest(draft)}`
}

/** Sent as well, though no field shows it. */
function rest({ rest }: ObjectDraft): TemplateResult | typeof nothing {
  if (rest.length === 0) return nothing
  const names = rest.slice(0, 5).map(([key]) => key.slice(0, 60))
  return html`<p class="about">Also in the JSON view: ${names.join(', ')}${rest.length > 5 ? ' and others' : ''}.</p>`
}
