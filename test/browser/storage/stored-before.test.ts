/** The database of a browser as the first recorded version left it (`test/versions/first`), opened by that of today. */
import { expect, test } from 'vitest'
import database from '../../versions/first/indexeddb.json' with { type: 'json' }
import type { openDatabase as open } from '../fixtures/storage.ts'
import { startHarness } from '../harness.ts'

declare const openIndexedDb: typeof open

const jobsThen = database.stores
  .flatMap(({ name, values }) => (name === 'jobs' ? (values as { n: number; job: { request_id: string } }[]) : []))
  .toSorted((a, b) => a.n - b.n)
  .map(({ job }) => job)

test('its jobs are read whole and in order, for any owner, and are there beside new ones', async () => {
  await using harness = await startHarness()
  await using tab = await harness.open('storage')
  await tab.page.waitForFunction(() => 'openIndexedDb' in globalThis)
  const found = await tab.page.evaluate(async then => {
    const { promise, resolve, reject } = Promise.withResolvers<IDBDatabase>()
    const opening = indexedDB.open(then.name, then.version)
    opening.onupgradeneeded = () => {
      for (const { name, keyPath, values } of then.stores) {
        const store = opening.result.createObjectStore(name, { keyPath })
        for (const value of values) store.put(value)
      }
    }
    opening.onsuccess = () => resolve(opening.result)
    opening.onerror = () => reject(opening.error)
    // The tab of before still has it open, as when two versions of a page are
    await promise
    const storage = await openIndexedDb({ masterId: 'm', owner: 'ada' })
    const first = await storage.load()
    await storage.write({ put: [{ ...first.jobs[0]!, request_id: 'new' }], remove: [], let_go: { jobs: 1, failed: 0 } })
    await storage.close()
    const again = await (await openIndexedDb({ masterId: 'm', owner: 'ada' })).load()
    return { first, again: again.jobs.map(({ request_id }) => request_id) }
  }, database)
  expect(found.first).toEqual({ master_id: 'm', jobs: jobsThen })
  expect(found.again).toEqual([...jobsThen.map(({ request_id }) => request_id), 'new'])
})
