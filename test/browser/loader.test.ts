/** `/drover.js` on a page of another site, under a strict policy: the widgets that it defines and fetches, and when. */
import type { RunningBridge } from 'drover/bridge'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type {} from '../../browser/widgets.ts'
import type { Harness, Tab } from './harness.ts'
import { mintedToken, pageOf, socketOf, startOtherSite } from './other-site.ts'

const stack = new AsyncDisposableStack()
let harness: Harness
let bridge: RunningBridge
let site: string
let token: string
beforeAll(async () => {
  const started = await startOtherSite(stack, ({ pathname }, { url }) => {
    const body = pages[pathname]
    return { status: body === undefined ? 404 : 200, body: pageOf(`${url}/drover.js`, body?.() ?? '') }
  })
  ;({ harness, bridge, url: site } = started)
  token = await mintedToken()
}, 60_000)
afterAll(() => stack.disposeAsync())

const pages: Readonly<Record<string, () => string>> = {
  '/': () => '<p>No widget yet</p>',
  '/one': () => `<drover-master id="main" url="${socketOf(bridge)}"><h1>Sums</h1>
<drover-form task="sums.double"><b slot="heading">Double it</b></drover-form></drover-master>`,
}

interface Loaded {
  readonly loader: { discover(root: Document | ShadowRoot): Promise<void> }
}
/** As text: Vitest has an import() of its own. */
const importLoader = ({ page }: Tab): Promise<void> =>
  page.evaluate(`import('${bridge.url}/drover.js').then(loader => void Object.assign(globalThis, { loader }))`)

/** The modules that a tab fetches from the bridge, by name. */
function watchModules({ page }: Pick<Tab, 'page'>): string[] {
  const names: string[] = []
  page.on('response', response => {
    const { pathname, origin } = new URL(response.url())
    if (origin === bridge.url && pathname.endsWith('.js')) names.push(pathname.replace(/-[\w-]{8}\.js$/, ''))
  })
  return names
}
const defined = ({ page }: Tab): Promise<string[]> =>
  page.evaluate(() =>
    ['master', 'jobs', 'workers', 'job', 'form'].filter(name => customElements.get(`drover-${name}`) !== undefined),
  )

test('a page fetches the modules of its tags, and of a widget that is added later that alone', async () => {
  await using tab = await harness.open(`${site}/`)
  const { page } = tab
  await page.waitForFunction(() => document.adoptedStyleSheets.length > 0)
  expect(await defined(tab)).toEqual([])
  const modules = watchModules(tab)
  await page.evaluate(
    ([url, token]) => {
      const master = document.createElement('drover-master')
      Object.assign(master, { url, token: () => token })
      document.body.append(master)
      master.append(document.createElement('drover-workers'))
    },
    [`${bridge.url.replace('http', 'ws')}/stomp`, token] as const,
  )
  await page.waitForFunction(() => document.querySelector('drover-master')?.connection?.at === 'open')
  await page.waitForFunction(() => customElements.get('drover-workers') !== undefined)
  expect(modules.toSorted()).toEqual(['/drover/master', '/drover/workers'])
  expect(await defined(tab)).toEqual(['master', 'workers'])

  await page.evaluate(() => {
    const section = document.createElement('section')
    section.append(document.createElement('drover-form'), document.createElement('drover-jobs'))
    document.querySelector('drover-master')!.append(section)
  })
  await page.getByText('No jobs').first().waitFor()
  expect(modules.slice(2).toSorted()).toEqual(['/drover/form', '/drover/jobs', '/drover/several'])
  expect(await defined(tab)).toEqual(['master', 'jobs', 'workers', 'form'])
})

test('until it is loaded a widget is not seen, the content of the master is, where it will stand, and all that is set on them counts', async () => {
  await using context = await harness.browser.newContext()
  const gate = Promise.withResolvers<void>()
  await context.route(/\/drover\//, async route => {
    await gate.promise
    await route.continue()
  })
  await using tab = await harness.open(`${site}/one`, { context })
  const { page } = tab
  await page.waitForFunction(() => document.adoptedStyleSheets.length > 0)
  expect(await page.getByText('Double it').isVisible()).toBe(false)
  expect(await page.getByRole('heading', { name: 'Sums' }).isVisible()).toBe(true)
  const where = (): Promise<number> =>
    page.evaluate(() => document.querySelector('drover-form')!.getBoundingClientRect().top)
  const before = await where()
  const displays = page.evaluate(() =>
    ['drover-job', 'drover-master'].map(tag => {
      const element = document.createElement(tag)
      element.hidden = true
      document.body.append(element)
      return getComputedStyle(element).display
    }),
  )
  expect(await displays).toEqual(['none', 'none'])
  await page.evaluate(token => {
    const master = document.querySelector('drover-master')!
    Object.assign(master, { token: () => token })
    master.addEventListener('drover-master', () => Object.assign(globalThis, { heard: true }))
  }, token)
  gate.resolve()
  await page.waitForFunction(() => document.querySelector('drover-master')?.connection?.at === 'open')
  await page.getByText('Double it').waitFor()
  expect(await page.evaluate(() => 'heard' in globalThis)).toBe(true)
  expect(await where()).toBe(before)
})

test('a widget in a shadow root is defined once discover() is given that root, and so is one that is put into it later', async () => {
  await using tab = await harness.open(`${site}/`)
  const { page } = tab
  const add = (tag: string): Promise<void> =>
    page.evaluate(tag => {
      const host = document.querySelector('p')!
      const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
      root.append(document.createElement(tag))
    }, tag)
  await add('drover-jobs')
  await page.evaluate(() => document.body.append(document.createElement('drover-workers')))
  await page.waitForFunction(() => customElements.get('drover-workers') !== undefined)
  expect(await defined(tab)).toEqual(['workers'])
  await importLoader(tab)
  const found = await page.evaluate(async () => {
    const { discover } = (globalThis as unknown as Loaded).loader
    await discover(document.querySelector('p')!.shadowRoot!)
    return customElements.get('drover-jobs') !== undefined
  })
  expect(found).toBe(true)
  await add('drover-form')
  await page.waitForFunction(() => customElements.get('drover-form') !== undefined)
})

test('a module that cannot be fetched is told in the console, and the content of the tag is seen', async () => {
  await using context = await harness.browser.newContext()
  await context.route(/\/drover\/form/, route => route.abort())
  await using tab = await harness.open(`${site}/one`, {
    context,
    allow: /ERR_FAILED|could not be|Cannot load <drover-form>|WebSocket/,
  })
  const { page } = tab
  await page.getByText('Double it').waitFor()
  await importLoader(tab)
  const told = await page.evaluate(async () => {
    const { discover } = (globalThis as unknown as Loaded).loader
    return await discover(document).catch(String)
  })
  expect(told).toContain(
    `Cannot load <drover-form>: reload the page, and see that its policy allows ${bridge.url}/drover.js`,
  )
})

test('modules are kept for ever, the loader is asked for again, and each comes by brotli', async () => {
  const get = (path: string): Promise<Response> =>
    fetch(bridge.url + path, { headers: { 'accept-encoding': 'br', origin: 'https://elsewharness.example' } })
  const named = (code: string): string[] =>
    Array.from(code.matchAll(/[a-z]+-[\w-]{8}\.js/g), ([name]) => `/drover/${name}`)
  const loader = await get('/drover.js')
  expect(loader.headers.get('cache-control')).toBe('no-cache')
  const paths = new Set(named(await loader.text()))
  for (const path of paths) {
    const response = await get(path)
    const { headers } = response
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(headers.get('content-encoding')).toBe('br')
    expect(headers.get('access-control-allow-origin')).toBe('*')
    for (const imported of named(await response.text())) paths.add(imported)
  }
  expect(Array.from(paths, path => path.replace(/-[\w-]{8}\.js$/, '')).toSorted()).toEqual(
    ['dead', 'form', 'job', 'jobs', 'letters', 'master', 'seals', 'several', 'workers'].map(name => `/drover/${name}`),
  )
})
