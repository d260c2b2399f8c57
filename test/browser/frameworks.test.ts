/** React 18, React 19 and Vue 3 on `/drover.js` of a bridge: they render a widget before its module is there, and after. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type {} from '../../browser/widgets.ts'
import { bundled } from './fixture-server.ts'
import type { App, Shown } from './fixtures/frameworks/app.ts'
import type { Harness, OpenOptions, Tab } from './harness.ts'
import { mintedToken, pageOf, socketOf, startOtherSite } from './other-site.ts'

/** In the page. */
declare const app: App

interface Framework {
  readonly name: string
  readonly module: string
  /** The packages that its module imports, by the names that they are installed under. */
  readonly alias?: Readonly<Record<string, string>>
  /** It writes an object as text also where the widget is defined. */
  readonly alwaysWrites?: boolean
}
const frameworks: readonly Framework[] = [
  {
    name: '18',
    module: 'react',
    alias: { 'react-dom': 'react-dom-18', react: 'react-18' },
    alwaysWrites: true,
  },
  { name: '19', module: 'react' },
  { name: '3', module: 'vue', alias: { vue: 'vue/dist/vue.runtime.esm-browser.prod.js' } },
]

const stack = new AsyncDisposableStack()
let harness: Harness
let site: string
let shown: Shown
beforeAll(async () => {
  const scripts = new Map<string, string>(
    await Promise.all(
      frameworks.map(
        async ({ module, name, alias }) =>
          [`/${module}-${name}.js`, await bundled(`/test/browser/fixtures/frameworks/${module}.ts`, alias)] as const,
      ),
    ),
  )
  const policy = { 'script-src': "'self'", 'trusted-types': 'vue' }
  const started = await startOtherSite(
    stack,
    ({ pathname }, { url }) => {
      const script = scripts.get(pathname)
      if (script !== undefined) return { type: 'text/javascript', body: script }
      const own = `<script type="module" src="${pathname}.js"></script><main></main>`
      return { body: pageOf(`${url}/drover.js`, own) }
    },
    policy,
  )
  ;({ harness, url: site } = started)
  shown = {
    url: socketOf(started.bridge),
    token: await mintedToken(),
    task: 'sums.double',
    label: 'Double it',
    schema: { type: 'object', properties: { n: { type: 'integer', title: 'Number' } } },
    value: { n: 4 },
    how: 'documented',
  }
}, 120_000)
afterAll(() => stack.disposeAsync())

/** A tab in which no module of a widget comes before `load` is called. */
async function open({ module, name }: Framework, options: OpenOptions = {}): Promise<Tab & { load(): void }> {
  const context = await harness.browser.newContext()
  const gate = Promise.withResolvers<void>()
  await context.route(/\/drover\//, async route => {
    await gate.promise
    await route.continue()
  })
  const tab = await harness.open(`${site}/${module}-${name}`, { ...options, context })
  await tab.page.waitForFunction(() => 'app' in globalThis && document.adoptedStyleSheets.length > 0)
  expect(await tab.page.evaluate(() => app.version)).toMatch(new RegExp(`^${name}\\.`))
  return {
    ...tab,
    load: () => gate.resolve(),
    async [Symbol.asyncDispose]() {
      gate.resolve()
      await tab[Symbol.asyncDispose]()
      await context.close()
    },
  }
}
const render = ({ page }: Tab, more: Partial<Shown> = {}): Promise<void> =>
  page.evaluate(shown => app.render(shown), { ...shown, ...more })

test.for(frameworks)(
  '$module $name renders before the widgets are there: attributes, properties and listeners arrive',
  async framework => {
    await using tab = await open(framework)
    const { page } = tab
    await render(tab)
    await page.waitForFunction(() => document.querySelector('drover-master > drover-form') !== null)
    expect(await page.evaluate(() => document.querySelector(':defined:is(drover-master, drover-form)'))).toBe(null)
    tab.load()
    await page.waitForFunction(() => document.querySelector('drover-master')?.connection?.at === 'open')
    // Its module may come after the master is connected, and only then an attribute is a property
    await page.evaluate(() => customElements.whenDefined('drover-form').then(() => {}))
    expect(await page.evaluate(() => document.querySelector('drover-form')!.task)).toBe('sums.double')
    const number = page.getByLabel('Number')
    expect(await number.inputValue()).toBe('4')
    await page.getByRole('button', { name: 'Double it' }).click()
    await page.waitForFunction(() => app.heard.length > 0)
    expect(await page.evaluate(() => app.heard)).toEqual([{ n: 4 }])

    await render(tab, {
      label: 'Halve it',
      schema: { type: 'object', properties: { half: { type: 'integer', title: 'Half' } } },
      value: { half: 8 },
    })
    expect(await page.getByLabel('Half').inputValue()).toBe('8')
    await page.getByRole('button', { name: 'Halve it' }).click()
    await page.waitForFunction(() => app.heard.length > 1)
    expect(await page.evaluate(() => app.heard)).toEqual([{ n: 4 }, { half: 8 }])
  },
)

const lost = /got "\[object Object\]" as its (schema|value): set it as a property, in React by a ref, in Vue as "\.\1"/

test.for(frameworks)(
  '$module $name writes an object as text while the widget is not there, which the console tells',
  async framework => {
    await using tab = await open(framework, { allow: lost })
    const { page } = tab
    const warned = page.waitForEvent('console', message => lost.test(message.text()))
    await render(tab, { how: 'plain' })
    await page.waitForFunction(
      () => document.querySelector('drover-form')?.getAttribute('schema') === '[object Object]',
    )
    tab.load()
    await warned
  },
)

test.for(frameworks)(
  '$module $name sets an object by itself once the widget is there, unless it is React 18',
  async framework => {
    await using tab = await open(framework, { allow: lost })
    const { page } = tab
    tab.load()
    await page.evaluate(async () => {
      const tags = ['drover-master', 'drover-form']
      const elements = tags.map(tag => document.createElement(tag))
      document.body.append(...elements)
      await Promise.all(tags.map(tag => customElements.whenDefined(tag)))
      for (const element of elements) element.remove()
    })
    await render(tab, { how: 'plain' })
    await page.waitForFunction(() => document.querySelector('drover-form') !== null)
    const isSet = await page.evaluate(() => typeof document.querySelector('drover-form')!.schema === 'object')
    expect(isSet).toBe(framework.alwaysWrites !== true)
  },
)
