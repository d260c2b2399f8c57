/** A button that asks once more before it does something for good. */
import { html, type TemplateResult } from 'lit'
import type { SecondPress } from '../controllers/mod.ts'

export interface Confirmed {
  /** Tells it from the others. */
  readonly key: string
  readonly word: string
  /** The thing that it is about. */
  readonly of?: string
  readonly part: string
  readonly isDisabled: boolean
}

export function confirmButton(
  press: SecondPress,
  { key, word, of, part, isDisabled }: Confirmed,
  act: () => undefined,
): TemplateResult {
  const isAsked = press.isAsked(key)
  const named = (text: string): string => [text, of].filter(Boolean).join(' ')
  const shown = isAsked ? `Really ${word.charAt(0).toLowerCase()}${word.slice(1)}` : word
  return html`<button class=${isAsked ? 'button danger' : 'button'} part=${`button ${part}`} type="button" ?disabled=${isDisabled}
    aria-label=${named(shown)}
    @click=${(event: UIEvent) => press.press(key, event, act, `Press once more: ${named(word)}.`)}
    @keydown=${press.onKey} @focusout=${press.drop}>${shown}</button>`
}
