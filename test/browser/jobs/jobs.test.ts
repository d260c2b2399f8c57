import { expect, test } from 'vitest'
import { tabsWith } from '../fixture-tabs.ts'
import type { JobsFixture } from '../fixtures/jobs.ts'
import { fill, tasks } from './list.ts'

/** In the page. */
declare const fixture: JobsFixture

const open = tabsWith('jobs')

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [320, 768, 1440]) {
    test(`every state can be read by everyone, ${colorScheme} at ${width} px`, async () => {
      await using tab = await open({ colorScheme, width, height: 1400, reducedMotion: true })
      await tab.page.evaluate(() => {
        fixture.master.worker(fixture.worker())
        fixture.master.set(...fixture.everyState(Date.now()))
        fixture.jobs.selected = [...fixture.master.jobs.keys()][9]
      })
      await tab.page.getByText('Waiting for a worker').waitFor()
      await tab.expectAccessible()
      expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    })
  }
}

test('a row says state, task, progress, worker, age, attempts and losses', async () => {
  await using tab = await open({ width: 1440, height: 1400 })
  await tab.page.evaluate(() => fixture.master.set(...fixture.everyState(Date.now())))
  const row = (word: string) => tab.page.getByRole('row').filter({ hasText: word })
  await row('Running').waitFor()
  const running = (await row('Running').textContent()) ?? ''
  for (const part of ['image.thumbnail', '62 %', 'scaling 5 of 8 pictures', 'plum-1', '48s ago'])
    expect(running).toContain(part)
  expect(await row('Failed').textContent()).toContain('attempt 3 · 1 loss')
  expect(await row('Answered').textContent()).toContain('missing: fig-1')
})

test('10 000 jobs are a few dozen rows, and the last is one key away', async () => {
  await using tab = await open()
  await fill(tab, 10_000)
  await tab.page.getByText('task.n9999').waitFor()
  const rows = tab.page.locator('.job')
  expect(await rows.count()).toBeLessThan(40)
  await rows.first().focus()
  await tab.page.keyboard.press('End')
  await tab.page.getByText('task.n0', { exact: true }).waitFor()
  await tab.page.waitForFunction(() => fixture.jobs.shadowRoot?.activeElement?.textContent?.includes('task.n0'))
  expect(await rows.count()).toBeLessThan(40)
  await tab.expectAccessible()
})

test('tabs count by state and filter; the text filter looks into task, id, tags and input', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => fixture.master.set(...fixture.everyState(Date.now())))
  await tab.page.getByRole('button', { name: 'Failed 4' }).click()
  await tab.page.getByText('Rejected').waitFor()
  expect(await tab.page.locator('.job').count()).toBe(4)
  await tab.page.evaluate(() =>
    fixture.master.set(
      fixture.job({ task: 'sums.add', input: { note: 'Quince marmalade' }, tags: ['Order 17', 'nightly'] }),
    ),
  )
  await tab.page.getByRole('button', { name: 'All 15' }).click()
  await tab.page.getByRole('searchbox').fill('SUMS quince nightly 17')
  await tab.page.waitForFunction(() => fixture.jobs.shadowRoot?.querySelectorAll('.job').length === 1)
  expect(await tasks(tab)).toEqual(['sums.add'])
  await tab.page.locator('.tags', { hasText: 'Order 17, nightly' }).waitFor()
  await tab.page.getByRole('searchbox').fill('nothing has this')
  await tab.page.getByText('No job matches').waitFor()
  await tab.expectAccessible()
  await tab.page.getByRole('button', { name: 'Show all jobs' }).click()
  await tab.page.getByRole('button', { name: 'All 15', pressed: true }).waitFor()
})

test('a job whose worker went away says so in its row, and a broadcast that failed everywhere is under Failed', async () => {
  await using tab = await open({ width: 1440 })
  await tab.page.evaluate(() => {
    const part = { worker_id: 'w-1', name: 'plum-1', attempt: 1, seen: {} }
    const progress = { v: 1, type: 'progress' as const, request_id: '', attempt: 1, percent: 5 }
    const error = { name: 'Error', code: 'EIO', message: 'the disk is gone', retryable: true }
    fixture.master.set(
      fixture.job({ phase: { at: 'running', since: 0 }, progress, workers: [{ ...part, at: 'gone' }] }),
      fixture.job({
        mode: 'topic',
        phase: { at: 'ended', since: 0, outcome: { type: 'answered', missing: [] } },
        workers: [{ ...part, at: 'ended', outcome: { type: 'error', error } }],
      }),
    )
  })
  const left = tab.page.getByRole('row').filter({ hasText: 'Worker gone' })
  await left.getByText('plum-1 went away; the job waits for another worker').waitFor()
  expect(await left.locator('progress, .spin').count()).toBe(0)
  await tab.page.getByRole('button', { name: 'Done 0' }).waitFor()
  await tab.page.getByRole('button', { name: 'Failed 1' }).click()
  await tab.page.getByRole('row').filter({ hasText: '1 of 1 failed' }).getByText('plum-1: the disk is gone').waitFor()
  expect(await tab.page.locator('.job').count()).toBe(1)
})

test('with the attribute "task" it shows and counts that task only', async () => {
  await using tab = await open()
  await fill(tab, 4)
  await tab.page.evaluate(() => fixture.jobs.setAttribute('task', 'task.n2'))
  await tab.page.getByRole('button', { name: 'All 1' }).waitFor()
  expect(await tasks(tab)).toEqual(['task.n2'])
})

test('with no jobs it says how to begin: dispatch one, start a worker, connect', async () => {
  await using tab = await open()
  await tab.page.getByText('No jobs yet').waitFor()
  await tab.expectAccessible()
  await tab.page.getByText('npx drover worker tasks.ts').waitFor()
  await tab.expectAccessible()
  await tab.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await tab.page.getByRole('button', { name: 'Copy the command' }).click()
  await tab.page.getByText('Command copied.').waitFor()
  expect(await tab.page.evaluate(() => navigator.clipboard.readText())).toBe('npx drover worker tasks.ts')
  await tab.page.evaluate(() => fixture.master.worker(fixture.worker()))
  await tab.page.getByText('Jobs of other tabs show in those.').waitFor()
  await tab.page.evaluate(() => void Object.assign(fixture.jobs, { master: undefined }))
  await tab.page.getByText('Not connected').waitFor()
  await tab.expectAccessible()
})

test('outcomes are announced politely: merged, and at most one message in two seconds', async () => {
  await using tab = await open()
  await fill(tab, 30)
  const said = await tab.page.evaluate(async () => {
    const region = fixture.jobs.shadowRoot!.querySelector('[role=status]')!
    const said: { text: string; at: number }[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    new MutationObserver(() => {
      said.push({ text: region.textContent ?? '', at: performance.now() })
      if (said.length === 2) resolve()
    }).observe(region, { childList: true, characterData: true, subtree: true })
    let at = 0
    for (const job of fixture.master.jobs.values()) {
      const outcome = at % 3 === 0 ? { type: 'cancelled' as const } : { type: 'result' as const, output: at }
      fixture.master.set({ ...job, phase: { at: 'ended', since: 0, outcome } })
      if (++at % 10 === 0) await new Promise(resolve => setTimeout(resolve, 50))
    }
    await promise
    return said
  })
  expect(said[1]!.at - said[0]!.at).toBeGreaterThan(1900)
  const total = said.flatMap(({ text }) => text.match(/\d+/g) ?? []).reduce((sum, n) => sum + Number(n), 0)
  expect(total).toBe(30)
  expect(await tab.page.locator('[role=status], [aria-live]').count()).toBe(1)
})

test('words of workers stay text', async () => {
  await using tab = await open()
  const evil = '<img src=x onerror=alert(1)><script>alert(2)</script>\u202e'
  await tab.page.evaluate(evil => {
    const part = { worker_id: evil, name: evil, attempt: 1, seen: {} }
    fixture.master.set(
      fixture.job({
        task: evil,
        phase: { at: 'running', since: 0 },
        workers: [{ ...part, at: 'running' }],
        progress: { v: 1, type: 'progress', request_id: '', attempt: 1, percent: 5, message: evil },
      }),
      fixture.job({
        phase: {
          at: 'ended',
          since: 0,
          outcome: { type: 'error', error: { name: evil, code: evil, message: evil, retryable: false } },
        },
      }),
      fixture.job({
        phase: { at: 'ended', since: 0, outcome: { type: 'rejected', issues: [{ path: evil, message: evil }] } },
      }),
    )
  }, evil)
  await tab.page.getByText('<img src=x').first().waitFor()
  expect(await tab.page.locator('drover-jobs').locator('img, script, a, iframe').count()).toBe(0)
})

test('a job is found by its address, too', async () => {
  await using tab = await open()
  await fill(tab, 3)
  const id = await tab.page.locator('.job').nth(1).getAttribute('data-id')
  await tab.page.getByRole('searchbox').fill(`https://jobs.example/drover/#/jobs/${id}`)
  await expect.poll(() => tab.page.locator('.job').count()).toBe(1)
  expect(await tab.page.locator('.job').getAttribute('data-id')).toBe(id)
})

test('the jobs that the master let go of are counted below the rows', async () => {
  await using tab = await open()
  await fill(tab, 3)
  expect(await tab.page.getByText('let go of').count()).toBe(0)
  await tab.page.evaluate(() => {
    fixture.master.letGo = { jobs: 4500, failed: 90 }
    fixture.master.set(fixture.job())
  })
  await tab.page.getByText('4,500 older jobs were let go of, of which 90 had failed.').waitFor()
  await tab.expectAccessible()
})

test('the tab that is shown by default is no attribute', async () => {
  await using tab = await open()
  await fill(tab, 3)
  const attribute = () => tab.page.evaluate(() => fixture.jobs.getAttribute('show'))
  expect(await attribute()).toBe(null)
  await tab.page.getByRole('button', { name: /^Failed/ }).click()
  await expect.poll(attribute).toBe('failed')
  await tab.page.getByRole('button', { name: /^All/ }).click()
  await expect.poll(attribute).toBe(null)
})
