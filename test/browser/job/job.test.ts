import { expect, test } from 'vitest'
import { tabsWith } from '../fixture-tabs.ts'
import type { JobFixture } from '../fixtures/job.ts'
import type { Tab } from '../harness.ts'

/** In the page. */
declare const fixture: JobFixture

const open = tabsWith('job')
const show = (tab: Tab, output: unknown) => tab.page.evaluate(output => fixture.show(fixture.result(output)), output)
const pixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every state and tab can be read by everyone, ${colorScheme}`, async () => {
    await using tab = await open({ colorScheme, width: 320, height: 1200, reducedMotion: true })
    await tab.page.getByText('No job chosen').waitFor()
    await tab.expectAccessible()
    const states = await tab.page.evaluate(() => {
      const now = Date.now()
      const reply = { v: 1, request_id: '', attempt: 1, worker_id: 'w-1', at: now }
      const error = { name: 'Error', code: 'EIO', message: 'the disk is gone', retryable: true }
      const states = fixture.everyState(now).map(state => ({
        ...state,
        dropped: 3,
        late: [{ ...reply, type: 'result' as const, output: { late: true } }],
        replies: [
          { ...reply, type: 'accepted' as const },
          { ...reply, type: 'progress' as const, percent: 4, message: 'begun' },
          { ...reply, type: 'log' as const, level: 'warn' as const, message: 'slow disk', data: { disk: 'sda' } },
          { ...reply, type: 'partial' as const, data: [1, 2] },
          { ...reply, type: 'retrying' as const, error },
          { type: 'loss' as const, losses: 1, at: now },
          { type: 'unclaimed' as const, unclaimed: true, at: now },
          { type: 'missed' as const, count: 12, at: now },
        ],
      }))
      fixture.master.set(...states)
      return states.map(({ request_id, mode }) => ({ request_id, mode }))
    })
    for (const { request_id, mode } of states) {
      await tab.page.evaluate(id => void Object.assign(fixture.view, { requestId: id, show: undefined }), request_id)
      await tab.page.getByText(request_id).waitFor()
      await tab.expectAccessible()
      if (mode === 'topic') {
        await tab.page.getByRole('tab', { name: 'Outcome' }).click()
        await tab.expectAccessible()
      }
    }
    for (const name of ['Parts', 'Input', 'Log', 'Replies']) {
      await tab.page.getByRole('tab', { name }).click()
      await tab.expectAccessible()
    }
    expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
  })

  test(`a result as table, text, picture and JSON can be read by everyone, ${colorScheme}`, async () => {
    await using tab = await open({ colorScheme, width: 768 })
    for (const output of [
      [
        { a: 1, b: null },
        { a: 2, c: 'x' },
      ],
      'some text\nin lines',
      { bytes: 3, data_url: pixel },
      { a: [1, { b: true }] },
    ]) {
      await show(tab, output)
      await tab.page.getByRole('button', { name: 'Copy result' }).waitFor()
      await tab.expectAccessible()
    }
  })
}

test('a job that is not known here is said to be so', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => fixture.view.setAttribute('request-id', '<b>no such job</b>'))
  await tab.page.getByText('This job is not known here').waitFor()
  await tab.page.getByText('<b>no such job</b>').waitFor()
  await tab.expectAccessible()
  await tab.page.evaluate(() => void Object.assign(fixture.view, { master: undefined }))
  await tab.page.getByText('Not connected').waitFor()
})

test('progress, state and log follow live, and a new state is announced once', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => fixture.show(fixture.job({ phase: { at: 'running', since: 0 } })))
  const bar = tab.page.getByRole('progressbar')
  await bar.waitFor()
  expect(await bar.getAttribute('value')).toBe(null)
  await tab.page.evaluate(() => {
    const [job] = [...fixture.master.jobs.values()]
    const reply = { v: 1, request_id: job!.request_id, attempt: 1 }
    fixture.master.set({
      ...job!,
      progress: { ...reply, type: 'progress', percent: 41, message: 'half of it' },
      replies: [{ ...reply, type: 'log', level: 'error', message: 'a line' }],
    })
  })
  await tab.page.getByText('41 %').waitFor()
  await tab.page.getByText('half of it').waitFor()
  await tab.page.getByRole('tab', { name: 'Log 1' }).click()
  await tab.page.getByText('a line').waitFor()
  expect(await tab.page.getByRole('status').textContent()).toBe('')
  await tab.page.evaluate(() => {
    const [job] = [...fixture.master.jobs.values()]
    fixture.master.set({ ...job!, phase: { at: 'ended', since: 0, outcome: { type: 'result', output: 1 } } })
  })
  await tab.page.getByRole('status').filter({ hasText: 'image.thumbnail: Done.' }).waitFor()
  expect(await tab.page.locator('[role=status], [aria-live], [role=log], [role=alert]').count()).toBe(1)
})

test('from right to left the id keeps its order', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => {
    document.documentElement.dir = 'rtl'
    fixture.show(fixture.job({ request_id: '43513062-1111-4222-8333-444444444444' }))
  })
  await tab.page.locator('.id').waitFor()
  const edges = await tab.page.locator('.id').evaluate(id => {
    const text = [...id.childNodes].find(node => node.nodeType === Node.TEXT_NODE)!
    return [0, 35].map(at => {
      const range = document.createRange()
      range.setStart(text, at)
      range.setEnd(text, at + 1)
      return range.getBoundingClientRect().left
    })
  })
  expect(edges[0]).toBeLessThan(edges[1]!)
  await tab.expectAccessible()
})

test('in forced colours only the chosen tab has a line', async () => {
  await using tab = await open({ forcedColors: true })
  await tab.page.evaluate(() => fixture.show(fixture.job()))
  await tab.page.getByRole('tab').first().waitFor()
  const lines = await tab.page
    .getByRole('tab')
    .evaluateAll(tabs => tabs.map(one => getComputedStyle(one).borderBlockEndWidth))
  expect(lines).toEqual(['4px', '0px', '0px', '0px'])
})

test('tabs go by arrows, and a tree by arrows too', async () => {
  await using tab = await open()
  await show(tab, { a: { b: { c: 1 } }, d: [1] })
  await tab.page.getByRole('tab', { name: 'Outcome' }).focus()
  await tab.page.keyboard.press('ArrowRight')
  await tab.page.getByRole('tab', { name: 'Input', selected: true }).waitFor()
  await tab.page.keyboard.press('ArrowLeft')
  const focused = () =>
    tab.page.evaluate(() => fixture.view.shadowRoot?.activeElement?.textContent?.replace(/\s+/g, ' ').trim())
  await tab.page.locator('summary').first().focus()
  await tab.page.keyboard.press('ArrowDown')
  expect(await focused()).toBe('a: {b: {…}}')
  await tab.page.keyboard.press('ArrowRight')
  await tab.page.locator('summary').nth(3).waitFor()
  await tab.page.keyboard.press('ArrowRight')
  expect(await focused()).toBe('b: {c: 1}')
  await tab.page.keyboard.press('ArrowLeft')
  await tab.page.keyboard.press('ArrowLeft')
  await tab.page.waitForFunction(() => fixture.view.shadowRoot!.querySelectorAll('summary').length === 3)
  await tab.page.getByRole('tab', { name: 'Outcome' }).focus()
  await tab.page.keyboard.press('Tab')
  await tab.page.keyboard.press('Enter')
  await tab.page
    .getByRole('status')
    .filter({ hasText: /Result/ })
    .waitFor()
})

test('messages that did not come are said to be missing', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => {
    const reply = { v: 1, request_id: '', attempt: 1, worker_id: 'w-1' }
    const line = { ...reply, type: 'log' as const, level: 'info' as const, message: 'a line', seq: 0 }
    const outcome = { type: 'result' as const, output: 1, attempt: 1 }
    const seen = { 1: [[0, 3] as const, [16, 16] as const] }
    const workers = [{ worker_id: 'w-1', attempt: 1, seen, at: 'ended' as const, outcome }]
    const phase = { at: 'ended' as const, since: Date.now() - 5000, outcome }
    fixture.view.show = 'log'
    fixture.show(fixture.job({ phase, workers, replies: [line] }))
  })
  await tab.page.getByText('12 messages of this job did not come').waitFor()
  await tab.expectAccessible()
})
