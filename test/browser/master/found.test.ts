/** Widgets and their `<drover-master>`: how they find it, and their words until they do. */
import { expect, test } from 'vitest'
import { masterId, tabsWithMaster } from './tabs.ts'

const tabs = tabsWithMaster()

test('a widget that waits for its master says nothing of it, and how to go on where none will come', async () => {
  await using tab = await tabs.open({ query: { url: '' } })
  const { page } = tab
  const shown = await page.evaluate(async () => {
    const jobs = document.createElement('drover-jobs')
    const master = document.querySelector('drover-master')!
    // As while its address is fetched: it never opens
    master.url = 'ws://127.0.0.1:9/stomp'
    master.append(jobs)
    await jobs.updateComplete
    const waiting = jobs.shadowRoot!.querySelector('.list')!.textContent!.trim()
    master.url = undefined
    document.body.append(jobs)
    await jobs.updateComplete
    return { waiting, lost: jobs.shadowRoot!.querySelector('.list')!.textContent!.trim() }
  })
  expect(shown.waiting).toBe('')
  expect(shown.lost).toContain('Not connected')
  await page.evaluate(() => document.querySelector('main')!.remove())
})

test('its content keeps a distance, which a token sets', async () => {
  await using tab = await tabs.open()
  const { page } = tab
  await masterId(page)
  const gaps = await page.evaluate(() => {
    const master = document.querySelector('drover-master')!
    const [first, second] = [document.createElement('drover-form'), document.createElement('drover-jobs')]
    master.append(first, second)
    const gap = () => second.getBoundingClientRect().top - first.getBoundingClientRect().bottom
    const asItIs = gap()
    master.style.setProperty('--drover-gap', '3px')
    return [asItIs, gap()]
  })
  expect(gaps).toEqual([16, 3])
})

test('widgets find it by standing in it, by its id, and by property', async () => {
  await using tab = await tabs.open()
  await masterId(tab.page)
  const found = await tab.page.evaluate(async () => {
    type Probe = HTMLElement & { found: unknown; for: string; master: unknown; updateComplete: Promise<unknown> }
    const master = document.querySelector('drover-master')!
    const probe = (): Probe => document.createElement('master-probe') as Probe
    const inside = probe()
    master.append(inside)
    const named = probe()
    named.for = 'one'
    const given = probe()
    given.master = master.current
    const lost = probe()
    document.body.append(named, given, lost)
    await Promise.all([inside, named, given, lost].map(one => one.updateComplete))
    const first = [inside, named, given, lost].map(one => one.found === master.current)
    // Moved out of it, and the one with the name takes its id away.
    document.body.append(inside)
    named.for = 'nobody'
    await Promise.all([inside.updateComplete, named.updateComplete])
    return { first, after: [inside.found, named.found].map(one => one === undefined) }
  })
  expect(found).toEqual({ first: [true, true, true, false], after: [true, true] })
})
