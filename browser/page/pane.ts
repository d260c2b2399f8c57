/** The panes follow the route: an address hides one, and is about another. */
import { idOf, type Route } from './route.ts'

/**
 * The pane that an address is about begins at its top, and has the focus where the one that had it is gone.
 * @param focused the element that had the focus before the route changed
 */
export function showPane(root: ParentNode, route: Route, before: Route | undefined, focused: Element | null): void {
  const id = idOf(route)
  const idBefore = idOf(before)
  const pane = root.querySelector<HTMLElement>(
    id !== undefined ? '.detail' : route.view === 'dispatch' ? '.form' : '.list',
  )!
  if (id !== idBefore) pane.scrollTo(0, 0)
  if (focused === null || focused.checkVisibility()) return
  const row = route.view === before?.view && id === undefined ? rowOf(pane, idBefore) : null
  ;(row ?? pane).focus()
}

/** Where somebody came from who goes back to the list. */
function rowOf(list: Element, id: string | undefined): HTMLElement | null {
  const row = `[data-id="${CSS.escape(id ?? '')}"]`
  return (
    list.querySelector('drover-jobs, drover-workers')?.shadowRoot?.querySelector(`${row}[tabindex], ${row} .name`) ??
    null
  )
}
