/** The master's storage port over IndexedDB, in Chromium. */
import { expect, test } from 'vitest'
import { setUpHarness } from '../fixture-tabs.ts'
import type { makeJob as make, openDatabase as open } from '../fixtures/storage.ts'

declare const openIndexedDb: typeof open
declare const makeJob: typeof make

const harness = setUpHarness()

async function openTab() {
  const tab = await harness.open('storage')
  await tab.page.waitForFunction(() => 'openIndexedDb' in globalThis)
  return tab
}

test('jobs come back in the order in which they were first put, each master its own', async () => {
  await using tab = await openTab()
  const found = await tab.page.evaluate(async () => {
    const job = (request_id: string, attempt = 1) => makeJob(request_id, { attempt })
    const mine = await openIndexedDb({ masterId: 'mine' })
    await mine.load()
    await mine.write({ put: [job('c'), job('a'), job('b')], remove: [] })
    await mine.write({ put: [job('c', 2)], remove: ['a'] })
    await mine.close()
    const others = await openIndexedDb({ masterId: 'others' })
    const again = await openIndexedDb({ masterId: 'mine' })
    const { jobs, ...rest } = await again.load()
    return { others: await others.load(), mine: jobs.map(one => [one.request_id, one.attempt]), rest }
  })
  expect(found).toEqual({
    others: { master_id: 'others', jobs: [] },
    mine: [
      ['c', 2],
      ['b', 1],
    ],
    rest: { master_id: 'mine' },
  })
})

test('a master that was not seen for a week is let go of, one that was is kept', async () => {
  await using tab = await openTab()
  const kept = await tab.page.evaluate(async () => {
    const day = 24 * 3_600_000
    const put = async (masterId: string, at: number): Promise<void> => {
      const storage = await openIndexedDb({ masterId, now: () => at })
      await storage.load()
      await storage.write({ put: [makeJob(masterId)], remove: [] })
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
    await storage.write({ put: [makeJob('a')], remove: [] })
    return (await storage.load()).jobs.map(({ request_id }) => request_id)
  })
  expect(found).toEqual(['a'])
})

test('a job that cannot be stored is told by its code', async () => {
  await using tab = await openTab()
  const told = await tab.page.evaluate(async () => {
    const storage = await openIndexedDb({ masterId: 'mine' })
    await storage.load()
    const unstorable = makeJob('a', { input: () => {} })
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

test('a job that cannot be stored, or read, stops no other, and stays as it was', async () => {
  await using tab = await openTab()
  const found = await tab.page.evaluate(async () => {
    const deep = (levels: number): unknown => {
      let value: unknown = 'bottom'
      for (let n = 0; n < levels; n++) value = [value]
      return value
    }
    const storage = await openIndexedDb({ masterId: 'mine' })
    await storage.load()
    await storage.write({ put: [makeJob('deep', { input: 'was flat' })], remove: [] })
    const odd = [
      makeJob('deep', { input: deep(5000) }),
      makeJob('bottomless', { input: deep(50_000) }),
      makeJob('function', { input: () => {} }),
      makeJob('symbol', { input: { at: Symbol('x') } }),
    ]
    const unstored = (await storage.write({ put: [makeJob('a'), ...odd, makeJob('b')], remove: [] })) ?? []
    await storage.close()
    // As an older version, or a hand, may have left them.
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open('drover')
      opening.onsuccess = () => resolve(opening.result)
      opening.onerror = reject
    })
    const left = db.transaction('jobs', 'readwrite').objectStore('jobs')
    left.put({ master_id: 'mine', request_id: 'deeper', n: 8, job: makeJob('deeper', { input: deep(1000) }) })
    left.put({ master_id: 'mine', request_id: 'phaseless', n: 9, job: { ...makeJob('phaseless'), phase: undefined } })
    left.put({ master_id: 'mine', request_id: 'jobless', n: 10 })
    await new Promise(resolve => {
      left.transaction.oncomplete = resolve
    })
    db.close()
    const again = await openIndexedDb({ masterId: 'mine' })
    const { jobs, unread = [] } = await again.load()
    await again.write({ put: [makeJob('c')], remove: ['jobless'] })
    const last = await again.load()
    return {
      unstored: unstored.map(({ request_id, cause }) => [request_id, String(cause)]),
      jobs: jobs.map(({ request_id, input }) => [request_id, input]),
      unread: unread.map(({ request_id, reason }) => [request_id, reason]),
      last: [last.jobs.map(({ request_id }) => request_id), last.unread?.map(({ request_id }) => request_id)],
    }
  })
  expect(found.unstored).toEqual([
    ['deep', expect.stringContaining('nested more than 200 levels deep')],
    ['bottomless', expect.stringContaining('nested more than 200 levels deep')],
    ['function', expect.stringContaining('could not be cloned')],
    ['symbol', expect.stringContaining('could not be cloned')],
  ])
  expect(found.jobs).toEqual([
    ['deep', 'was flat'],
    ['a', 1],
    ['b', 1],
  ])
  expect(found.unread).toEqual([
    ['deeper', 'it is nested more than 200 levels deep'],
    ['phaseless', 'its "phase" is missing; expected where the job is, and since when'],
    ['jobless', 'it is missing; expected a job'],
  ])
  expect(found.last).toEqual([
    ['deep', 'a', 'b', 'c'],
    ['deeper', 'phaseless'],
  ])
})

test('one that the browser cannot give, and one that its quota cannot take, stop no other', async () => {
  await using tab = await openTab()
  const found = await tab.page.evaluate(async () => {
    const storage = await openIndexedDb({ masterId: 'mine' })
    await storage.load()
    const { put } = IDBObjectStore.prototype
    IDBObjectStore.prototype.put = function (value, ...key) {
      const request = put.call(this, value, ...key)
      if (value.request_id === 'large') this.transaction.abort() // as a quota that is used up ends it
      return request
    }
    const unstored = (await storage.write({ put: [makeJob('a'), makeJob('large'), makeJob('b')], remove: [] })) ?? []
    const { getAll, get } = IDBObjectStore.prototype
    const fails = (): never => {
      throw new DOMException('Failed to read large IndexedDB value', 'DataError')
    }
    IDBObjectStore.prototype.getAll = function (...asked) {
      return this.name === 'jobs' ? fails() : getAll.apply(this, asked)
    }
    IDBObjectStore.prototype.get = function (key) {
      return Array.isArray(key) && key[1] === 'a' ? fails() : get.call(this, key)
    }
    const { jobs, unread } = await storage.load()
    return [unstored.map(({ request_id }) => request_id), jobs.map(({ request_id }) => request_id), unread]
  })
  expect(found).toEqual([
    ['large'],
    ['b'],
    [{ where: "this browser's storage", request_id: 'a', reason: expect.stringContaining('large IndexedDB value') }],
  ])
})

test('a database of a newer page is refused with the way back', async () => {
  await using tab = await openTab()
  const told = await tab.page.evaluate(async () => {
    await new Promise((resolve, reject) => {
      const opening = indexedDB.open('drover', 2)
      opening.onsuccess = () => resolve(opening.result.close())
      opening.onerror = reject
    })
    return await openIndexedDb({ masterId: 'mine' }).catch(String)
  })
  expect(told).toContain('a newer version of this page has stored jobs there; reload to get that version')
})

test('a handle that the browser has closed is opened again, however it tells', async () => {
  await using tab = await openTab()
  const found = await tab.page.evaluate(async () => {
    const storage = await openIndexedDb({ masterId: 'mine' })
    await storage.load()
    const { transaction } = IDBDatabase.prototype
    const names = ['InvalidStateError', 'UnknownError', 'AbortError', 'TransactionInactiveError']
    for (const name of names) {
      let closing: IDBDatabase | undefined
      IDBDatabase.prototype.transaction = function (...asked) {
        closing ??= this
        if (closing === this) throw new DOMException('The database connection is closing.', name)
        return transaction.apply(this, asked)
      }
      await storage.write({ put: [makeJob(name)], remove: [] })
    }
    return (await storage.load()).jobs.map(({ request_id }) => request_id)
  })
  expect(found).toEqual(['InvalidStateError', 'UnknownError', 'AbortError', 'TransactionInactiveError'])
})
