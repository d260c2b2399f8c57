/**
 * Who the master of a tab is. The id survives the tab's reload (session storage) and is held by a Web Lock: a tab that
 * finds it held was duplicated, and takes a new one. Design section 2.
 */

export interface IdentityPorts {
  /** Absent where the browser has none, such as on a page without TLS. */
  readonly locks: LockManager | undefined
  /** Absent where the browser blocks it. */
  readonly session: Storage | undefined
  readonly newId: () => string
  /** How long the page before a reload may hold on to its id. */
  readonly patienceMs: number
}

export interface HeldIdentity {
  readonly masterId: string
  /** Lets the next holder have it. Idempotent. */
  release(): void
}

/** What this browser has to hold an identity with. */
export function browserIdentityPorts(): IdentityPorts {
  return {
    locks: navigator.locks,
    session: sessionStorageIfAllowed(),
    newId: () =>
      Array.from(crypto.getRandomValues(new Uint8Array(8)), byte => byte.toString(16).padStart(2, '0')).join(''),
    patienceMs: 1000,
  }
}

/**
 * Takes this tab's identity, or a new one.
 * @param scope tells apart the masters of one tab: their bridge, namespace and owner
 */
export async function takeIdentity(scope: string, ports: IdentityPorts): Promise<HeldIdentity> {
  const { locks, session, newId, patienceMs } = ports
  const key = `drover-master ${scope}`
  const kept = session?.getItem(key)
  // Without locks a duplicated tab takes over: the bridge ends the older session, and no reply is lost.
  if (locks === undefined) return { masterId: keep(session, key, kept ?? newId()), release: () => {} }
  if (kept) {
    const release = await hold(locks, kept, patienceMs)
    if (release !== undefined) return { masterId: kept, release }
  }
  for (;;) {
    const masterId = newId()
    const release = await hold(locks, masterId, patienceMs)
    if (release !== undefined) return { masterId: keep(session, key, masterId), release }
  }
}

function keep(session: Storage | undefined, key: string, masterId: string): string {
  try {
    session?.setItem(key, masterId)
  } catch {} // full: this tab will have another id after its reload
  return masterId
}

/** @returns how to let go; `undefined` when somebody else holds it for longer than `patienceMs` */
function hold(locks: LockManager, masterId: string, patienceMs: number): Promise<(() => void) | undefined> {
  const { promise, resolve } = Promise.withResolvers<(() => void) | undefined>()
  const waiting = new AbortController()
  const timer = setTimeout(() => waiting.abort(), patienceMs)
  locks
    .request(`drover-master ${masterId}`, { signal: waiting.signal }, () => {
      clearTimeout(timer)
      const released = Promise.withResolvers<void>()
      resolve(() => released.resolve())
      return released.promise
    })
    .catch(() => resolve(undefined))
  return promise
}

function sessionStorageIfAllowed(): Storage | undefined {
  try {
    return window.sessionStorage
  } catch {
    return undefined
  }
}
