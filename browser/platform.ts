/**
 * The clock, network and disk of the browser, as they are handed to the parts of widgets. No other file of `browser/` names them,
 * apart from IndexedDB in `storage/`. A widget that has a master goes by the clock of that master, since the times of its jobs do.
 */
import { v4 as uuid } from 'uuid'
import { type Clock, systemClock } from '../shared/clock.ts'
import type { IdentityPorts } from './master/identity.ts'

export type Fetch = typeof globalThis.fetch

/** Asks for the `fetch` of the page at each call: the page may replace it. */
export const pageFetch: Fetch = (...request) => fetch(...request)

/** @param master asked at each reading; the clock of the page counts while there is none */
export function clockOf(master: () => { readonly clock: Clock } | undefined): Clock {
  const clock = (): Clock => master()?.clock ?? systemClock
  return {
    now: () => clock().now(),
    steady: () => clock().steady(),
    timer: (ms, fire) => clock().timer(ms, fire),
  }
}

/** The storage that the tabs of a site share. @returns `undefined` where the browser blocks it */
export const localDisk = (): Storage | undefined => ifAllowed(() => localStorage)

/**
 * The ports that hold an identity in this browser.
 * @param isShared whether a tab may go on where a closed one ended: only where it is known whose jobs those are
 */
export function identityPorts(isShared: boolean): IdentityPorts {
  return {
    clock: systemClock,
    locks: ifAllowed(() => navigator.locks),
    session: ifAllowed(() => sessionStorage),
    local: isShared ? localDisk() : undefined,
    newId: () => uuid().replaceAll('-', '').slice(0, 16),
    patienceMs: isReload() ? 10_000 : 1000,
  }
}

/** Then nobody but the page before has the id of this tab, and lets go of it, however busy the machine is. */
function isReload(): boolean {
  const [visit] = performance.getEntriesByType('navigation')
  return visit instanceof PerformanceNavigationTiming && visit.type === 'reload'
}

/** @returns `undefined` where the browser does not let the page look, and where a web view has switched it off */
function ifAllowed<T>(look: () => T | null): T | undefined {
  try {
    return look() ?? undefined
  } catch {
    return undefined
  }
}
