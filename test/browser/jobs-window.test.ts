/** Of 10 000 rows, each as high as it likes to be, `<drover-jobs>` renders those that can be seen. */
import { expect, test } from 'vitest'
import { tabsWith } from './fixture-tabs.ts'
import type { JobsGround } from './fixtures/jobs.ts'
import type { OpenOptions, Tab } from './harness.ts'

/** In the page. */
declare const ground: JobsGround

const openFixture = tabsWith('jobs')

/** `n` jobs, the newest first on the list: of every three, one is higher than the others. */
async function open(n: number, options?: OpenOptions): Promise<Tab> {
  const tab = await openFixture(options)
  await tab.page.evaluate(n => {
    const progress = { v: 1, type: 'progress', request_id: '', attempt: 1, percent: 5, message: 'on it' } as const
    const running = { phase: { at: 'running', since: 0 }, progress } as const
    ground.master.set(
      ...Array.from({ length: n }, (_, i) => ground.job({ task: `task.n${i}`, ...(i % 3 === 0 ? running : {}) })),
    )
  }, n)
  await tab.page.getByText(`task.n${n - 1}`, { exact: true }).waitFor()
  return tab
}

/** Error events of the page, such as that a ResizeObserver goes round in circles, which the console does not show. */
const noteErrors = (tab: Tab): Promise<void> =>
  tab.page.evaluate(() => {
    const errors: string[] = []
    addEventListener('error', ({ message }) => void errors.push(message))
    Object.assign(globalThis, { errors })
  })
const errorsOf = (tab: Tab): Promise<string[]> =>
  tab.page.evaluate(() => (globalThis as unknown as { errors: string[] }).errors)

interface Row {
  readonly task: string
  /** Below the view's top, px. */
  readonly top: number
  readonly bottom: number
}

interface View {
  readonly height: number
  readonly scrollTop: number
  readonly total: number
  /** Those in view, even in part, from the top. */
  readonly rows: readonly Row[]
  readonly rendered: number
  readonly focused: string
}

/** What there is to see once it was painted. */
const look = (tab: Tab): Promise<View> =>
  tab.page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
    const root = ground.jobs.shadowRoot!
    const scroller = root.querySelector('.scroller')!
    const box = scroller.getBoundingClientRect()
    const taskOf = (row: Element | null | undefined) => row?.querySelector('.task')?.textContent ?? ''
    const rows = [...root.querySelectorAll('.job')].map(row => {
      const { top, bottom } = row.getBoundingClientRect()
      return { task: taskOf(row), top: top - box.top, bottom: bottom - box.top }
    })
    return {
      height: box.height,
      scrollTop: scroller.scrollTop,
      total: scroller.scrollHeight,
      rows: rows.filter(({ top, bottom }) => bottom > 0.5 && top < box.height - 0.5),
      rendered: rows.length,
      focused: taskOf(root.activeElement?.closest('.job')),
    }
  })

const scrollTo = (tab: Tab, top: number) =>
  tab.page.evaluate(top => ground.jobs.shadowRoot!.querySelector('.scroller')!.scrollTo(0, top), top)

/** The view is full of rows, one below the other, the next below the one before. */
function expectFull({ rows, height, rendered }: View): void {
  expect(rows[0]!.top).toBeLessThanOrEqual(0.5)
  expect(rows.at(-1)!.bottom).toBeGreaterThanOrEqual(height - 0.5)
  const numbers = rows.map(({ task }) => Number(task.slice('task.n'.length)))
  expect(numbers).toEqual(numbers.map((_, nth) => numbers[0]! - nth))
  for (const [nth, { top }] of rows.entries()) if (nth > 0) expect(top).toBeCloseTo(rows[nth - 1]!.bottom, 0)
  expect(rendered).toBeLessThan(40)
}

const rowOf = (view: View, task: string): Row => {
  const row = view.rows.find(one => one.task === task)
  if (row === undefined) throw new Error(`${task} is not in view, but ${view.rows.map(one => one.task).join(', ')}`)
  return row
}

/** The first that begins in view. */
const firstOf = ({ rows }: View): Row => rows.find(({ top }) => top > -0.5)!

for (const width of [390, 1440]) {
  test(`wherever it is scrolled to, rows of different heights fill the view, ${width} px`, async () => {
    await using tab = await open(10_000, { width })
    const { rows } = await look(tab)
    if (width === 390) expect(new Set(rows.map(({ top, bottom }) => Math.round(bottom - top))).size).toBeGreaterThan(1)
    for (const top of [0, 40, 700, 300, 250_000, 249_000, 10, 400_000]) {
      await scrollTo(tab, top)
      const view = await look(tab)
      expect(Math.abs(view.scrollTop - top)).toBeLessThan(300)
      expectFull(view)
    }
  })

  test(`End of 10 000 rows that were never measured is the very end, ${width} px`, async () => {
    await using tab = await open(10_000, { width })
    await tab.page.locator('.job').first().focus()
    await tab.page.keyboard.press('End')
    const view = await look(tab)
    expectFull(view)
    expect(view.focused).toBe('task.n0')
    expect(view.rows.at(-1)).toMatchObject({ task: 'task.n0', bottom: expect.closeTo(view.height, 0) })
    const end = await tab.page.evaluate(() => {
      const { scrollHeight, clientHeight } = ground.jobs.shadowRoot!.querySelector('.scroller')!
      return scrollHeight - clientHeight
    })
    expect(view.scrollTop).toBeCloseTo(end, 0)
  })

  test(`by keys, the row with the focus is whole in view each time, ${width} px`, async () => {
    await using tab = await open(500, { width })
    await tab.page.locator('.job').first().focus()
    let at = 499
    const keys = { PageDown: -10, ArrowDown: -1, PageUp: 10, ArrowUp: 1 }
    for (const key of [
      'PageDown',
      'PageDown',
      'PageDown',
      'ArrowDown',
      'PageDown',
      'PageUp',
      'ArrowUp',
      'PageUp',
    ] as const) {
      await tab.page.keyboard.press(key)
      at += keys[key]
      const view = await look(tab)
      expect(view.focused).toBe(`task.n${at}`)
      const { top, bottom } = rowOf(view, view.focused)
      expect(top).toBeGreaterThan(-0.5)
      expect(bottom).toBeLessThan(view.height + 0.5)
      expectFull(view)
    }
  })
}

test('the wheel goes up through rows that were never measured, and nothing jumps', async () => {
  await using tab = await open(2_000, { width: 390 })
  await scrollTo(tab, 60_000)
  let before = await look(tab)
  await tab.page.locator('.scroller').hover()
  for (let nth = 0; nth < 12; nth++) {
    const { task, top } = firstOf(before)
    await tab.page.mouse.wheel(0, -90)
    await expect.poll(async () => (await look(tab)).rows.find(one => one.task === task)?.top).toBeCloseTo(top + 90, 0)
    before = await look(tab)
    expectFull(before)
  }
})

test('a row above the view that gets higher or lower moves nothing that is in view', async () => {
  await using tab = await open(200, { width: 390 })
  await scrollTo(tab, 5_000)
  const before = await look(tab)
  const { task, top } = firstOf(before)
  const above = `task.n${Number(task.slice('task.n'.length)) + 2}`
  const heightOf = () =>
    tab.page.locator('.job', { hasText: above }).evaluate(row => row.getBoundingClientRect().height)
  const heights = [await heightOf()]
  for (const message of ['so much '.repeat(3), '']) {
    await tab.page.evaluate(
      ({ above, message }) => {
        const job = [...ground.master.jobs.values()].find(({ task }) => task === above)!
        const progress = { v: 1, type: 'progress', request_id: '', attempt: 1, message } as const
        ground.master.set({ ...job, phase: { at: 'running', since: 0 }, progress, attempt: message === '' ? 1 : 3 })
      },
      { above, message },
    )
    const view = await look(tab)
    heights.push(await heightOf())
    expect(rowOf(view, task).top).toBeCloseTo(top, 0)
    expectFull(view)
  }
  expect(heights[1]).not.toBe(heights[0])
  expect(heights[2]).not.toBe(heights[1])
})

test('from wide to narrow and back, the first row in view stays there, and no error is told to the page', async () => {
  await using tab = await open(10_000, { width: 1440 })
  await noteErrors(tab)
  await scrollTo(tab, 100_000)
  const { task } = firstOf(await look(tab))
  for (const width of [1000, 390, 320, 700, 1440]) {
    await tab.page.setViewportSize({ width, height: 768 })
    const view = await look(tab)
    expect(rowOf(view, task).top).toBeLessThan(80)
    expectFull(view)
    // The scrollbar too is of rows as they are now
    const mean = (view.rows.at(-1)!.bottom - view.rows[0]!.top) / view.rows.length
    expect(Math.abs(view.total / 10_000 / mean - 1)).toBeLessThan(0.15)
  }
  expect(await errorsOf(tab)).toEqual([])
})

test('where rows fit when they are wide and do not when they are narrow, no error is told to the page', async () => {
  await using tab = await open(9, { width: 1440 })
  await noteErrors(tab)
  const narrower = Array.from({ length: 15 }, (_, nth) => 1440 - nth * 80)
  for (const width of [...narrower, ...narrower.toReversed(), 320, 1440]) {
    await tab.page.setViewportSize({ width, height: 768 })
    const { rows, height } = await look(tab)
    expect(rows[0]).toMatchObject({ task: 'task.n8', top: expect.closeTo(0, 0) })
    expect(rows.at(-1)!.bottom).toBeGreaterThanOrEqual(height - 0.5)
  }
  expect(await errorsOf(tab)).toEqual([])
})

test('what has the focus keeps it when it is scrolled away, and the keys go on from there', async () => {
  await using tab = await open(1_000)
  await tab.page.locator('.job').nth(3).focus()
  for (const top of [20_000, 200, 40_000]) {
    await scrollTo(tab, top)
    const view = await look(tab)
    expect(view.focused).toBe('task.n996')
    expect(Math.abs(view.scrollTop - top)).toBeLessThan(2)
    expectFull(view)
  }
  await tab.page.keyboard.press('ArrowDown')
  const view = await look(tab)
  expect(view.focused).toBe('task.n995')
  expect(rowOf(view, 'task.n995').top).toBeGreaterThan(-0.5)
})

test('hidden and shown again, or taken out of the page and put back, it is where it was', async () => {
  await using tab = await open(1_000, { width: 390 })
  await scrollTo(tab, 20_000)
  const before = await look(tab)
  const hide = (isHidden: boolean) =>
    tab.page.evaluate(isHidden => ground.jobs.toggleAttribute('hidden', isHidden), isHidden)
  const touch = () =>
    tab.page.evaluate(async () => {
      ground.jobs.requestUpdate()
      await ground.jobs.updateComplete
    })
  await hide(true)
  await touch()
  expect((await look(tab)).rendered).toBe(before.rendered)
  await touch()
  await hide(false)
  const after = await look(tab)
  expect(after.rows).toEqual(before.rows)
  await tab.page.evaluate(async () => {
    const main = document.querySelector('main')!
    ground.jobs.remove()
    await new Promise(requestAnimationFrame)
    main.append(ground.jobs)
    await ground.jobs.updateComplete
  })
  expect((await look(tab)).rows).toEqual(before.rows)
  await scrollTo(tab, 20_500)
  expectFull(await look(tab))
})

test('a list that has no height yet has rows for when it gets some', async () => {
  await using tab = await openFixture()
  await tab.page.evaluate(() => {
    ground.jobs.style.setProperty('--drover-jobs-height', '0px')
    ground.master.set(...Array.from({ length: 1_000 }, (_, i) => ground.job({ task: `task.n${i}` })))
  })
  await tab.page.locator('.job').first().waitFor({ state: 'attached' })
  expect((await look(tab)).rendered).toBeGreaterThan(4)
  await tab.page.evaluate(() => ground.jobs.style.setProperty('--drover-jobs-height', '900px'))
  const view = await look(tab)
  expect(view.height).toBe(900)
  expectFull(view)
})

test('a filter that leaves few rows shows them from the top, and all of them again without it', async () => {
  await using tab = await open(1_000)
  await scrollTo(tab, 30_000)
  await look(tab)
  await tab.page.getByRole('searchbox').fill('task.n77')
  await tab.page.waitForFunction(() => ground.jobs.shadowRoot?.querySelectorAll('.job').length === 11)
  const few = await look(tab)
  expect(few.scrollTop).toBe(0)
  expect(few.rows[0]).toMatchObject({ task: 'task.n779', top: expect.closeTo(0, 0) })
  await tab.page.getByRole('searchbox').fill('')
  await tab.page.getByText('task.n999', { exact: true }).waitFor()
  expectFull(await look(tab))
})

test('rows that are removed leave no gap', async () => {
  await using tab = await open(1_000)
  await tab.page.evaluate(() => {
    const ids = [...ground.master.jobs.keys()]
    for (const id of ids.slice(5)) ground.master.forget(id)
  })
  await tab.page.waitForFunction(() => ground.jobs.shadowRoot?.querySelectorAll('.job').length === 5)
  const { rows, height } = await look(tab)
  expect(rows.map(({ task }) => task)).toEqual([4, 3, 2, 1, 0].map(n => `task.n${n}`))
  expect(rows[0]!.top).toBeCloseTo(0, 0)
  expect(rows[4]!.bottom).toBeCloseTo(height, 0)
})

test('a page that draws it smaller than it is changes nothing', async () => {
  await using tab = await open(1_000, { width: 390 })
  await tab.page.evaluate(() => ground.jobs.style.setProperty('transform', 'scale(0.5)'))
  await tab.page.locator('.job').first().focus()
  await tab.page.keyboard.press('End')
  const view = await look(tab)
  expectFull(view)
  expect(view.rows.at(-1)).toMatchObject({ task: 'task.n0', bottom: expect.closeTo(view.height, 0) })
})

test('what comes first while the list is hidden, as behind a form on a phone, is there when it shows', async () => {
  await using tab = await openFixture({ width: 390 })
  const whileHidden = (tasks: string[]) =>
    tab.page.evaluate(async tasks => {
      const main = document.querySelector('main')!
      main.style.display = 'none'
      ground.master.set(...tasks.map(task => ground.job({ task })))
      for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
      main.style.display = ''
    }, tasks)
  await whileHidden(['the.first'])
  await tab.page.getByText('the.first').waitFor()
  const { rows } = await look(tab)
  expect(rows.map(({ task, bottom }) => [task, bottom > 40])).toEqual([['the.first', true]])
  await whileHidden(Array.from({ length: 60 }, (_, n) => `task.n${n}`))
  await tab.page.getByText('task.n59').waitFor()
  expectFull(await look(tab))
})
