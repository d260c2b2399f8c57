/**
 * Who the master of a tab is. The id survives the tab's reload (session storage) and is held by a Web Lock: a tab that
 * finds it held was duplicated, and takes a new one. Design section 2. A tab that has none goes on where a closed one of the
 * same person ended: its jobs are still kept, and replies to them still come.
 */

import type { Clock } from '../../shared/clock.ts'

export interface IdentityPorts {
  readonly clock: Clock
  /** Absent where the browser has none, such as on a page without TLS. One that is there may still refuse every request. */
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
/** How long a lock that is free may take to be given: some browsers never answer where storage is blocked. */
const answerMs = 2000

export interface HeldIdentity {
  readonly masterId: string
  /** Lets the next holder have it. Idempotent. */
  release(): void
}

/**
 * Takes this tab's identity, or a new one.
 * @param scope tells apart the masters of one tab: their bridge, namespace and owner
 */
export async function takeIdentity(scope: string, ports: IdentityPorts): Promise<HeldIdentity> {
  const { session, local, newId, patienceMs } = ports
  const key = `drover-master ${scope}`
  const kept = read(session, key)
  let mine = kept
  for (const masterId of kept ? [kept] : left(local, key)) {
    const answer = await takeLock(ports, masterId, kept ? patienceMs : undefined)
    // Without locks a duplicated tab takes over: the bridge ends the older session, and no reply is lost. Another tab's id
    // is let be then: that tab may still be there.
    if (answer === 'no_locks') break
    if (answer !== 'taken') return { masterId: keep(session, key, masterId), release: answer }
    mine = undefined
  }
  const masterId = mine ?? newId()
  const answer = await takeLock(ports, masterId, patienceMs)
  if (typeof answer !== 'function') return { masterId: keep(session, key, masterId), release: () => {} }
  leave(local, key, masterId)
  return { masterId: keep(session, key, masterId), release: answer }
}

/** Lets go of which masters this scope has had: the next tab is another. */
export function forgetIdentity(scope: string, { session, local }: Pick<IdentityPorts, 'session' | 'local'>): void {
  for (const storage of [session, local]) {
    try {
      storage?.removeItem(`drover-master ${scope}`)
    } catch {} // blocked since: a name without jobs is left
  }
}

/** Ids that tabs of this scope have had, the latest first; some are held. */
function left(local: Storage | undefined, key: string): readonly string[] {
  return (read(local, key) ?? '').split(' ').filter(Boolean)
}

function read(storage: Storage | undefined, key: string): string | undefined {
  try {
    return storage?.getItem(key) ?? undefined
  } catch {
    return undefined // blocked at the first use: as where there is none
  }
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

type LockPorts = Pick<IdentityPorts, 'locks' | 'clock'>
type LockAnswer = (() => void) | 'taken' | 'no_locks'

/**
 * @param patienceMs how long the holder may take to let go; absent: not at all
 * @returns how to let go; `taken` when somebody else holds it for longer; `no_locks` where the browser has none, or refuses
 *   them, or gives no answer: in a sandboxed frame, with the site's data blocked, in a frame of another site
 */
async function takeLock(ports: LockPorts, masterId: string, patienceMs: number | undefined): Promise<LockAnswer> {
  const answer = await ask(ports, masterId, undefined)
  // That it is taken is an answer, too: from here on it is worth waiting.
  return answer === 'taken' && patienceMs !== undefined ? await ask(ports, masterId, patienceMs) : answer
}

async function ask({ locks, clock }: LockPorts, masterId: string, patienceMs: number | undefined): Promise<LockAnswer> {
  if (locks === undefined) return 'no_locks'
  const { promise, resolve } = Promise.withResolvers<LockAnswer>()
  const waiting = new AbortController()
  const stopTimer = clock.timer(patienceMs ?? answerMs, () => {
    waiting.abort()
    resolve(patienceMs === undefined ? 'no_locks' : 'taken')
  })
  const options = patienceMs === undefined ? { ifAvailable: true } : { signal: waiting.signal }
  const request = async (): Promise<void> =>
    await locks.request(`drover-master ${masterId}`, options, lock => {
      stopTimer()
      if (lock === null || waiting.signal.aborted) return resolve('taken')
      const released = Promise.withResolvers<void>()
      resolve(() => released.resolve())
      return released.promise
    })
  request().catch(() => {
    stopTimer()
    resolve('no_locks') // or it was given up on, which is resolved already
  })
  return await promise
}
