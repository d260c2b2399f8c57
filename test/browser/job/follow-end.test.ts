/** `<drover-job>`'s log while it grows. */
import { expect, test } from 'vitest'
import { tabsWith } from '../fixture-tabs.ts'
import type { JobFixture } from '../fixtures/job.ts'

/** In the page. */
declare const fixture: JobFixture

const open = tabsWith('job')

test('the log stays at its end while it grows, and still for who has scrolled up', async () => {
  await using tab = await open()
  const grow = (n: number) =>
    tab.page.evaluate(n => {
      const [job] = [...fixture.master.jobs.values()]
      const line = { v: 1, request_id: '', attempt: 1, type: 'log' as const, level: 'info' as const }
      fixture.master.set({
        ...job!,
        replies: Array.from({ length: n }, (_, i) => ({ ...line, message: `line ${i}.` })),
      })
    }, n)
  await tab.page.evaluate(() => {
    fixture.show(fixture.job({ phase: { at: 'running', since: 0 } }))
    fixture.view.show = 'log'
  })
  await grow(100)
  await tab.page.getByText('line 99.').waitFor()
  const place = () =>
    tab.page.evaluate(() => {
      const log = fixture.view.shadowRoot!.querySelector('.log')!
      return { top: log.scrollTop, left: log.scrollHeight - log.scrollTop - log.clientHeight }
    })
  expect((await place()).left).toBeLessThan(8)
  await grow(150)
  await tab.page.getByText('line 149.').waitFor()
  expect((await place()).left).toBeLessThan(8)
  await tab.page.evaluate(() => fixture.view.shadowRoot!.querySelector('.log')!.scrollTo(0, 40))
  await grow(200)
  await tab.page.getByText('line 199.').waitFor()
  expect((await place()).top).toBe(40)
})

test('the log stays at its end while lines that wrap come fast and old ones are let go of', async () => {
  await using tab = await open({ width: 480 })
  const left = await tab.page.evaluate(async () => {
    fixture.show(fixture.job({ phase: { at: 'running', since: 0 } }))
    fixture.view.show = 'log'
    const frame = () => new Promise(resolve => requestAnimationFrame(resolve))
    const line = { v: 1, request_id: '', attempt: 1, type: 'log' as const, level: 'info' as const }
    const words = 'of the build, with so many words in it that it takes more than one row of the log, '
    const lines = Array.from({ length: 900 }, (_, i) => ({ ...line, message: `${i} ${words.repeat(1 + (i % 5))}` }))
    const left: number[] = []
    for (let n = 20; n <= lines.length; n += 20) {
      const [job] = [...fixture.master.jobs.values()]
      fixture.master.set({ ...job!, replies: lines.slice(Math.max(0, n - 500), n), dropped: Math.max(0, n - 500) })
      await frame()
      await frame()
      await frame()
      const log = fixture.view.shadowRoot!.querySelector('.log')!
      left.push(log.scrollHeight - log.scrollTop - log.clientHeight)
    }
    return left
  })
  expect(left.length).toBe(45)
  expect(Math.max(...left), `px from the end, in time: ${left.join(' ')}`).toBeLessThan(8)
  const last = tab.page.locator('.log li').last()
  expect(await last.textContent()).toContain('899 of the build')
  expect(await last.evaluate(one => one.checkVisibility({ contentVisibilityAuto: true }))).toBe(true)
})

test('who comes back to the end of the log follows it again', async () => {
  await using tab = await open({ width: 480 })
  const grow = (n: number) =>
    tab.page.evaluate(n => {
      const [job] = [...fixture.master.jobs.values()]
      const line = { v: 1, request_id: '', attempt: 1, type: 'log' as const, level: 'info' as const }
      const message = (i: number) => `line ${i}. ${'It has many words. '.repeat(i % 7)}`
      fixture.master.set({ ...job!, replies: Array.from({ length: n }, (_, i) => ({ ...line, message: message(i) })) })
    }, n)
  const leftAtEnd = () =>
    tab.page.evaluate(() => {
      const log = fixture.view.shadowRoot!.querySelector('.log')!
      return log.scrollHeight - log.scrollTop - log.clientHeight
    })
  await tab.page.evaluate(() => {
    fixture.show(fixture.job({ phase: { at: 'running', since: 0 } }))
    fixture.view.show = 'log'
  })
  await grow(100)
  await tab.page.getByText('line 99.').waitFor()
  const log = tab.page.getByRole('region', { name: 'Log' })
  // Chromium drops a key that scrolls where lines are laid out while the key before still moves the list
  const rest = await log.evaluateHandle(log => ({
    come: new Promise(resolve => log.addEventListener('scrollend', resolve, { once: true })),
  }))
  await log.press('PageUp')
  await rest.evaluate(({ come }) => come)
  expect(await leftAtEnd()).toBeGreaterThan(8)
  await grow(150)
  await tab.page.getByText('line 149.').waitFor({ state: 'attached' })
  expect(await leftAtEnd()).toBeGreaterThan(8)
  await tab.page.keyboard.press('End')
  await expect.poll(leftAtEnd).toBeLessThan(8)
  await grow(200)
  await tab.page.getByText('line 199.').waitFor()
  await expect.poll(leftAtEnd).toBeLessThan(8)
})
