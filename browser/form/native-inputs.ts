/** The native inputs of a form: the faults that they find, and how one is focused. Each names its path in `data-path`. */
import type { FieldIssue } from './schema/mod.ts'

const inputsOf = (root: ShadowRoot): readonly HTMLInputElement[] => [
  ...root.querySelectorAll<HTMLInputElement>('[data-path]'),
]

/** The faults that the browser finds, in its own words: one a path. */
export function nativeIssues(root: ShadowRoot): FieldIssue[] {
  const issues = new Map<string, string>()
  // A group has a path as well, and no validity.
  for (const { dataset, validity, validationMessage } of inputsOf(root)) {
    if (validity?.valid === false && !issues.has(dataset.path!)) issues.set(dataset.path!, validationMessage)
  }
  return [...issues].map(([path, message]) => ({ path, message }))
}

/** @returns the input at a path, else its group */
export function inputAt(root: ShadowRoot, path: string): HTMLElement | undefined {
  const found = inputsOf(root).filter(({ dataset }) => dataset.path === path)
  return found.find(one => one.matches('input, select, textarea, button')) ?? found[0]
}

/** A group is entered by its first input; folded ones are opened. */
export function focusInto(element: HTMLElement | null | undefined): void {
  if (!element) return
  for (let at: Element | null = element; at !== null; at = at.parentElement) {
    if (at instanceof HTMLDetailsElement) at.open = true
  }
  const isGroup = element.matches('fieldset')
  const inner = isGroup ? element.querySelector<HTMLElement>('input, select, textarea, .add') : null
  ;(inner ?? element).focus()
}

/** Focuses the JSON view, with the place of a mistake selected. */
export function selectText(root: ShadowRoot, place: { readonly from: number; readonly to: number } | undefined): void {
  const text = root.querySelector<HTMLTextAreaElement>('#json')
  text?.focus()
  if (place !== undefined) text?.setSelectionRange(place.from, place.to)
}

/** Whether a key dispatches, and then nothing else. */
export function isSubmit(event: KeyboardEvent): boolean {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return false
  event.preventDefault()
  return true
}
