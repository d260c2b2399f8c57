/** Lists: items are added, removed, and moved by buttons or Alt with an arrow key. */
import { html, nothing, type TemplateResult } from 'lit'
import { guard } from 'lit/directives/guard.js'
import { repeat } from 'lit/directives/repeat.js'
import { icon } from '../../look/mod.ts'
import type { ListField } from '../schema/field.ts'
import { type Draft, emptyDraft, initialDraft } from '../schema/mod.ts'
import { type FieldContext, inside, type RenderField } from './field-context.ts'

type ListDraft = Draft & { readonly is: 'list' }
type Items = ListDraft['items']

/** Lists that are longer are shown by their beginning; the rest is in the JSON view. */
const maxShown = 200

/** The items, and the button that adds one. */
export function listItems(
  field: ListField,
  draft: ListDraft,
  context: FieldContext,
  render: RenderField,
): TemplateResult {
  const { items } = draft
  const isFull = items.length >= field.maxItems
  const onAdd = (): void => {
    change(context, all => [...all, { id: 1 + Math.max(-1, ...all.map(({ id }) => id)), draft: newItem(field) }])
    context.form.focus(itemContext(field, context, items.length).id)
  }
  return html`${
    items.length === 0
      ? html`<p class="about">No items.</p>`
      : html`<ol class="items">${repeat(
          items.slice(0, maxShown),
          ({ id }) => id,
          // At a key that is pressed in one of many, the others stay as they are.
          ({ draft }, index) =>
            guard([field, draft, items.length, index, context.name, context.found], () =>
              itemRow(field, draft, items.length, index, context, render),
            ),
        )}</ol>`
  }
    ${items.length > maxShown ? html`<p class="about">${items.length - maxShown} more items are in the JSON view.</p>` : nothing}
    <button type="button" class="button add" part="button add" id="${context.id}:add" ?disabled=${isFull} @click=${onAdd}>
      ${icon('plus')} Add <span class="visually-hidden">to ${context.name ?? field.label}</span></button>
    ${isFull ? html`<span class="hint numbers">${field.maxItems} at most</span>` : nothing}`
}

/** An item is there to be filled in. */
const newItem = ({ item }: ListField): Draft => {
  const draft = initialDraft(item)
  return draft.is === 'absent' ? emptyDraft(item) : draft
}

function itemContext(field: ListField, context: FieldContext, index: number): FieldContext {
  const part = inside(context, index, (whole, update) =>
    mapItems(whole, items => items.map((item, i) => (i === index ? { ...item, draft: update(item.draft) } : item))),
  )
  return { ...part, name: `${context.name ?? field.label} ${index + 1}` }
}

function itemRow(
  field: ListField,
  draft: Draft,
  total: number,
  index: number,
  context: FieldContext,
  render: RenderField,
) {
  const here = itemContext(field, context, index)
  const { name, id } = here
  const onMove = (by: -1 | 1): void => {
    const to = index + by
    if (to < 0 || to >= total) return
    change(context, items => moved(items, index, to))
    context.form.say(`${name} moved to place ${to + 1} of ${total}.`)
    // The button that was pressed; at either end only the other one is left.
    const way = to === 0 ? 'down' : to === total - 1 ? 'up' : by < 0 ? 'up' : 'down'
    context.form.focus(`${itemContext(field, context, to).id}:${way}`)
  }
  const onRemove = (): void => {
    change(context, items => items.filter((_, i) => i !== index))
    context.form.say(`${name} removed.`)
    context.form.focus(
      total === 1 ? `${context.id}:add` : `${itemContext(field, context, Math.min(index, total - 2)).id}:remove`,
    )
  }
  const onKey = (event: KeyboardEvent): void => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return
    event.preventDefault()
    event.stopPropagation()
    onMove(event.key === 'ArrowUp' ? -1 : 1)
  }
  return html`<li class="item" part="item" @keydown=${onKey}>
    <span class="place numbers" aria-hidden="true">${index + 1}</span>
    <div class="content">${render(field.item, draft, here)}</div>
    <div class="moves" role="group" aria-label="${name}: place">
      <button type="button" class="button quiet icon up" part="button up" id="${id}:up" ?disabled=${index === 0}
        aria-label="Move ${name} up" @click=${() => onMove(-1)}>${icon('chevron')}</button>
      <button type="button" class="button quiet icon down" part="button down" id="${id}:down" ?disabled=${index === total - 1}
        aria-label="Move ${name} down" @click=${() => onMove(1)}>${icon('chevron')}</button>
      <button type="button" class="button quiet icon" part="button remove" id="${id}:remove"
        aria-label="Remove ${name}" @click=${onRemove}>${icon('close')}</button>
    </div>
  </li>`
}

const mapItems = (whole: Draft, map: (items: Items) => Items): Draft =>
  whole.is === 'list' ? { ...whole, items: map(whole.items) } : whole

const change = (context: FieldContext, map: (items: Items) => Items): void =>
  context.change(whole => mapItems(whole, map))

function moved(items: Items, from: number, to: number): Items {
  const all = [...items]
  all.splice(to, 0, ...all.splice(from, 1))
  return all
}
