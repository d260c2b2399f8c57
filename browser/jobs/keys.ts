/** By keyboard: arrows, Page Up and Down, Home and End go through the rows, left and right to a row's buttons. */

const steps: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

/** @returns the row that a key leads to, of 0 to `last`; `undefined` where it leads to none */
export function rowBy(key: string, from: number, last: number): number | undefined {
  const step = steps[key]
  return step === undefined ? undefined : Math.max(0, Math.min(last, from + step))
}

/** From a row to its buttons and back. @returns whether the key is one for that */
export function goAside({ key, target }: KeyboardEvent): boolean {
  if (key !== 'ArrowLeft' && key !== 'ArrowRight') return false
  const from = target as HTMLElement
  const row = from.closest<HTMLElement>('[role="row"]')
  if (row !== null) {
    const places = [row, ...row.querySelectorAll<HTMLElement>('button')]
    const isForward = (key === 'ArrowRight') === row.matches(':dir(ltr)')
    places[places.indexOf(from) + (isForward ? 1 : -1)]?.focus()
  }
  return true
}

/** A link that is pressed with a key held opens elsewhere, as the browser does it. */
export const isOfBrowser = (event: MouseEvent): boolean =>
  (event.ctrlKey || event.metaKey || event.shiftKey) && (event.target as Element).closest('a') !== null
