/**
 * Where a widget finds its master: the property `master`, else the `<drover-master>` that its attribute `for` names,
 * else the one that it stands in (`@lit/context`, so that other libraries' elements can ask as well).
 */
import { createContext } from '@lit/context'
import type { Master } from '../shared/master/mod.ts'

/** Given by `<drover-master>`; `undefined` until it has a master. */
export const masterContext = createContext<Master | undefined>(Symbol.for('drover.master'))

const tag = 'drover-master'
type Holder = Element & { readonly current?: Master | undefined; readonly url?: string | undefined }

/** `<drover-master>`, as elements see it that name it by its id. */
export interface MasterHolder extends HTMLElement {
  /** The headless master that it was given or has made. */
  readonly current: Master | undefined
}

/**
 * @param id of a `<drover-master>`, in the tree of `from` or in the document
 * @returns its master, if it has one yet: a `drover-master` event tells when
 */
export function findMaster(from: Element, id: string): Master | undefined {
  return findHolder(from, id)?.current
}

/** The element that bears the id, whether it is a `<drover-master>` yet or not. */
export function findHolder(from: Element, id: string): Holder | null {
  const root = from.getRootNode()
  return (root instanceof ShadowRoot ? root.getElementById(id) : null) ?? from.ownerDocument.getElementById(id)
}

/** The `<drover-master>` that an element stands in, through shadow trees; upgraded or not. */
export function holderAround(from: Element): Holder | null {
  const found = from.closest(tag)
  if (found !== null) return found
  const root = from.getRootNode()
  return root instanceof ShadowRoot ? holderAround(root.host) : null
}

/** Whether it has none yet, and is not upgraded or knows where to get one. */
export const mayGiveMaster = (holder: Holder | null): boolean =>
  holder !== null && holder.current === undefined && (holder.matches(':not(:defined)') || Boolean(holder.url))

export const whenMasterDefined = (): Promise<unknown> => customElements.whenDefined(tag)
