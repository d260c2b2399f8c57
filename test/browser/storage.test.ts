/** The master's storage port over IndexedDB, in Chromium. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { openIndexedDb as open } from '../../browser/storage/indexeddb.ts'
import type { JobState } from '../../shared/master/mod.ts'
import { type Ground, startGround } from './harness.ts'

declare const openIndexedDb: typeof open

let ground: Ground
beforeAll(async () => {
  ground = await startGround()
})
afterAll(() => ground[Symbol.asyncDispose]())

async function openTab() {
  const tab = await ground.open('storage')
  await tab.page.waitForFunction(() => 'openIndexedDb' in globalThis)
  return tab
}

test('jobs come back in the order in which they were first put, each master its own', async () => {
  await using tab = await openTab()
  const found = await tab.page.evaluate(async () => {
    const job = (request_id: string, attempt = 1) => ({ request_id, attempt }) as JobState
    const mine = await openIndexedDb({ masterId: 'mine' })
    await mine.load()
    await mine.write({ put: [job('c'), job('a'), job('b')], remove: [] })
    await mine.write({ put: [job('c', 2)], remove: ['a'] })
    await mine.close()
    const others = await openIndexedDb({ masterId: 'others' })
    const again = await openIndexedDb({ masterId: 'mine' })
    return { others: await others.load(), mine: await again.load() }
  })
  expect(found).toEqual({
    others: { master_id: 'others', jobs: [] },
    mine: {
      master_id: 'mine',
      jobs: [
        { request_id: 'c', attempt: 2 },
        { request_id: 'b', attempt: 1 },
      ],
    },
  })
})

test('a master that was not seen for a week is let go of, one that was is kept', async () => {
  await using tab = await openTab()
  const kept = await tab.page.evaluate(async () => {
    const day = 24 * 3_600_000
    const put = async (masterId: string, at: number): Promise<void> => {
      const storage = await openIndexedDb({ masterId, now: () => at })
      await storage.load()
      await storage.write({ put: [{ request_id: masterId } as JobState], remove: [] })
      await storage.close()
    }
    await put('old', 0)
    await put('young', 3 * day)
    await put('mine', 8 * day)
    const jobsOf = async (masterId: string) =>
      (await (await openIndexedDb({ masterId, now: () => 8 * day })).load()).jobs.map(({ request_id }) => request_id)
    return { old: await jobsOf('old'), young: await jobsOf('young'), mine: await jobsOf('mine') }
  })
  expect(kept).toEqual({ old: [], young: ['young'], mine: ['mine'] })
})

test('it makes way for a newer page, and goes on when its database was taken away', async () => {
  await using tab = await openTab()
  const found = await tab.page.evaluate(async () => {
    const storage = await openIndexedDb({ masterId: 'mine' })
    await storage.load()
    await new Promise((resolve, reject) => {
      const deleting = indexedDB.deleteDatabase('drover')
      deleting.onsuccess = resolve
      deleting.onerror = reject
      deleting.onblocked = reject
    })
    await storage.write({ put: [{ request_id: 'a' } as JobState], remove: [] })
    return (await storage.load()).jobs
  })
  expect(found).toEqual([{ request_id: 'a' }])
})

test('what cannot be stored is told by its code', async () => {
  await using tab = await openTab()
  const told = await tab.page.evaluate(async () => {
    const storage = await openIndexedDb({ masterId: 'mine' })
    await storage.load()
    const unstorable = { request_id: 'a', input: () => {} } as unknown as JobState
    const failed = await storage
      .write({ put: [unstorable], remove: [] })
      .catch(error => error as Error & { code: string })
    const { open } = IDBFactory.prototype
    IDBFactory.prototype.open = function (name) {
      // As some browsers do it: no event ever comes.
      return Object.defineProperty(open.call(this, `${name}-silent`), 'addEventListener', { value() {} })
    }
    const silent = await openIndexedDb({ masterId: 'x', openMs: 10 }).catch(error => error as Error & { code: string })
    return [failed, silent].map(error =>
      error instanceof Error ? [(error as Error & { code: string }).code, error.message] : error,
    )
  })
  expect(told).toEqual([
    ['storage_failed', expect.stringContaining("Cannot write this browser's storage")],
    ['storage_failed', expect.stringContaining('gave no answer within 10 ms')],
  ])
})
