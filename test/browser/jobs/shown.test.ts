/** `<drover-jobs>` follows live, and nothing moves under the pointer or the focus. */
import { expect, test } from 'vitest'
import { tabsWith } from '../fixture-tabs.ts'
import type { JobsFixture } from '../fixtures/jobs.ts'
import { fill, tasks } from './list.ts'

/** In the page. */
declare const fixture: JobsFixture

const open = tabsWith('jobs')

test('500 replies a second over 10 000 jobs are one render a frame', async () => {
  await using tab = await open()
  await fill(tab, 10_000)
  await tab.page.getByText('task.n9999').waitFor()
  const { renders, frames } = await tab.page.evaluate(async () => {
    let renders = 0
    const widget = fixture.jobs as unknown as { render(): unknown }
    const render = widget.render.bind(widget)
    widget.render = () => {
      renders++
      return render()
    }
    const ids = [...fixture.master.jobs.keys()].slice(-20)
    let frames = 0
    for (let sent = 0; sent < 500; frames++) {
      await new Promise(requestAnimationFrame)
      for (let n = 0; n < 9; n++, sent++) {
        const job = fixture.master.jobs.get(ids[sent % ids.length]!)!
        const progress = {
          v: 1,
          type: 'progress' as const,
          request_id: job.request_id,
          attempt: 1,
          percent: sent % 100,
        }
        fixture.master.set({ ...job, phase: { at: 'running', since: 0 }, progress })
      }
    }
    return { renders, frames }
  })
  expect(renders).toBeLessThanOrEqual(frames * 2 + 5)
})

test('new rows wait while the pointer is on the list, and show when they are asked for', async () => {
  await using tab = await open()
  await fill(tab, 3)
  await tab.page.locator('.job').nth(1).hover()
  const before = await tasks(tab)
  await tab.page.evaluate(() =>
    fixture.master.set(fixture.job({ task: 'a.new-one' }), fixture.job({ task: 'a.newer-one' })),
  )
  const pill = tab.page.getByRole('button', { name: '2 new jobs' })
  await pill.waitFor()
  expect(await tasks(tab)).toEqual(before)
  const { y, height } = (await pill.boundingBox())!
  for (const row of await tab.page.locator('.job').all()) {
    const box = (await row.boundingBox())!
    expect(box.y >= y + height || box.y + box.height <= y).toBe(true)
  }
  await tab.expectAccessible()
  await pill.click()
  await tab.page.getByText('a.newer-one').waitFor()
  expect(await tasks(tab)).toEqual(['a.newer-one', 'a.new-one', ...before])
  expect(await pill.count()).toBe(0)
})

test('they wait while a row has the focus, and come by themselves when it goes', async () => {
  await using tab = await open()
  await fill(tab, 2)
  await tab.page.locator('.job').first().focus()
  await tab.page.evaluate(() => fixture.master.set(fixture.job({ task: 'a.new-one' })))
  await tab.page.getByRole('button', { name: '1 new job' }).waitFor()
  await tab.page.getByRole('searchbox').focus()
  await tab.page.waitForFunction(
    () => fixture.jobs.shadowRoot?.querySelector('.job .task')?.textContent === 'a.new-one',
  )
})

test('they wait while the list is scrolled', async () => {
  await using tab = await open()
  await fill(tab, 100)
  const scroll = (top: number) =>
    tab.page.evaluate(top => fixture.jobs.shadowRoot!.querySelector('.scroller')!.scrollTo(0, top), top)
  await tab.page.getByText('task.n99').waitFor()
  await scroll(500)
  await tab.page.waitForFunction(() => !fixture.jobs.shadowRoot?.textContent?.includes('task.n99'))
  await tab.page.evaluate(() => fixture.master.set(fixture.job({ task: 'a.new-one' })))
  await tab.page.getByRole('button', { name: '1 new job' }).waitFor()
  expect(await tab.page.evaluate(() => fixture.jobs.shadowRoot!.querySelector('.scroller')!.scrollTop)).toBe(500)
  await scroll(0)
  await tab.page.getByText('a.new-one').waitFor()
})

test('a row that is held shows its new state in its old place', async () => {
  await using tab = await open()
  await fill(tab, 2)
  await tab.page.locator('.tab[data-group=waiting]').click()
  await tab.page.locator('.job').first().hover()
  await tab.page.evaluate(() => {
    const [, newest] = [...fixture.master.jobs.values()]
    fixture.master.set({ ...newest!, phase: { at: 'running', since: 0 } })
  })
  await tab.page.getByRole('row').filter({ hasText: 'Running' }).waitFor()
  expect(await tasks(tab)).toEqual(['task.n1', 'task.n0'])
})

test('taken out of the page and put back, it is live again', async () => {
  await using tab = await open()
  await fill(tab, 1)
  await tab.page.getByText('task.n0').waitFor()
  await tab.page.evaluate(() => {
    const main = document.querySelector('main')!
    fixture.jobs.remove()
    fixture.master.set(fixture.job({ task: 'while.away' }))
    main.append(fixture.jobs)
  })
  await tab.page.getByText('while.away').waitFor()
  await tab.page.evaluate(() => fixture.master.set(fixture.job({ task: 'back.again' })))
  await tab.page.getByText('back.again').waitFor()
})
