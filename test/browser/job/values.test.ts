/** Words of workers in `<drover-job>`: results of any size, depth and kind, as text. */
import { expect, test } from 'vitest'
import { tabsWith } from '../fixture-tabs.ts'
import type { JobFixture } from '../fixtures/job.ts'
import type { Tab } from '../harness.ts'

/** In the page. */
declare const fixture: JobFixture

const open = tabsWith('job')
const show = (tab: Tab, output: unknown) => tab.page.evaluate(output => fixture.show(fixture.result(output)), output)
const elements = (tab: Tab) => tab.page.evaluate(() => fixture.view.shadowRoot!.querySelectorAll('*').length)
const pixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='

test('a huge result costs only its visible part', async () => {
  await using tab = await open()
  await tab.page.evaluate(() =>
    fixture.show(
      fixture.result({ list: Array.from({ length: 200_000 }, (_, i) => ({ i })), text: 'x'.repeat(5_000_000) }),
    ),
  )
  await tab.page.getByText('Show all 5,000,000 characters').waitFor()
  expect(await elements(tab)).toBeLessThan(150)
  await tab.page.locator('summary').nth(1).click()
  await tab.page.getByRole('button', { name: 'Show 500 more of 200,000' }).waitFor()
  expect(await elements(tab)).toBeLessThan(900)
  await tab.page.evaluate(() => fixture.show(fixture.result(Array.from({ length: 100_000 }, (_, i) => ({ i })))))
  await tab.page.getByRole('button', { name: 'Show 400 more of 100,000 rows' }).waitFor()
  expect(await elements(tab)).toBeLessThan(900)
})

test('a deeply nested result opens level by level, and says that it cannot be copied', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => {
    let deep: unknown = 'the bottom'
    for (let n = 0; n < 100_000; n++) deep = { constructor: deep }
    fixture.show(fixture.result(deep))
  })
  for (let n = 1; n < 5; n++) await tab.page.locator('summary').nth(n).click()
  await tab.page.getByRole('button', { name: 'Copy result' }).click()
  await tab.page.getByRole('status').filter({ hasText: 'nested too deep' }).waitFor()
})

test('pictures show only as raster data; one that cannot be read is said to be so', async () => {
  await using tab = await open()
  await show(tab, { bytes: 3, data_url: pixel })
  await tab.page.getByRole('img', { name: 'The picture in data_url' }).waitFor()
  await tab.page.waitForFunction(() => fixture.view.shadowRoot!.querySelector('img')!.naturalWidth === 1)
  await tab.page.getByRole('button', { name: 'JSON' }).click()
  await tab.page.getByText('picture, ').waitFor()
  await show(tab, 'data:image/png;base64,bm90IGEgcGljdHVyZQ==')
  await tab.page.getByText('a picture that this browser cannot read').waitFor()
  for (const address of [
    'data:image/svg+xml;base64,PHN2Zy8+',
    'data:text/html,<script>alert(1)</script>',
    'javascript:alert(1)',
    'https://example.invalid/x.png',
    ' data:image/png;base64,AAAA',
  ]) {
    await show(tab, { address })
    await tab.page.getByText(JSON.stringify(address)).waitFor()
    expect(await tab.page.locator('drover-job').locator('img, a').count()).toBe(0)
  }
})

test('words of workers stay text everywhere', async () => {
  await using tab = await open()
  const evil = '<img src=x onerror=alert(1)><script>alert(2)</script><a href="javascript:alert(3)">x</a>\u202e'
  await tab.page.evaluate(evil => {
    const at = Number.MAX_VALUE
    const reply = { v: 1, request_id: '', attempt: 1, worker_id: evil, at }
    const error = { name: evil, code: evil, message: evil, retryable: true }
    const keys = JSON.parse(
      `{"__proto__": {"a": ${JSON.stringify(evil)}}, "constructor": 1, ${JSON.stringify(evil)}: {"hasOwnProperty": 2}}`,
    )
    const part = { worker_id: evil, name: evil, attempt: 1, seen: {} }
    const replies = [
      { ...reply, type: 'log' as const, level: 'info' as const, message: evil, data: keys },
      { ...reply, type: 'retrying' as const, error },
      { ...reply, type: 'partial' as const, data: [keys] },
    ]
    fixture.show(
      fixture.ended(
        { type: 'error', error },
        { task: evil, input: keys, replies, workers: [{ ...part, at: 'ended' }] },
      ),
    )
    fixture.show(fixture.ended({ type: 'rejected', issues: [{ path: evil, message: evil }] }, { replies }))
    fixture.show(
      fixture.ended(
        { type: 'answered', missing: [evil] },
        {
          mode: 'topic',
          replies,
          workers: [{ ...part, at: 'ended', outcome: { type: 'result', output: [{ [evil]: evil }] } }],
        },
      ),
    )
    fixture.show(fixture.result([{ [evil]: evil, __proto__: null }], { replies }))
  }, evil)
  const ids = await tab.page.evaluate(() => [...fixture.master.jobs.keys()])
  for (const id of ids) {
    await tab.page.evaluate(id => void Object.assign(fixture.view, { requestId: id }), id)
    for (const view of await tab.page.getByRole('tab').all()) {
      await view.click()
      expect(await tab.page.locator('drover-job').locator('img, script, a, iframe, object').count()).toBe(0)
    }
  }
  await tab.expectAccessible()
})

test('a job that is done and gave its result in pieces opens on them, one that failed does not', async () => {
  await using tab = await open()
  const show = (mode: 'queue' | 'topic', outcome: unknown) =>
    tab.page.evaluate(
      ([mode, outcome]) => {
        const partial = { v: 1, request_id: '', attempt: 1, worker_id: 'w-1', type: 'partial' as const }
        const replies = [1, 2].map(line => ({ ...partial, data: { file: 'web.log', line } }))
        const result = { type: 'result' as const, output: { matches: 2 } }
        const workers = [{ worker_id: 'w-1', attempt: 1, seen: {}, at: 'ended' as const, outcome: result }]
        fixture.show(fixture.ended(outcome, { mode, replies, ...(mode === 'topic' ? { workers } : {}) }))
      },
      [mode, outcome] as const,
    )
  const chosen = tab.page.getByRole('tab', { selected: true })
  const error = { name: 'Error', code: 'EIO', message: 'the disk is gone', retryable: false }
  for (const [mode, outcome, opens] of [
    ['topic', { type: 'answered', missing: [] }, /^Parts/],
    ['queue', { type: 'result', output: { matches: 2 } }, /^Parts/],
    ['queue', { type: 'error', error }, /^Outcome/],
  ] as const) {
    await show(mode, outcome)
    await expect.poll(() => chosen.textContent(), { message: `${mode} ${outcome.type}` }).toMatch(opens)
  }
  await show('queue', { type: 'result', output: 1 })
  await tab.page.getByRole('cell', { name: 'web.log' }).first().waitFor()
})

test('pieces of a result are one table, of a broadcast with their workers', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => {
    const reply = { v: 1, request_id: '', attempt: 1, worker_id: 'w-1', at: 0, type: 'partial' as const }
    const [state] = fixture.everyState(0).filter(({ mode }) => mode === 'topic')
    const workers = [{ worker_id: 'w-1', name: 'plum-1', attempt: 1, seen: {}, at: 'running' as const }]
    const replies = [4, 9].map(line => ({ ...reply, data: { file: 'web.log', line } }))
    const expected = [{ worker_id: 'w-1', name: 'plum-1', gone: false }]
    fixture.show({ ...state!, workers, replies, expected, dropped: 5, dropped_partials: 1 })
  })
  await tab.page.getByRole('tab', { name: 'Parts 2' }).click()
  const rows = tab.page.getByRole('table').getByRole('row')
  await expect
    .poll(() => rows.allInnerTexts())
    .toEqual(['worker\tfile\tline', 'plum-1\tweb.log\t4', 'plum-1\tweb.log\t9'])
  await tab.page.getByText('1 earlier part was let go of.').waitFor()
  await tab.expectAccessible()
  await tab.page.getByRole('tab', { name: 'Replies' }).click()
  await tab.page.getByText('6 earlier replies were let go of.').waitFor()
})
