import { expect, test } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import { type IdentityPorts, takeIdentity } from './identity.ts'

type Request = (name: string, options: LockOptions, callback: LockGrantedCallback<unknown>) => Promise<unknown>

const locksThat = (request: Request): LockManager => ({ request }) as unknown as LockManager
const throwing = (name: string): never => {
  throw new DOMException('denied', name)
}
/** Gives every lock that nobody has. */
const freeLocks = (taken: readonly string[] = []): LockManager =>
  locksThat(async (name, { ifAvailable, signal }, callback) => {
    if (!taken.some(id => name.endsWith(id))) return await callback({ name, mode: 'exclusive' })
    if (ifAvailable) return await callback(null)
    return await new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)))
  })

function storage(items: Record<string, string> = {}): Storage {
  const map = new Map(Object.entries(items))
  const { get: getItem, set: setItem } = map
  return { getItem: getItem.bind(map), setItem: setItem.bind(map) } as unknown as Storage
}
const broken = {
  getItem: () => throwing('SecurityError'),
  setItem: () => throwing('QuotaExceededError'),
} as unknown as Storage

const ports = (more: Partial<IdentityPorts>): IdentityPorts => {
  let n = 0
  const newId = () => `new${++n}`
  return {
    clock: systemClock,
    locks: freeLocks(),
    session: storage(),
    local: storage(),
    newId,
    patienceMs: 20,
    ...more,
  }
}

const denials: readonly [string, LockManager | undefined][] = [
  ['are not there', undefined],
  ['reject with SecurityError', locksThat(async () => throwing('SecurityError'))],
  ['reject with InvalidStateError', locksThat(async () => throwing('InvalidStateError'))],
  ['throw at once', locksThat(() => throwing('SecurityError'))],
  ['reject without an error', locksThat(() => Promise.reject(undefined))],
  ['never answer', locksThat(() => new Promise(() => {}))],
  ['give nothing', locksThat(async (_name, _options, callback) => await callback(null))],
]
test.each(denials)('where locks %s, a master has an identity soon, and keeps it', async (_what, locks) => {
  const session = storage()
  const first = await takeIdentity('scope', ports({ locks, session }))
  expect(first.masterId).toBe('new1')
  first.release()
  if (locks !== undefined) return
  expect((await takeIdentity('scope', ports({ locks, session }))).masterId).toBe('new1')
})

test("without locks nobody goes on with another tab's identity, which may still be there", async () => {
  const local = storage({ 'drover-master scope': 'other' })
  const locks = locksThat(async () => throwing('SecurityError'))
  expect((await takeIdentity('scope', ports({ locks, local }))).masterId).toBe('new1')
})

test('storage that is there and refuses is as none', async () => {
  expect((await takeIdentity('scope', ports({ session: broken, local: broken }))).masterId).toBe('new1')
  expect((await takeIdentity('scope', ports({ session: broken, local: broken, locks: undefined }))).masterId).toBe(
    'new1',
  )
})

test('one that is held is left to its holder; one that was let go of is gone on with', async () => {
  const session = storage({ 'drover-master scope': 'mine' })
  expect((await takeIdentity('scope', ports({ session, locks: freeLocks(['mine']) }))).masterId).toBe('new1')
  const local = storage({ 'drover-master scope': 'held left' })
  expect((await takeIdentity('scope', ports({ local, locks: freeLocks(['held']) }))).masterId).toBe('left')
})
