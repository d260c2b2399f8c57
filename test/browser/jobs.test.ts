import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JobsGround } from './fixtures/jobs.ts'
import { type Ground, type OpenOptions, startGround, type Tab } from './harness.ts'

/** In the page. */
declare const ground: JobsGround

let here: Ground
beforeAll(async () => {
  here = await startGround()
})
afterAll(() => here[Symbol.asyncDispose]())

async function open(options?: OpenOptions): Promise<Tab> {
  const tab = await here.open('jobs', options)
  await tab.page.waitForFunction(() => 'ground' in globalThis)
  return tab
}

/** `n` jobs that wait, the newest last. */
const fill = (tab: Tab, n: number) =>
  tab.page.evaluate(
    n => ground.master.set(...Array.from({ length: n }, (_, i) => ground.job({ task: `task.n${i}` }))),
    n,
  )

const tasks = (tab: Tab) => tab.page.locator('.job .task').allTextContents()

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [320, 768, 1440]) {
    test(`every state can be read by everyone, ${colorScheme} at ${width} px`, async () => {
      await using tab = await open({ colorScheme, width, height: 1400, reducedMotion: true })
      await tab.page.evaluate(() => {
        ground.master.worker(ground.worker())
        ground.master.set(...ground.everyState(Date.now()))
        ground.jobs.selected = [...ground.master.jobs.keys()][9]
      })
      await tab.page.getByText('Waiting for a worker').waitFor()
      await tab.expectAccessible()
      expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    })
  }
}

test('a row says state, task, progress, worker, age, attempts and losses', async () => {
  await using tab = await open({ width: 1440, height: 1400 })
  await tab.page.evaluate(() => ground.master.set(...ground.everyState(Date.now())))
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
  await tab.page.waitForFunction(() => ground.jobs.shadowRoot?.activeElement?.textContent?.includes('task.n0'))
  expect(await rows.count()).toBeLessThan(40)
  await tab.expectAccessible()
})

test('500 replies a second over 10 000 jobs are one render a frame', async () => {
  await using tab = await open()
  await fill(tab, 10_000)
  await tab.page.getByText('task.n9999').waitFor()
  const { renders, frames } = await tab.page.evaluate(async () => {
    let renders = 0
    const widget = ground.jobs as unknown as { render(): unknown }
    const render = widget.render.bind(widget)
    widget.render = () => {
      renders++
      return render()
    }
    const ids = [...ground.master.jobs.keys()].slice(-20)
    let frames = 0
    for (let sent = 0; sent < 500; frames++) {
      await new Promise(requestAnimationFrame)
      for (let n = 0; n < 9; n++, sent++) {
        const job = ground.master.jobs.get(ids[sent % ids.length]!)!
        const progress = {
          v: 1,
          type: 'progress' as const,
          request_id: job.request_id,
          attempt: 1,
          percent: sent % 100,
        }
        ground.master.set({ ...job, phase: { at: 'running', since: 0 }, progress })
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
    ground.master.set(ground.job({ task: 'a.new-one' }), ground.job({ task: 'a.newer-one' })),
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

test('the tabs are on one line, or on two with three each, however narrow the list is', async () => {
  await using tab = await open({ width: 1440 })
  await fill(tab, 1200)
  for (let width = 320; width <= 1440; width += 40) {
    await tab.page.setViewportSize({ width, height: 700 })
    const lines = await tab.page.evaluate(() => {
      const tops = [...ground.jobs.shadowRoot!.querySelectorAll('.tab')].map(one => one.getBoundingClientRect().top)
      return Map.groupBy(tops, top => top)
        .values()
        .map(({ length }) => length)
        .toArray()
    })
    expect(lines.length === 1 ? [6] : lines, `${width} px`).toEqual(lines.length === 1 ? [6] : [3, 3])
    expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  }
})

test('rows reach the edge; where a scrollbar takes room from them, headings stand above their columns', async () => {
  await using tab = await open()
  const edges = () =>
    tab.page.evaluate(() => {
      const root = ground.jobs.shadowRoot!
      const right = (selector: string) => Math.round(root.querySelector(selector)!.getBoundingClientRect().right)
      const gutter =
        root.querySelector<HTMLElement>('.scroller')!.offsetWidth - root.querySelector('.space')!.clientWidth
      return {
        frame: right('.grid'),
        row: right('.job'),
        head: right('.head .cell:last-child'),
        cell: right('.action-cell'),
        gutter,
      }
    })
  await fill(tab, 2)
  await tab.page.getByText('task.n1').waitFor()
  const few = await edges()
  expect([few.gutter, few.row, few.head]).toEqual([0, few.frame, few.cell])
  await tab.page.evaluate(() => {
    // Takes the room that a scrollbar has, which this browser hides
    const sheet = new CSSStyleSheet()
    sheet.replaceSync('.scroller { border-inline-end: 16px solid }')
    ground.jobs.shadowRoot!.adoptedStyleSheets.push(sheet)
  })
  await fill(tab, 1)
  await expect.poll(async () => (await edges()).gutter).toBe(16)
  await expect.poll(edges).toSatisfy(({ head, cell }) => head === cell)
})

test('they wait while a row has the focus, and come by themselves when it goes', async () => {
  await using tab = await open()
  await fill(tab, 2)
  await tab.page.locator('.job').first().focus()
  await tab.page.evaluate(() => ground.master.set(ground.job({ task: 'a.new-one' })))
  await tab.page.getByRole('button', { name: '1 new job' }).waitFor()
  await tab.page.getByRole('searchbox').focus()
  await tab.page.waitForFunction(() => ground.jobs.shadowRoot?.querySelector('.job .task')?.textContent === 'a.new-one')
})

test('they wait while the list is scrolled', async () => {
  await using tab = await open()
  await fill(tab, 100)
  const scroll = (top: number) =>
    tab.page.evaluate(top => ground.jobs.shadowRoot!.querySelector('.scroller')!.scrollTo(0, top), top)
  await tab.page.getByText('task.n99').waitFor()
  await scroll(500)
  await tab.page.waitForFunction(() => !ground.jobs.shadowRoot?.textContent?.includes('task.n99'))
  await tab.page.evaluate(() => ground.master.set(ground.job({ task: 'a.new-one' })))
  await tab.page.getByRole('button', { name: '1 new job' }).waitFor()
  expect(await tab.page.evaluate(() => ground.jobs.shadowRoot!.querySelector('.scroller')!.scrollTop)).toBe(500)
  await scroll(0)
  await tab.page.getByText('a.new-one').waitFor()
})

test('a row that is held shows its new state in its old place', async () => {
  await using tab = await open()
  await fill(tab, 2)
  await tab.page.locator('.tab[data-group=waiting]').click()
  await tab.page.locator('.job').first().hover()
  await tab.page.evaluate(() => {
    const [, newest] = [...ground.master.jobs.values()]
    ground.master.set({ ...newest!, phase: { at: 'running', since: 0 } })
  })
  await tab.page.getByRole('row').filter({ hasText: 'Running' }).waitFor()
  expect(await tasks(tab)).toEqual(['task.n1', 'task.n0'])
})

test('by keyboard: rows by arrows, their buttons by the side, Enter chooses', async () => {
  await using tab = await open()
  await fill(tab, 5)
  await tab.page.getByRole('searchbox').focus()
  await tab.page.keyboard.press('Tab')
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp', 'Enter']) await tab.page.keyboard.press(key)
  const ids = await tab.page.evaluate(() => [...ground.master.jobs.keys()].reverse())
  expect(await tab.page.evaluate(() => ground.selected)).toEqual([`job ${ids[1]}`])
  expect(await tab.page.locator('.job[aria-selected=true]').getAttribute('data-id')).toBe(ids[1])
  await tab.page.keyboard.press('ArrowRight')
  await tab.page.keyboard.press('Enter')
  await tab.page.keyboard.press('ArrowRight')
  await tab.page.keyboard.press('Enter')
  expect(await tab.page.evaluate(() => ground.master.asked.filter(one => !one.startsWith('watch')))).toEqual([
    `cancel ${ids[1]}`,
    `again ${ids[1]}`,
  ])
  await tab.page.keyboard.press('ArrowLeft')
  await tab.page.keyboard.press('ArrowLeft')
  await tab.page.keyboard.press('Home')
  expect(await tab.page.evaluate(() => ground.jobs.shadowRoot?.activeElement?.getAttribute('data-id'))).toBe(ids[0])
})

test('Tab leads to the chosen row, else to the first in view; it was the last job for whoever saw them come', async () => {
  await using tab = await open()
  for (let n = 0; n < 3; n++) {
    await fill(tab, 1)
    await tab.page.waitForFunction(n => ground.jobs.shadowRoot!.querySelectorAll('.job').length === n, n + 1)
  }
  await fill(tab, 60)
  await tab.page.getByText('task.n59').waitFor()
  const ids = await tab.page.evaluate(() => [...ground.master.jobs.keys()].reverse())
  const enter = async () => {
    await tab.page.getByRole('searchbox').focus()
    await tab.page.keyboard.press('Tab')
    return ids.indexOf(
      await tab.page.evaluate(() => (ground.jobs.shadowRoot!.activeElement as HTMLElement).dataset.id ?? 'none'),
    )
  }
  expect(await enter()).toBe(0)
  await tab.page.keyboard.press('ArrowDown')
  await expect
    .poll(() => tab.page.evaluate(() => ground.jobs.shadowRoot!.activeElement?.getAttribute('data-id')))
    .toBe(ids[1])
  expect(await enter()).toBe(0)
  await tab.page.evaluate(id => void Object.assign(ground.jobs, { selected: id }), ids[50])
  expect(await enter()).toBe(50)
  await tab.page.evaluate(() => void Object.assign(ground.jobs, { selected: undefined }))
  await tab.page.getByRole('searchbox').focus()
  await tab.page.evaluate(() => ground.jobs.shadowRoot!.querySelector('.scroller')!.scrollTo(0, 1000))
  await tab.page.waitForFunction(() => !ground.jobs.shadowRoot!.querySelector('.job[aria-rowindex="2"]'))
  const place = await enter()
  const top = await tab.page.evaluate(() => {
    const root = ground.jobs.shadowRoot!
    const view = root.querySelector('.scroller')!.getBoundingClientRect()
    return root.activeElement!.getBoundingClientRect().top - view.top
  })
  expect([place > 10, top >= -1 && top < 80]).toEqual([true, true])
})

test('a job that waits is cancelled at once, one that runs when it was asked for twice', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => {
    ground.master.set(
      ground.job({ task: 'it.runs', phase: { at: 'running', since: 0 } }),
      ground.job({ task: 'it.waits' }),
    )
  })
  const [runs, waits] = await tab.page.evaluate(() => [...ground.master.jobs.keys()])
  const asked = () => tab.page.evaluate(() => ground.master.asked.filter(one => one.startsWith('cancel')))
  const button = (task: string) => tab.page.getByRole('row').filter({ hasText: task }).locator('.cancel')
  await button('it.waits').click()
  expect(await asked()).toEqual([`cancel ${waits}`])
  await button('it.runs').dblclick()
  const sure = tab.page.getByRole('button', { name: /^Really cancel it.runs/ })
  await sure.waitFor()
  await tab.page.getByRole('status').filter({ hasText: 'Press once more to cancel it.runs' }).waitFor()
  await tab.expectAccessible()
  await tab.page.getByRole('searchbox').focus()
  await tab.page.getByRole('button', { name: /^Cancel it.runs/ }).waitFor()
  expect(await asked()).toHaveLength(1)
  await button('it.runs').focus()
  await tab.page.keyboard.down('Enter')
  await tab.page.keyboard.down('Enter')
  await tab.page.keyboard.up('Enter')
  await sure.waitFor()
  expect(await asked()).toHaveLength(1)
  await tab.page.keyboard.press('Enter')
  expect(await asked()).toEqual([`cancel ${waits}`, `cancel ${runs}`])
  await sure.waitFor({ state: 'detached' })
})

test('after some seconds it is not asked any more', async () => {
  await using tab = await open()
  await tab.page.clock.install()
  await tab.page.evaluate(() => ground.master.set(ground.job({ phase: { at: 'running', since: 0 } })))
  await tab.page.clock.runFor(100)
  await tab.page.locator('.cancel').click()
  await tab.page.clock.runFor(100)
  await tab.page.locator('.sure').waitFor()
  await tab.page.clock.runFor(7000)
  await tab.page.locator('.cancel:not(.sure)').waitFor()
  expect(await tab.page.evaluate(() => ground.master.asked.filter(one => one.startsWith('cancel')))).toEqual([])
})

test('"Cancel" is a word wherever there is room for it', async () => {
  await using tab = await open({ width: 1440 })
  await fill(tab, 1)
  const word = tab.page.locator('.cancel .word')
  await word.waitFor()
  for (const [width, isThere] of [
    [1200, true],
    [800, false],
    [500, true],
    [320, true],
  ] as const) {
    await tab.page.setViewportSize({ width, height: 700 })
    await expect.poll(() => word.isVisible(), { message: `${width} px` }).toBe(isThere)
    expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  }
})

test('a row says what its input begins with, as text, however narrow the list is', async () => {
  await using tab = await open({ width: 1440 })
  const evil = '<img src=x onerror=alert(1)>\u202e'
  await tab.page.evaluate(evil => ground.master.set(ground.job(), ground.job({ input: { [evil]: 1, evil } })), evil)
  for (const width of [1440, 1024, 700, 390, 320]) {
    await tab.page.setViewportSize({ width, height: 700 })
    const line = tab.page.getByText('pictures/dusk.jpg, width 320')
    await line.waitFor()
    expect((await line.boundingBox())!.width, `${width} px`).toBeGreaterThan(90)
  }
  await tab.page.getByText(`${evil} 1, ${evil}`).waitFor()
  expect(await tab.page.locator('drover-jobs').locator('img').count()).toBe(0)
  await tab.expectAccessible()
})

test('a host can style the frame, and rows by their state', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => {
    ground.master.set(...ground.everyState(Date.now()))
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(`
      drover-jobs::part(frame) { border-color: rgb(1, 2, 3); }
      drover-jobs::part(row-failed) { background-color: rgb(9, 9, 9); }`)
    document.adoptedStyleSheets.push(sheet)
  })
  const row = (word: string) => tab.page.getByRole('row').filter({ hasText: word })
  await row('Rejected').waitFor()
  const colour = (word: string) => row(word).evaluate(one => getComputedStyle(one).backgroundColor)
  expect([await colour('Rejected'), await colour('Running')]).toEqual(['rgb(9, 9, 9)', 'rgba(0, 0, 0, 0)'])
  expect(await tab.page.locator('.frame').evaluate(one => getComputedStyle(one).borderColor)).toBe('rgb(1, 2, 3)')
})

test('in forced colours the chosen row and tab stand out', async () => {
  await using tab = await open({ forcedColors: true, width: 1440 })
  await fill(tab, 2)
  await tab.page.evaluate(() => void Object.assign(ground.jobs, { selected: [...ground.master.jobs.keys()][0] }))
  await tab.page.locator('.job[aria-selected=true]').waitFor()
  const looks = await tab.page.evaluate(() => {
    const root = ground.jobs.shadowRoot!
    const rows = [...root.querySelectorAll('.job')].map(row => getComputedStyle(row).borderInlineStartWidth)
    const tabs = [...root.querySelectorAll('.tab')].map(one => getComputedStyle(one).backgroundColor)
    return { rows, tabs: [tabs[0] === tabs[1], tabs[1] === tabs[2]] }
  })
  expect(looks).toEqual({ rows: ['0px', '6px'], tabs: [false, true] })
  await tab.expectAccessible()
})

test('from right to left ids and numbers keep their order, and what stands under a heading is at its side', async () => {
  await using tab = await open({ width: 1440 })
  await tab.page.evaluate(() => {
    document.documentElement.dir = 'rtl'
    ground.master.set(...ground.everyState(Date.now()))
  })
  const row = tab.page.getByRole('row').filter({ hasText: 'Running' })
  await row.waitFor()
  const sides = await row.evaluate(one => {
    const find = (selector: string) => one.querySelector<HTMLElement>(selector)!
    const box = (of: HTMLElement) => {
      const range = document.createRange()
      range.selectNodeContents(of)
      return range.getBoundingClientRect()
    }
    return ['.task', '.worker', '.detail-cell .line'].map(selector => {
      const text = find(selector)
      return Math.round(text.getBoundingClientRect().right - box(text).right)
    })
  })
  expect(sides).toEqual([0, 0, 0])
  expect(await row.locator('.id').getAttribute('dir')).toBe('ltr')
  expect(await row.locator('.progress .numbers').evaluate(one => getComputedStyle(one).direction)).toBe('ltr')
  await tab.expectAccessible()
})

test('with text at 200 % the search icon stands beside the words, and a state beside the age', async () => {
  await using tab = await open({ width: 390, height: 1800 })
  await tab.page.evaluate(() => {
    document.documentElement.style.fontSize = '200%'
    ground.master.set(ground.job({ unclaimed: true, created_at: Date.now() - 3_000_000 }))
  })
  await tab.page.getByText('Waiting for a worker').waitFor()
  const gaps = await tab.page.evaluate(() => {
    const root = ground.jobs.shadowRoot!
    const box = (selector: string) => root.querySelector(selector)!.getBoundingClientRect()
    const field = root.querySelector('.find .field')!
    const text = field.getBoundingClientRect().left + Number.parseFloat(getComputedStyle(field).paddingInlineStart)
    return [text - box('.find .icon-16').right, box('.age-cell time').left - box('.job .state').right]
  })
  for (const gap of gaps) expect(gap).toBeGreaterThan(0)
  expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
})

test('from right to left, the side keys are the other way round', async () => {
  await using tab = await open()
  await fill(tab, 1)
  await tab.page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'))
  await tab.page.locator('.job').first().focus()
  await tab.page.keyboard.press('ArrowLeft')
  expect(await tab.page.evaluate(() => ground.jobs.shadowRoot?.activeElement?.getAttribute('data-action'))).toBe(
    'cancel',
  )
  await tab.expectAccessible()
})

test('a focused Cancel that is not needed any more gives the focus to its row', async () => {
  await using tab = await open()
  await fill(tab, 2)
  await tab.page.locator('.job').first().focus()
  await tab.page.keyboard.press('ArrowRight')
  await tab.page.evaluate(() => {
    const job = [...ground.master.jobs.values()].at(-1)!
    ground.master.set({ ...job, phase: { at: 'ended', since: 0, outcome: { type: 'result', output: 1 } } })
  })
  await tab.page.waitForFunction(() => ground.jobs.shadowRoot?.activeElement?.getAttribute('role') === 'row')
})

test('the page around may veto dispatching again, and hears of a refusal', async () => {
  await using tab = await open()
  await fill(tab, 1)
  const again = tab.page.getByRole('button', { name: /Dispatch again/ })
  await tab.page.evaluate(() =>
    ground.jobs.addEventListener('drover-dispatch', event => event.preventDefault(), { once: true }),
  )
  await again.click()
  expect(await tab.page.evaluate(() => ground.master.jobs.size)).toBe(1)
  await tab.page.evaluate(() => void Object.assign(ground.master, { refuses: 'this master was disposed' }))
  await again.click()
  await tab.page.getByText('Not dispatched. this master was disposed').waitFor()
  await tab.expectAccessible()
})

test('tabs count by state and filter; the text filter looks into task, id and input', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => ground.master.set(...ground.everyState(Date.now())))
  await tab.page.getByRole('button', { name: 'Failed 4' }).click()
  await tab.page.getByText('Rejected').waitFor()
  expect(await tab.page.locator('.job').count()).toBe(4)
  await tab.page.evaluate(() =>
    ground.master.set(ground.job({ task: 'sums.add', input: { note: 'Quince marmalade' } })),
  )
  await tab.page.getByRole('button', { name: 'All 14' }).click()
  await tab.page.getByRole('searchbox').fill('SUMS quince')
  await tab.page.waitForFunction(() => ground.jobs.shadowRoot?.querySelectorAll('.job').length === 1)
  expect(await tasks(tab)).toEqual(['sums.add'])
  await tab.page.getByRole('searchbox').fill('nothing has this')
  await tab.page.getByText('No job matches').waitFor()
  await tab.expectAccessible()
  await tab.page.getByRole('button', { name: 'Show all jobs' }).click()
  await tab.page.getByRole('button', { name: 'All 14', pressed: true }).waitFor()
})

test('a job whose worker went away says so in its row, and a broadcast that failed everywhere is under Failed', async () => {
  await using tab = await open({ width: 1440 })
  await tab.page.evaluate(() => {
    const part = { worker_id: 'w-1', name: 'plum-1', attempt: 1, seen: {} }
    const progress = { v: 1, type: 'progress' as const, request_id: '', attempt: 1, percent: 5 }
    const error = { name: 'Error', code: 'EIO', message: 'the disk is gone', retryable: true }
    ground.master.set(
      ground.job({ phase: { at: 'running', since: 0 }, progress, workers: [{ ...part, at: 'gone' }] }),
      ground.job({
        mode: 'topic',
        phase: { at: 'ended', since: 0, outcome: { type: 'answered', missing: [] } },
        workers: [{ ...part, at: 'ended', outcome: { type: 'error', error } }],
      }),
    )
  })
  const left = tab.page.getByRole('row').filter({ hasText: 'Worker gone' })
  await left.getByText('plum-1 went away; another worker gets the job').waitFor()
  expect(await left.locator('progress, .spin').count()).toBe(0)
  await tab.page.getByRole('button', { name: 'Done 0' }).waitFor()
  await tab.page.getByRole('button', { name: 'Failed 1' }).click()
  await tab.page.getByRole('row').filter({ hasText: '1 of 1 failed' }).getByText('plum-1: the disk is gone').waitFor()
  expect(await tab.page.locator('.job').count()).toBe(1)
})

test('with the attribute "task" it shows and counts that task only', async () => {
  await using tab = await open()
  await fill(tab, 4)
  await tab.page.evaluate(() => ground.jobs.setAttribute('task', 'task.n2'))
  await tab.page.getByRole('button', { name: 'All 1' }).waitFor()
  expect(await tasks(tab)).toEqual(['task.n2'])
})

test('with no jobs it says what to do: dispatch one, start a worker, connect', async () => {
  await using tab = await open()
  await tab.page.getByText('No jobs yet').waitFor()
  await tab.expectAccessible()
  await tab.page.getByText('npx drover worker tasks.ts').waitFor()
  await tab.expectAccessible()
  await tab.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await tab.page.getByRole('button', { name: 'Copy the command' }).click()
  await tab.page.getByText('Command copied.').waitFor()
  expect(await tab.page.evaluate(() => navigator.clipboard.readText())).toBe('npx drover worker tasks.ts')
  await tab.page.evaluate(() => ground.master.worker(ground.worker()))
  await tab.page.getByText('Jobs of other tabs show in those.').waitFor()
  await tab.page.evaluate(() => void Object.assign(ground.jobs, { master: undefined }))
  await tab.page.getByText('Not connected').waitFor()
  await tab.expectAccessible()
})

test('outcomes are announced politely: merged, and at most one message in two seconds', async () => {
  await using tab = await open()
  await fill(tab, 30)
  const said = await tab.page.evaluate(async () => {
    const region = ground.jobs.shadowRoot!.querySelector('[role=status]')!
    const said: { text: string; at: number }[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    new MutationObserver(() => {
      said.push({ text: region.textContent ?? '', at: performance.now() })
      if (said.length === 2) resolve()
    }).observe(region, { childList: true, characterData: true, subtree: true })
    let at = 0
    for (const job of ground.master.jobs.values()) {
      const outcome = at % 3 === 0 ? { type: 'cancelled' as const } : { type: 'result' as const, output: at }
      ground.master.set({ ...job, phase: { at: 'ended', since: 0, outcome } })
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

test('what workers say stays text', async () => {
  await using tab = await open()
  const evil = '<img src=x onerror=alert(1)><script>alert(2)</script>\u202e'
  await tab.page.evaluate(evil => {
    const part = { worker_id: evil, name: evil, attempt: 1, seen: {} }
    ground.master.set(
      ground.job({
        task: evil,
        phase: { at: 'running', since: 0 },
        workers: [{ ...part, at: 'running' }],
        progress: { v: 1, type: 'progress', request_id: '', attempt: 1, percent: 5, message: evil },
      }),
      ground.job({
        phase: {
          at: 'ended',
          since: 0,
          outcome: { type: 'error', error: { name: evil, code: evil, message: evil, retryable: false } },
        },
      }),
      ground.job({
        phase: { at: 'ended', since: 0, outcome: { type: 'rejected', issues: [{ path: evil, message: evil }] } },
      }),
    )
  }, evil)
  await tab.page.getByText('<img src=x').first().waitFor()
  expect(await tab.page.locator('drover-jobs').locator('img, script, a, iframe').count()).toBe(0)
})

test('taken out of the page and put back, it is live again', async () => {
  await using tab = await open()
  await fill(tab, 1)
  await tab.page.getByText('task.n0').waitFor()
  await tab.page.evaluate(() => {
    const main = document.querySelector('main')!
    ground.jobs.remove()
    ground.master.set(ground.job({ task: 'while.away' }))
    main.append(ground.jobs)
  })
  await tab.page.getByText('while.away').waitFor()
  await tab.page.evaluate(() => ground.master.set(ground.job({ task: 'back.again' })))
  await tab.page.getByText('back.again').waitFor()
})
