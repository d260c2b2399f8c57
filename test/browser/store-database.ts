/**
 * Stores jobs as a version does in a browser: `store-database.ts CHECKOUT JOBS FILE`, in CHECKOUT. FILE gets the database as
 * it is then: its name and version, and of each store the key path and the values.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import type { JobState } from '../../shared/master/mod.ts'
import type { openDatabase as open } from './fixtures/storage.ts'

declare const openIndexedDb: typeof open

const [, , folder = '', from = '', into = ''] = process.argv
type HarnessModule = typeof import('./harness.ts') & { startGround?: typeof import('./harness.ts').startHarness }
const module = (await import(pathToFileURL(join(folder, 'test/browser/harness.ts')).href)) as HarnessModule
const startHarness = module.startGround ?? module.startHarness // Earlier versions had it by the first name
await using harness = await startHarness()
await using tab = await harness.open('storage')
await tab.page.waitForFunction(() => 'openIndexedDb' in globalThis)
const database = await tab.page.evaluate(
  async (jobs: JobState[]) => {
    const storage = await openIndexedDb({ masterId: 'm' })
    await storage.load()
    await storage.write({ put: jobs, remove: [] })
    await storage.close()
    const asked = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    const db = await asked(indexedDB.open('drover'))
    const stores = [...db.objectStoreNames]
    const transaction = db.transaction(stores)
    const found = stores.map(async name => {
      const store = transaction.objectStore(name)
      return { name, keyPath: store.keyPath, values: await asked(store.getAll()) }
    })
    return { name: db.name, version: db.version, stores: await Promise.all(found) }
  },
  JSON.parse(readFileSync(from, 'utf8')) as JobState[],
)
writeFileSync(into, `${JSON.stringify(database)}\n`)
