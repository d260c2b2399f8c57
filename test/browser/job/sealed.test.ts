/** Payloads in `<drover-job>` that could not be opened: sealed, and neither errors nor empty. */
import { expect, test } from 'vitest'
import { tabsWith } from '../fixture-tabs.ts'
import type { JobFixture } from '../fixtures/job.ts'

declare const fixture: JobFixture

const open = tabsWith('job')

test('of replies that no key here opens each shows as sealed, beside those that were opened', async () => {
  await using tab = await open()
  const { page } = tab
  await page.evaluate(() => {
    const reply = { v: 1, request_id: '', attempt: 1, worker_id: 'w-1', at: Date.now() }
    const part = { worker_id: 'w-1', name: 'plum-1', attempt: 1, at: 'running' as const, seen: {} }
    const error = { name: 'Sealed', code: 'sealed', message: 'This error is sealed', retryable: true }
    fixture.show(
      fixture.job({
        sealed: true,
        phase: { at: 'retrying', since: Date.now(), error },
        workers: [part],
        replies: [
          { ...reply, seq: 0, type: 'log', level: 'warn', message: '', sealed: {} },
          { ...reply, seq: 1, type: 'log', level: 'info', message: 'read the index' },
          { ...reply, seq: 2, type: 'partial', data: null, sealed: {} },
          { ...reply, seq: 3, type: 'partial', data: { page: 2 } },
          { ...reply, seq: 4, type: 'progress', sealed: {} },
          { ...reply, seq: 5, type: 'retrying', error, sealed: {} },
        ],
      }),
    )
  })
  const panel = page.getByRole('tabpanel')
  const shown = async (name: string): Promise<string> => {
    await page.getByRole('tab', { name }).click()
    const text = ((await panel.textContent()) ?? '').replaceAll(/\s+/g, ' ')
    expect(text, 'the value in the place of a sealed one').not.toContain('null')
    return text
  }
  expect(await shown('Outcome')).toContain(
    'Attempt 1 failed, and it runs again. Its error is sealed, and the key is not here.',
  )
  expect(await shown('Log')).toMatch(/warn sealed.*info read the index/)
  const parts = await shown('Parts')
  expect(parts).toContain('1 part is sealed, and the key is not here.')
  expect(parts).toContain('page')
  expect(await shown('Replies')).toMatch(
    /warn: sealed.*partial plum-1 sealed.*progress plum-1 sealed.*retrying plum-1 sealed/,
  )
  await tab.expectAccessible()
})

test('so do the outcomes of workers, and an input that is stored', async () => {
  await using tab = await open()
  const { page } = tab
  await page.evaluate(() => {
    const error = { name: 'Sealed', code: 'sealed', message: 'This error is sealed', retryable: false }
    const part = { attempt: 1, at: 'ended' as const, seen: {}, name: 'plum-1' }
    fixture.view.setAttribute('can-edit', '')
    fixture.show(
      fixture.ended(
        { type: 'answered', missing: [] },
        {
          mode: 'topic',
          input: null,
          sealed: true,
          unopened: {},
          late: [
            { v: 1, request_id: '', type: 'error', attempt: 1, worker_id: 'w-4', name: 'pear-1', error, sealed: {} },
          ],
          workers: [
            { ...part, worker_id: 'w-1', outcome: { type: 'result', output: undefined, sealed: true } },
            { ...part, worker_id: 'w-2', outcome: { type: 'error', error, sealed: true } },
            { ...part, worker_id: 'w-3', outcome: { type: 'rejected', issues: [], sealed: true } },
          ],
        },
      ),
    )
  })
  const rows = page.getByRole('tabpanel').getByRole('listitem')
  expect(await rows.allTextContents()).toEqual(Array.from({ length: 3 }, () => expect.stringMatching(/sealed\s*$/)))
  expect(await page.getByRole('button', { name: 'Edit and dispatch' }).count(), 'its input is not here').toBe(0)
  await page.getByRole('tab', { name: 'Input' }).click()
  await page.getByText('Its input is sealed, and the key is not here.').waitFor()
  expect(await page.getByRole('tabpanel').getByRole('button').count()).toBe(0)
  await page.getByRole('tab', { name: 'Replies' }).click()
  await page.getByText('The replies about it are sealed').waitFor()
  expect(await page.getByRole('region', { name: 'Late replies' }).textContent()).toMatch(/error\s.*sealed\s*$/s)
})
