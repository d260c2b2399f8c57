/** `<drover-job>` of a broadcast, and of workers that went away. */
import { expect, test } from 'vitest'
import { tabsWith } from '../fixture-tabs.ts'
import type { JobFixture } from '../fixtures/job.ts'

/** In the page. */
declare const fixture: JobFixture

const open = tabsWith('job')

test('a broadcast has a row for each worker, and the missing by name', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => {
    const part = { attempt: 1, seen: {} }
    const expected = ['plum', 'fig', 'pear'].map(name => ({ worker_id: `w-${name}`, name, gone: name === 'fig' }))
    fixture.show(
      fixture.job({
        task: 'host.facts',
        mode: 'topic',
        phase: { at: 'running', since: 0 },
        expected,
        workers: [
          {
            ...part,
            worker_id: 'w-plum',
            name: 'plum',
            at: 'ended',
            outcome: { type: 'result', output: { cores: 8 }, took_ms: 12 },
          },
          {
            ...part,
            worker_id: 'w-pear',
            at: 'running',
            progress: { v: 1, type: 'progress', request_id: '', attempt: 1, percent: 7 },
          },
        ],
      }),
    )
  })
  const rows = tab.page.locator('.broadcast-row')
  await rows.first().waitFor()
  const text = async () => (await rows.allTextContents()).map(row => row.replace(/\s+/g, ' ').trim())
  expect(await text()).toEqual([
    expect.stringMatching(/^plum ?Done.*took 12 ms.*cores: 8/),
    expect.stringMatching(/^pear ?Running/),
    expect.stringMatching(/^fig ?Went away/),
  ])
  await tab.page.evaluate(() => {
    const [job] = [...fixture.master.jobs.values()]
    const outcome = { type: 'answered' as const, missing: ['fig', 'pear'] }
    fixture.master.set({ ...job!, phase: { at: 'ended', since: 0, outcome } })
  })
  await rows.filter({ hasText: 'Missing' }).nth(1).waitFor()
  expect(await text()).toEqual([
    expect.stringMatching(/^plum ?Done/),
    expect.stringMatching(/^pear ?Missing/),
    expect.stringMatching(/^fig ?Missing/),
  ])
  expect(await rows.getByRole('progressbar').count()).toBe(0)
  await tab.page.getByRole('tab', { name: 'Outcome' }).click()
  await tab.page.getByText('Missing: fig, pear').waitFor()
  await tab.page.getByText('1 of 3 workers answered.').waitFor()
})

test('a worker that is gone is said to be so, until another has the job', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => {
    const part = { worker_id: 'w-1', name: 'plum-1', attempt: 1, seen: {} }
    fixture.show(fixture.job({ phase: { at: 'running', since: 0 }, workers: [{ ...part, at: 'gone' }] }))
  })
  await tab.page.getByText('plum-1 went away. The job goes to another worker').waitFor()
  expect(await tab.page.locator('header .state').textContent()).toBe('Worker gone')
  expect(await tab.page.locator('progress, .spin').count()).toBe(0)
  await tab.expectAccessible()
  await tab.page.evaluate(() => {
    const [job] = [...fixture.master.jobs.values()]
    const [part] = job!.workers
    const workers = [
      { ...part!, at: 'lost' as const },
      { ...part!, worker_id: 'w-2', name: 'fig-1', at: 'running' as const },
    ]
    fixture.master.set({ ...job!, workers })
  })
  await tab.page.getByText('A worker has it.').waitFor()
  expect(await tab.page.getByText('went away').count()).toBe(0)
  await tab.page.evaluate(() => {
    const [job] = [...fixture.master.jobs.values()]
    const [part] = job!.workers
    const progress = { v: 1, type: 'progress' as const, request_id: '', attempt: 1, percent: 5 }
    fixture.master.set({ ...job!, mode: 'topic', workers: [{ ...part!, at: 'gone', progress }] })
  })
  await tab.page.getByRole('listitem').filter({ hasText: 'plum-1' }).getByText('Went away', { exact: true }).waitFor()
  expect(await tab.page.locator('.broadcast-row progress').count()).toBe(0)
})

test('a broadcast that every worker failed has failed, and one that was cancelled has nobody missing', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => {
    const error = { name: 'Error', code: 'ENOENT', message: 'There is no "dusk.jpg"', retryable: false }
    const workers = ['plum', 'fig'].map(name => ({
      worker_id: `w-${name}`,
      name,
      attempt: 1,
      seen: {},
      at: 'ended' as const,
      outcome: { type: 'error' as const, error },
    }))
    fixture.view.show = 'outcome'
    fixture.show(fixture.ended({ type: 'answered', missing: [] }, { mode: 'topic', workers }))
  })
  await tab.page.getByText('2 failed of 2 workers.').waitFor()
  expect(await tab.page.locator('.note').getAttribute('data-tone')).toBe('danger')
  expect(await tab.page.locator('header .state').textContent()).toBe('2 of 2 failed')
  await tab.expectAccessible()
  await tab.page.evaluate(() => {
    const expected = [{ worker_id: 'w-1', name: 'plum', gone: false }]
    fixture.view.show = 'workers'
    fixture.show(fixture.ended({ type: 'cancelled' }, { mode: 'topic', expected }))
  })
  await tab.page.getByRole('listitem').filter({ hasText: 'plum' }).getByText('Cancelled').waitFor()
})
