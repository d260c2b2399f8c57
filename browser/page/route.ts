/** The page's addresses: `#/jobs`, `#/jobs/<id>`, `#/dispatch`, `#/workers`, `#/workers/<id>`. They survive a reload. */

import { plain, shortId } from '../look/mod.ts'

export type Route =
  | { readonly view: 'jobs'; readonly id?: string }
  | { readonly view: 'workers'; readonly id?: string }
  | { readonly view: 'dispatch' }

/** @param hash with its `#`; one that means nothing leads to the jobs */
export function readRoute(hash: string): Route {
  const [, view, id] = /^#\/(jobs|workers|dispatch)(?:\/([^/]+))?$/.exec(hash) ?? []
  if (view === 'dispatch') return { view }
  if (view !== 'workers' && view !== 'jobs') return { view: 'jobs' }
  return id === undefined ? { view } : { view, id: decode(id) }
}

export function hashOf(route: Route): string {
  return 'id' in route && route.id !== undefined ? `#/${route.view}/${encodeURIComponent(route.id)}` : `#/${route.view}`
}

/** Of the job or worker that is shown. */
export const idOf = (route: Route | undefined): string | undefined => (route && 'id' in route ? route.id : undefined)

/** Of the tab, and of its content. */
export function titleOf(route: Route): string {
  const id = idOf(route)
  if (id !== undefined) return `${route.view === 'jobs' ? 'Job' : 'Worker'} ${plain(shortId(id))}`
  return { jobs: 'Jobs', workers: 'Workers', dispatch: 'Dispatch' }[route.view]
}

/** The secret of a sign-in link. */
export function readSignIn(hash: string): string | undefined {
  return /^#sign-in=([\w-]+)$/.exec(hash)?.[1]
}

/** The token of a link to one job. */
export function readJobLink(hash: string): string | undefined {
  return /^#job=([\w.-]+)$/.exec(hash)?.[1]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
