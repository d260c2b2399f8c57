/** Sealed jobs in pages: widgets of a bridge on another site, under a strict policy, and a real worker that opens them. */
import { SignJWT } from 'jose'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type {} from '../../browser/widgets.ts'
import type { Tab } from './harness.ts'
import { secret } from './other-site.ts'
import { answer, type SealedSite, startSealedSite } from './sealed-site.ts'

let site: SealedSite
beforeAll(async () => {
  site = await startSealedSite()
}, 60_000)
afterAll(() => site[Symbol.asyncDispose]())

const plain = 'a secret word'

async function dispatch(page: Page, text = plain): Promise<string> {
  const heard = page.evaluate(
    () =>
      new Promise<string>(resolve => {
        document.addEventListener('drover-dispatched', ({ request_id }) => resolve(request_id), { once: true })
      }),
  )
  await page.getByRole('textbox', { name: 'text' }).fill(text)
  await page.getByRole('button', { name: 'Dispatch', exact: true }).click()
  return await heard
}

const show = (page: Page, id: string): Promise<void> =>
  page.evaluate(id => document.querySelector('drover-job')!.setAttribute('request-id', id), id)

const sealChunks = (page: Page): Promise<number> =>
  page.evaluate(() => performance.getEntriesByType('resource').filter(({ name }) => name.includes('/seals-')).length)

/** The whole database of the browser, as text, and whether its keys can be read. */
const stored = (page: Page): Promise<{ text: string; canExport: boolean[] }> =>
  page.evaluate(async () => {
    const asked = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    const db = await asked(indexedDB.open('drover'))
    const all = await Promise.all(
      [...db.objectStoreNames].map(name => asked(db.transaction(name).objectStore(name).getAll())),
    )
    db.close()
    const keys = all.flat().flatMap(({ storage_key }) => (storage_key === undefined ? [] : [storage_key as CryptoKey]))
    return { text: JSON.stringify(all), canExport: keys.map(({ extractable }) => extractable) }
  })

test('by an attribute: the form says for whom, a worker answers, a reload opens it again, and nothing lies in the open', async () => {
  await using tab = await site.harness.open(`${site.url}/?keys=/jwks.json`, { height: 1400 })
  const { page } = tab
  const [{ kid }] = site.keys.keys as readonly [{ kid: string }]
  await page.getByText(`Sealed for ${kid.slice(0, 10)}…`).waitFor()
  expect(await page.locator('drover-form code').getAttribute('title')).toBe(kid)
  const id = await dispatch(page)
  await show(page, id)
  await page.getByRole('row', { name: /Done/ }).waitFor()
  expect(await page.getByRole('img', { name: 'Sealed' }).count(), 'in the list, and in the job').toBe(2)
  await page.getByText(answer).waitFor()
  await page.getByRole('searchbox').fill('secret word')
  expect(await page.getByRole('row', { name: /seal\.echo/ }).count()).toBe(1)
  await expectSealedStore(page)
  await tab.expectAccessible()

  await page.goto(`${site.url}/?keys=/jwks.json&job=${id}`)
  await page.getByText(answer).waitFor()
  await page.getByRole('tab', { name: /Log/ }).click()
  await page.getByText(`heard ${plain}`).waitFor()
  await expectSealedStore(page)

  await loseTheKey(page)
  await page.reload()
  await expectClosed(tab, id)
})

async function expectSealedStore(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('drover-master')?.current?.storageProblem === undefined)
  const { text, canExport } = await stored(page)
  expect(text).toContain('seal.echo')
  expect(text).not.toContain(plain)
  expect(text).not.toContain(answer)
  expect(canExport).toEqual([false])
}

const loseTheKey = (page: Page): Promise<void> =>
  page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('drover')
        opening.onsuccess = () => {
          const transaction = opening.result.transaction('masters', 'readwrite')
          const store = transaction.objectStore('masters')
          store.getAllKeys().onsuccess = event => {
            const keys = (event.target as IDBRequest<IDBValidKey[]>).result
            for (const key of keys) if (String(key).endsWith(' key')) store.delete(key)
          }
          transaction.oncomplete = () => resolve(opening.result.close())
          transaction.onabort = reject
        }
      }),
  )

async function expectClosed(tab: Tab, id: string): Promise<void> {
  const { page } = tab
  await page.getByText('Its result is sealed, and the key is not here.').waitFor()
  const row = page.getByRole('row', { name: /Done/ })
  expect(await row.textContent()).toMatch(/seal\.echo.*sealed/s)
  for (const [name, sentence] of [
    ['Input', 'Its input is sealed'],
    ['Log', 'Its log is sealed'],
    ['Replies', 'The replies about it are sealed'],
  ] as const) {
    await page.getByRole('tab', { name }).click()
    await page.getByText(sentence).waitFor()
    expect(await page.getByRole('tabpanel').getByRole('button', { name: /Copy/ }).count(), name).toBe(0)
  }
  await page.locator('drover-job').getByRole('button', { name: 'Dispatch again' }).click()
  await page.getByText(`Job ${id} cannot be dispatched again: it is sealed`).first().waitFor()
  await tab.expectAccessible()
}

test('while the JWKS is away the form says so, a job waits, and it leaves once the JWKS is back', async () => {
  site.hasKeys = false
  await using tab = await site.harness.open(`${site.url}/?keys=/jwks.json`, { allow: /503/ })
  const { page } = tab
  await page.getByText(/The keys of .*jwks\.json cannot be read: it answered 503\. Jobs wait until/).waitFor()
  const id = await dispatch(page)
  await show(page, id)
  await page.getByRole('row', { name: /Not sealed yet: The keys of/ }).waitFor()
  site.hasKeys = true
  await page.getByText(answer).waitFor()
  await page.getByText('Sealed for').waitFor()
  expect(await page.getByText('Jobs wait until').count()).toBe(0)
})

test('by a property, whose keys are at hand; the code that seals is fetched then and not before, compressed and kept', async () => {
  await using tab = await site.harness.open(site.url)
  const { page } = tab
  await page.getByText(/take sealed jobs only, and this page has no keys/).waitFor()
  expect(await page.getByRole('button', { name: 'Dispatch', exact: true }).getAttribute('aria-disabled')).toBe('true')
  expect(await sealChunks(page)).toBe(0)
  const fetched = page.waitForResponse(/\/drover\/seals-[\w-]{8}\.js$/)
  await page.evaluate(keys => {
    document.querySelector('drover-master')!.seal = { keys }
  }, site.keys)
  const headers = await (await fetched).allHeaders()
  expect(headers).toMatchObject({ 'content-encoding': 'br', 'cache-control': 'public, max-age=31536000, immutable' })
  await page.getByText('Sealed for').waitFor()
  const isKept = await page.evaluate(async keys => {
    const element = document.querySelector('drover-master')!
    const before = element.current
    element.seal = { keys: structuredClone(keys) } // as a framework does at each render
    await element.updateComplete
    return element.current === before
  }, site.keys)
  expect(isKept, 'the same keys are no reason to connect anew').toBe(true)
  const output = await page.evaluate(
    text => document.querySelector('drover-master')!.current!.run('seal.echo', { text }),
    plain,
  )
  expect(output).toEqual({ said: answer })
})

test('in one file; where the browser keeps no keys, the page says what that means for a reload', async () => {
  await using context = await site.harness.browser.newContext()
  await context.addInitScript(() => {
    const { put } = IDBObjectStore.prototype
    IDBObjectStore.prototype.put = function (value, ...more) {
      if ('storage_key' in value) throw new DOMException('CryptoKey object could not be cloned.', 'DataCloneError')
      return put.call(this, value, ...more)
    }
  })
  await using tab = await site.harness.open(`${site.url}/?all&keys=/jwks.json`, { context })
  await dispatch(tab.page)
  await tab.page.getByText('This browser keeps no key for sealed jobs').waitFor()
  await tab.page.getByRole('row', { name: /Done/ }).waitFor()
})

test('at the page of the bridge, by the keys that a token hands on', async () => {
  await using context = await site.harness.browser.newContext()
  await context.route('**/token', async route => {
    if (route.request().method() !== 'POST') return await route.continue()
    const response = await route.fetch()
    const answer = (await response.json()) as { token: string }
    await route.fulfill({ response, json: { ...answer, token: await withKeys(answer.token) } })
  })
  await using tab = await site.harness.open(site.bridge.url, { context, width: 1440 })
  const { page } = tab
  await page.getByLabel('Login').fill('foo')
  await page.getByLabel('Password').fill('bar')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByLabel('Task', { exact: true }).selectOption('seal.echo')
  await page.getByText('Sealed for').waitFor()
  await page.getByRole('textbox', { name: 'text' }).fill(plain)
  await page.getByRole('button', { name: 'Dispatch', exact: true }).click()
  await page.getByText(answer).waitFor()
})

/** The token, with public keys in it. */
async function withKeys(token: string): Promise<string> {
  const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { drover: object }
  const jwt = new SignJWT({ ...claims, drover: { ...claims.drover, seal: { keys: site.keys } } })
  return await jwt.setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(new TextEncoder().encode(secret))
}
