/** One of several shapes: a select, and the fields of the one that is chosen. */
import { html, type TemplateResult } from 'lit'
import type { VariantField } from '../schema/field.ts'
import { chooseVariant, type Draft } from '../schema/mod.ts'
import type { FieldContext, RenderField } from './field-context.ts'
import { objectFields } from './object.ts'

type VariantDraft = Draft & { readonly is: 'variant' }

export function variantShape(
  field: VariantField,
  draft: VariantDraft,
  context: FieldContext,
  render: RenderField,
): TemplateResult {
  const { id, path, name = field.label, change } = context
  const onChange = (event: Event): void => {
    const index = Number((event.target as HTMLSelectElement).value)
    change(() => chooseVariant(field, index))
  }
  const variant = field.variants[draft.index]!
  const shape: FieldContext = {
    ...context,
    change: (update, at = path) =>
      change(whole => (whole.is === 'variant' ? { ...whole, draft: update(whole.draft) } : whole), at),
  }
  return html`<select class="field shape" part="input" id="${id}:shape" aria-label="${name}: kind" @change=${onChange}>
      ${field.variants.map(({ label }, index) => html`<option value=${index} .selected=${index === draft.index}>${label}</option>`)}
    </select>
    ${
      variant.kind === 'object' && draft.draft.is === 'object'
        ? objectFields(variant, draft.draft, shape, render)
        : // The fieldset around shows the faults of this path, so the shape does not show them again.
          render({ ...variant, isRequired: true }, draft.draft, {
            ...shape,
            id: `${id}:of`,
            name: `${name}: ${variant.label}`,
            issues: [],
          })
    }`
}
