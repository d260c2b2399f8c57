/** One of several shapes: a select, and the fields of the one that is chosen. */
import { html, type TemplateResult } from 'lit'
import type { VariantField } from '../schema/field.ts'
import { chooseVariant, type Draft } from '../schema/mod.ts'
import type { RenderField } from './field.ts'
import { group, removeButton } from './frame.ts'
import { objectFields } from './object.ts'
import { idOf, inside, type Place } from './place.ts'

type VariantDraft = Draft & { readonly is: 'variant' }

export function variantGroup(
  field: VariantField,
  draft: VariantDraft,
  place: Place,
  render: RenderField,
): TemplateResult {
  const name = place.name ?? field.label
  const onChange = (event: Event): void => {
    const index = Number((event.target as HTMLSelectElement).value)
    place.change(() => chooseVariant(field, index))
  }
  const variant = field.variants[draft.index]!
  // The fieldset around says what is wrong at this path, so the part does not say it again.
  const part = inside(place, undefined, (whole, update) =>
    whole.is === 'variant' ? { ...whole, draft: update(whole.draft) } : whole,
  )
  const { form } = place
  const quiet: Place = {
    ...part,
    id: `${idOf(place)}:of`,
    name: `${name}: ${variant.label}`,
    form: { ...form, issuesAt: () => [] },
  }
  const content = html`<select class="field shape" part="input" id="${idOf(place)}:shape" aria-label="${name}: kind" @change=${onChange}>
      ${field.variants.map(({ label }, index) => html`<option value=${index} .selected=${index === draft.index}>${label}</option>`)}
    </select>
    ${
      variant.kind === 'object' && draft.draft.is === 'object'
        ? objectFields(variant, draft.draft, part, render)
        : render({ ...variant, isRequired: true }, draft.draft, quiet)
    }`
  return group(field, place, content, removeButton(field, place))
}
