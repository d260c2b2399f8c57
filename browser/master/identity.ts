/**
 * Who the master of a tab is. The id survives the tab's reload (session storage) and is held by a Web Lock: a tab that
 * finds it held was duplicated, and takes a new one. Design section 2. A tab that has none goes on where a closed one of the
 * same person ended: its jobs are still kept, and replies to them still come.
 */

import { v4 as uuid } from 'uuid'

export interface IdentityPorts {
  /** Absent where the browser has none, such as on a page without TLS. */
  readonly locks: LockManager | undefined
  /** Absent where the browser blocks it. */
  readonly session: Storage | undefined
  /** Where tabs leave their ids to those opened later. Absent where the browser blocks it, or nobody may take over. */
  readonly local: Storage | undefined
  readonly newId: () => string
  /** How long the page before a reload may hold on to its id. */
  readonly patienceMs: number
}

/** So many tabs of one person may be closed, and gone on with. */
const maxLeft = 20

export interface HeldIdentity {
  readonly masterId: string
  /** Lets the next holder have it. Idempotent. */
  release(): void
}

/**
 * What this browser has to hold an identity with.
 * @param isShared whether a tab may go on where a closed one ended: only where it is known whose jobs those are
 */
export function browserIdentityPorts(isShared: boolean): IdentityPorts {
  return {
    locks: navigator.locks,
    session: storageIfAllowed('sessionStorage'),
    local: isShared ? storageIfAllowed('localStorage') : undefined,
    newId: () => uuid().replaceAll('-', '').slice(0, 16),
    patienceMs: 1000,
  }
}

/**
 * Takes this tab's identity, or a new one.
 * @param scope tells apart the masters of one tab: their bridge, namespace and owner
 */
export async function takeIdentity(scope: string, ports: IdentityPorts): Promise<HeldIdentity> {
  const { locks, session, local, newId, patienceMs } = ports
  const key = `drover-master ${scope}`
  const kept = session?.getItem(key)
  // Without locks a duplicated tab takes over: the bridge ends the older session, and no reply is lost.
  if (locks === undefined) return { masterId: keep(session, key, kept ?? newId()), release: () => {} }
  if (kept) {
    const release = await hold(locks, kept, patienceMs)
    if (release !== undefined) return { masterId: kept, release }
  } else {
    for (const masterId of left(local, key)) {
      const release = await hold(locks, masterId, undefined)
      if (release !== undefined) return { masterId: keep(session, key, masterId), release }
    }
  }
  for (;;) {
    const masterId = newId()
    const release = await hold(locks, masterId, patienceMs)
    if (release === undefined) continue
    leave(local, key, masterId)
    return { masterId: keep(session, key, masterId), release }
  }
}

/** Lets go of which masters this scope has had: the next tab is another. */
export function forgetIdentity(scope: string, { session, local }: Pick<IdentityPorts, 'session' | 'local'>): void {
  session?.removeItem(`drover-master ${scope}`)
  local?.removeItem(`drover-master ${scope}`)
}

/** Ids that tabs of this scope have had, the latest first; some are held. */
function left(local: Storage | undefined, key: string): readonly string[] {
  return (local?.getItem(key) ?? '').split(' ').filter(Boolean)
}

function leave(local: Storage | undefined, key: string, masterId: string): void {
  try {
    local?.setItem(key, [masterId, ...left(local, key)].slice(0, maxLeft).join(' '))
  } catch {} // full: jobs of this tab show in this tab alone
}

function keep(session: Storage | undefined, key: string, masterId: string): string {
  try {
    session?.setItem(key, masterId)
  } catch {} // full: this tab will have another id after its reload
  return masterId
}

/**
 * @param patienceMs how long whoever has it may take to let go; absent: not at all
 * @returns how to let go; `undefined` when somebody else holds it for longer
 */
function hold(locks: LockManager, masterId: string, patienceMs: number | undefined): Promise<(() => void) | undefined> {
  const { promise, resolve } = Promise.withResolvers<(() => void) | undefined>()
  const waiting = new AbortController()
  const timer = patienceMs === undefined ? undefined : setTimeout(() => waiting.abort(), patienceMs)
  const options = patienceMs === undefined ? { ifAvailable: true } : { signal: waiting.signal }
  locks
    .request(`drover-master ${masterId}`, options, lock => {
      clearTimeout(timer)
      if (lock === null) return resolve(undefined)
      const released = Promise.withResolvers<void>()
      resolve(() => released.resolve())
      return released.promise
    })
    .catch(() => resolve(undefined))
  return promise
}

function storageIfAllowed(name: 'sessionStorage' | 'localStorage'): Storage | undefined {
  try {
    return window[name]
  } catch {
    return undefined
  }
}
