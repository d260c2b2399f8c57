/** A worker that means harm: nothing that it says becomes markup, a script or an address. */
import { readFileSync } from 'node:fs'
import { defineTask } from 'drover/contract'
import { implement } from 'drover/worker'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { setUps } from '../../support/system/set-ups.ts'
import { setUpTestBed } from './test-bed.ts'
import { dispatch, openJob, rowOf, tabOf, untilState } from './user.ts'

const testBed = setUpTestBed(setUps.bridgeEmbedded)

const markup = '<img src=x onerror="globalThis.harmed=1"><script>globalThis.harmed=1</script>'
const elsewhere = 'https://elsewhere.example/track.png'
const svg = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" onload="harmed=1"/>')}`
const pixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** One output a view: tree, table, text, pictures. */
const outputs: Record<string, unknown> = {
  tree: { [markup]: markup, link: 'javascript:globalThis.harmed=1', page: elsewhere, __proto__: { polluted: 1 } },
  table: [{ [markup]: markup, link: 'javascript:globalThis.harmed=1', picture: svg }],
  text: `${markup}\n`.repeat(3),
  link: 'javascript:globalThis.harmed=1',
  picture: { picture: pixel, svg, remote: elsewhere },
  svg: { data_url: svg },
  remote: { data_url: elsewhere },
  blurred: { data_url: `data:image/png;base64,${'A'.repeat(40)}" onerror="globalThis.harmed=1` },
}

const show = defineTask('test.show', {
  description: markup,
  input: z.object({
    what: z
      .string()
      .describe(markup)
      .meta({ title: markup, examples: [markup] }),
  }),
})
const fail = defineTask('test.fail', { input: z.object({ what: z.string() }) })
const refuse = defineTask('test.refuse', { input: z.object({ what: z.string().refine(() => false, markup) }) })

/** Opens the page with the worker there, and fails on any request to elsewhere. */
async function withHostileWorker(
  run: (page: Page, expectHarmless: () => Promise<void>) => Promise<void>,
): Promise<void> {
  await using _worker = await testBed().worker(
    markup,
    implement(show, ({ what }, job) => {
      job.progress(50, markup, { [markup]: markup })
      job.log('warn', markup, { link: 'javascript:globalThis.harmed=1', svg })
      return outputs[what]
    }),
    implement(fail, () => {
      throw Object.assign(new Error(markup), { name: markup, code: markup })
    }),
    implement(refuse, () => undefined),
  )
  // A picture that is none is told by the browser.
  await using tab = await testBed().open({ allow: /ERR_INVALID_URL/ })
  const { page } = tab
  const asked: string[] = []
  page.on('request', request => asked.push(request.url()))
  await run(page, async () => {
    expect(await harmOf(page)).toEqual([])
  })
  expect(asked.filter(url => !url.startsWith(testBed().url) && !url.startsWith('data:image/png;base64,'))).toEqual([])
}

const terminal = readFileSync('test/cases/inputs/C31-texts.md', 'utf8')
const said = [...terminal.matchAll(/'((?:[^'\\]|\\.)*)'/g)]
  .map(([, text]) => JSON.parse(`"${text}"`) as string)
  .filter(text => text.includes('\u001b'))
const turned = '\u202egnp.exe\u202c'
/** Text that would command a terminal, whole or in part, or turn the words around it. */
const commands = /[\u001b\u009b\u202a-\u202e\u2066-\u2069]|\\u001b|\\u202|\[(?:2K|0m|1;31m|3[129]m)|\]8;;/

const colours = defineTask('test.colours', {
  description: `${said[0]}${turned}`,
  input: z.object({ what: z.string().meta({ title: `What${turned}` }) }),
})

/** All that the page says, title and attributes included. */
const saidOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const texts = [document.title]
    const look = (node: Node): void => {
      if (node instanceof Text) texts.push(node.data)
      if (node instanceof Element) {
        for (const { name, value } of node.attributes) if (name !== 'href' && name !== 'data-id') texts.push(value)
        if (node.localName === 'style' || node.localName === 'script') return
        if (node.shadowRoot !== null) look(node.shadowRoot)
      }
      for (const one of node.childNodes) look(one)
    }
    look(document)
    return texts
  })

test('text for a terminal, or that turns words around, is plain text everywhere', async () => {
  const [progress = '', log = '', link = '', error = ''] = said
  await using _worker = await testBed().worker(
    `\u001b[32mplum${turned}`,
    implement(colours, ({ what }, job) => {
      job.progress(50, `${progress}${turned}`)
      job.log('info', `${log}${turned}`)
      job.log('warn', link)
      void job.partial({ [`${log}${turned}`]: error, list: [link, turned] })
      if (what === 'fail') throw Object.assign(new Error(`${error}${turned}`), { name: `${log}${turned}`, code: 'E' })
      return what === 'text' ? `${error} and ${link}` : { [log]: error, turned }
    }),
  )
  await using tab = await testBed().open({ width: 1440, height: 900 })
  const { page } = tab
  const expectPlain = async (where: string): Promise<void> => {
    expect(
      (await saidOf(page)).filter(text => commands.test(text)),
      where,
    ).toEqual([])
  }
  for (const [what, state] of [
    ['fail', 'Failed'],
    ['text', 'Done'],
    ['tree', 'Done'],
  ] as const) {
    const id = await dispatch(page, { task: 'test.colours', fields: { 'What gnp.exe': what } })
    await untilState(page, id, state)
    for (const name of ['Outcome', 'Parts', 'Input', 'Log', 'Replies']) {
      await (await tabOf(page, name)).waitFor()
      await expectPlain(`${what}, ${name}`)
    }
    await (await tabOf(page, 'Log')).getByText('ok fail').waitFor()
    if (what === 'fail') await rowOf(page, id).getByText('AssertionError: expected 1').first().waitFor()
  }
  const broadcast = await dispatch(page, {
    task: 'test.colours',
    fields: { 'What gnp.exe': 'tree' },
    to: 'All workers',
  })
  await untilState(page, broadcast, 'Answered')
  await expectPlain('a broadcast')
  await page.getByRole('link', { name: 'Workers' }).click()
  await page.locator('drover-workers').getByRole('button', { name: 'plumgnp.exe' }).first().click()
  await page.getByRole('heading', { name: 'plumgnp.exe' }).locator('bdi').waitFor()
  await expectPlain('the page of a worker')
})

/** Elements that a worker's words would have made, and their effects. */
function harmOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = 'harmed' in globalThis ? ['a script ran'] : []
    const look = (root: ParentNode): void => {
      for (const element of root.querySelectorAll('*')) {
        if (element.shadowRoot !== null) look(element.shadowRoot)
        if (element.matches('body script, iframe, object, embed')) found.push(element.outerHTML)
        for (const { name, value } of element.attributes) {
          const isOwn = value.startsWith('#') || (element.localName === 'link' && /^\.?\/(?!\/)/.test(value))
          const isRaster = element.localName === 'img' && /^data:image\/(png|jpeg|gif|webp|avif);base64,/.test(value)
          if (/^on/.test(name)) found.push(`${element.localName} ${name}`)
          if (/^(href|src|srcset|action|formaction|xlink:href)$/.test(name) && !isOwn && !isRaster) {
            if (element.localName !== 'script') found.push(`${element.localName} ${name}=${value}`)
          }
        }
      }
    }
    look(document)
    return found
  })
}

test('results of every kind, progress, logs and names', () =>
  withHostileWorker(async (page, expectHarmless) => {
    for (const what of Object.keys(outputs)) {
      const id = await dispatch(page, { task: 'test.show', fields: { [markup]: what } })
      await untilState(page, id, 'Done')
      for (const name of ['Outcome', 'Input', 'Log', 'Replies']) {
        await (await tabOf(page, name)).waitFor()
        await expectHarmless()
      }
    }
    await rowOf(page, new URL(page.url()).hash.slice('#/jobs/'.length)).getByText(markup).first().waitFor()
  }))

test('errors and rejections', () =>
  withHostileWorker(async (page, expectHarmless) => {
    const failed = await dispatch(page, { task: 'test.fail', fields: { What: 'x' } })
    await untilState(page, failed, 'Failed')
    await openJob(page).getByText(markup).first().waitFor()
    await expectHarmless()
    const refused = await dispatch(page, { task: 'test.refuse', fields: { What: 'x' } })
    await untilState(page, refused, 'Rejected')
    await page.locator('drover-form').getByText(markup).first().waitFor()
    await expectHarmless()
  }))

test('a broadcast, and the page of the worker', () =>
  withHostileWorker(async (page, expectHarmless) => {
    const id = await dispatch(page, { task: 'test.show', fields: { [markup]: 'tree' }, to: 'All workers' })
    await untilState(page, id, 'Answered')
    await openJob(page).getByText(markup).first().waitFor()
    await expectHarmless()
    await page.getByRole('link', { name: 'Workers' }).click()
    await page.locator('drover-workers').getByRole('button', { name: markup }).first().click()
    await page.getByRole('heading', { name: markup }).waitFor()
    await expectHarmless()
  }))
