/**
 * Where a widget finds its master: the property `master`, else the `<drover-master>` that its attribute `for` names,
 * else the one that it stands in (`@lit/context`, so that other libraries' elements can ask as well).
 */
import { createContext } from '@lit/context'
import type { Master } from '../shared/master/mod.ts'

/** Given by `<drover-master>`; `undefined` until it has a master. */
export const masterContext = createContext<Master | undefined>(Symbol.for('drover.master'))

/** What `<drover-master>` has for those who name it by id. */
export interface MasterHolder extends HTMLElement {
  /** The headless master that it was given or has made. */
  readonly current: Master | undefined
}

/**
 * @param id of a `<drover-master>`, in the tree of `from` or in the document
 * @returns its master, if it has one yet: a `drover-master` event tells when
 */
export function findMaster(from: Element, id: string): Master | undefined {
  const root = from.getRootNode()
  const found = (root instanceof ShadowRoot ? root.getElementById(id) : null) ?? from.ownerDocument.getElementById(id)
  return (found as Partial<MasterHolder> | null)?.current
}
