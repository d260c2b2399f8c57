/** The key by which a master seals its stored jobs, in IndexedDB, in Chromium. */
import { expect, test } from 'vitest'
import { setUpHarness } from '../fixture-tabs.ts'
import type { makeJob as make, openDatabase as open } from '../fixtures/storage.ts'

declare const openIndexedDb: typeof open
declare const makeJob: typeof make
declare const inMasters: <T>(ask: (store: IDBObjectStore) => IDBRequest<T>) => Promise<T>

const harness = setUpHarness()

async function openTab() {
  const tab = await harness.open('storage')
  await tab.page.waitForFunction(() => 'openIndexedDb' in globalThis)
  await tab.page.evaluate(() => {
    const asked = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    const inMasters = async <T>(ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
      const db = await asked(indexedDB.open('drover'))
      const found = await asked(ask(db.transaction('masters', 'readwrite').objectStore('masters')))
      db.close()
      return found
    }
    Object.assign(globalThis, { inMasters })
  })
  return tab
}

test('it is made once, cannot be read, outlives the record of its master written by an older page, and goes with its jobs', async () => {
  await using tab = await openTab()
  const found = await tab.page.evaluate(async () => {
    const open = () => openIndexedDb({ masterId: 'm', owner: 'ada' })
    const keyNow = async () => (await open()).storageKey!()
    const both = await Promise.all([open(), open()])
    const [first, second] = await Promise.all(both.map(one => one.storageKey!()))
    const content = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt'])
    const wrapped = await crypto.subtle.wrapKey('raw', content, first!, 'AES-KW')
    const opens = async (key: CryptoKey | undefined): Promise<string> => {
      const found = await crypto.subtle
        .unwrapKey('raw', wrapped, key!, 'AES-KW', 'AES-GCM', true, ['encrypt'])
        .catch(String)
      return typeof found === 'string' ? 'another' : 'the same'
    }
    const isRead = await crypto.subtle.exportKey('raw', first!).then(
      () => true,
      () => false,
    )
    await inMasters(store => store.put({ master_id: 'm', seen_at: Date.now(), owner: 'ada' }))
    const later = await opens(await keyNow())
    const storage = await open()
    await storage.write({ put: [makeJob('a')], remove: [] })
    await storage.erase!()
    const left = await inMasters(store => store.count())
    const { algorithm, extractable, usages } = first!
    return {
      algorithm,
      extractable,
      usages,
      isRead,
      atOnce: await opens(second),
      later,
      left,
      anew: await opens(await keyNow()),
    }
  })
  expect(found).toEqual({
    algorithm: { name: 'AES-KW', length: 256 },
    extractable: false,
    usages: ['wrapKey', 'unwrapKey'],
    isRead: false,
    atOnce: 'the same',
    later: 'the same',
    left: 0,
    anew: 'another',
  })
})

test('one of a master that an older page has let go of is let go of, too, and fields of a newer version stay', async () => {
  await using tab = await openTab()
  const left = await tab.page.evaluate(async () => {
    const old = await openIndexedDb({ masterId: 'old' })
    await old.storageKey!()
    await old.close()
    await inMasters(store => store.delete('old'))
    await inMasters(store => store.put({ master_id: 'm', seen_at: 0, later: 1 }))
    await (await openIndexedDb({ masterId: 'm' })).load()
    for (;;) {
      const all = await inMasters(store => store.getAll())
      if (all.length === 1) return all.map(one => ({ ...one, seen_at: 0 }))
    }
  })
  expect(left).toEqual([{ master_id: 'm', seen_at: 0, later: 1 }])
})

test('none is kept where the browser stores no keys', async () => {
  await using tab = await openTab()
  const key = await tab.page.evaluate(async () => {
    const { put } = IDBObjectStore.prototype
    IDBObjectStore.prototype.put = function (value, ...more) {
      if ('storage_key' in value) throw new DOMException('CryptoKey object could not be cloned.', 'DataCloneError')
      return put.call(this, value, ...more)
    }
    return await (await openIndexedDb({ masterId: 'm' })).storageKey!()
  })
  expect(key).toBeUndefined()
})
