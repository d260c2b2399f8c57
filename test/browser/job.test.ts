import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JobGround } from './fixtures/job.ts'
import { type Ground, type OpenOptions, startGround, type Tab } from './harness.ts'

/** In the page. */
declare const ground: JobGround

let here: Ground
beforeAll(async () => {
  here = await startGround()
})
afterAll(() => here[Symbol.asyncDispose]())

async function open(options?: OpenOptions): Promise<Tab> {
  const tab = await here.open('job', options)
  await tab.page.waitForFunction(() => 'ground' in globalThis)
  return tab
}

const show = (tab: Tab, output: unknown) => tab.page.evaluate(output => ground.show(ground.result(output)), output)
const elements = (tab: Tab) => tab.page.evaluate(() => ground.view.shadowRoot!.querySelectorAll('*').length)

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
      const states = ground.everyState(now).map(state => ({
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
      ground.master.set(...states)
      return states.map(({ request_id, mode }) => ({ request_id, mode }))
    })
    for (const { request_id, mode } of states) {
      await tab.page.evaluate(id => void Object.assign(ground.view, { requestId: id, show: undefined }), request_id)
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
  await tab.page.evaluate(() => ground.view.setAttribute('request-id', '<b>no such job</b>'))
  await tab.page.getByText('This job is not known here').waitFor()
  await tab.page.getByText('<b>no such job</b>').waitFor()
  await tab.expectAccessible()
  await tab.page.evaluate(() => void Object.assign(ground.view, { master: undefined }))
  await tab.page.getByText('Not connected').waitFor()
})

test('progress, state and log follow live, and a new state is announced once', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => ground.show(ground.job({ phase: { at: 'running', since: 0 } })))
  const bar = tab.page.getByRole('progressbar')
  await bar.waitFor()
  expect(await bar.getAttribute('value')).toBe(null)
  await tab.page.evaluate(() => {
    const [job] = [...ground.master.jobs.values()]
    const reply = { v: 1, request_id: job!.request_id, attempt: 1 }
    ground.master.set({
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
    const [job] = [...ground.master.jobs.values()]
    ground.master.set({ ...job!, phase: { at: 'ended', since: 0, outcome: { type: 'result', output: 1 } } })
  })
  await tab.page.getByRole('status').filter({ hasText: 'image.thumbnail: Done.' }).waitFor()
  expect(await tab.page.locator('[role=status], [aria-live], [role=log], [role=alert]').count()).toBe(1)
})

test('cancelling what runs is asked for twice, dispatching again shows the new job, the id can be copied', async () => {
  await using tab = await open()
  await tab.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await tab.page.evaluate(() => ground.show(ground.job({ phase: { at: 'running', since: 0 } })))
  await tab.page.getByRole('button', { name: 'Cancel' }).click()
  await tab.page.getByRole('status').filter({ hasText: 'Press once more to cancel image.thumbnail' }).waitFor()
  expect(await tab.page.evaluate(() => ground.master.asked)).toEqual([])
  await tab.expectAccessible()
  await tab.page.getByRole('button', { name: 'Copy the id' }).focus()
  await tab.page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await tab.page.getByRole('button', { name: 'Really cancel' }).click()
  const [id] = await tab.page.evaluate(() => [...ground.master.jobs.keys()])
  expect(await tab.page.evaluate(() => ground.master.asked)).toEqual([`cancel ${id}`])
  await tab.page.evaluate(() => {
    const [job] = [...ground.master.jobs.values()]
    ground.master.set({ ...job!, phase: { at: 'cancelling', since: 0, asked: true } })
  })
  const cancel = tab.page.locator('[part~=cancel][aria-disabled=true]')
  await cancel.click({ force: true })
  expect(await tab.page.evaluate(() => ground.master.asked.length)).toBe(1)
  await tab.page.getByRole('button', { name: 'Copy the id' }).click()
  await tab.page.getByRole('status').filter({ hasText: 'Id copied.' }).waitFor()
  expect(await tab.page.evaluate(() => navigator.clipboard.readText())).toBe(id)
  await tab.page.getByRole('button', { name: 'Dispatch again' }).click()
  const [, again] = await tab.page.evaluate(() => [...ground.master.jobs.keys()])
  expect(await tab.page.evaluate(() => ground.selected)).toEqual([`job ${again}`])
  await tab.page.evaluate(() => void Object.assign(ground.master, { refuses: 'this master was disposed' }))
  await tab.page.getByRole('button', { name: 'Dispatch again' }).click()
  await tab.page.getByText('Not dispatched. this master was disposed').waitFor()
})

test('a job that waits is cancelled at once', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => ground.show(ground.job()))
  await tab.page.getByRole('button', { name: 'Cancel' }).click()
  expect(await tab.page.evaluate(() => ground.master.asked.length)).toBe(1)
})

test('where the page around can, it is asked to edit and dispatch', async () => {
  await using tab = await open({ width: 320 })
  await tab.page.evaluate(() => ground.show(ground.job({ mode: 'topic', phase: { at: 'running', since: 0 } })))
  const edit = tab.page.getByRole('button', { name: 'Edit and dispatch' })
  await tab.page.getByRole('button', { name: 'Dispatch again' }).waitFor()
  expect(await edit.count()).toBe(0)
  await tab.page.evaluate(() => ground.view.setAttribute('can-edit', ''))
  const asked = tab.page.evaluate(
    () =>
      new Promise(resolve =>
        document.addEventListener('drover-edit', ({ task, input, mode }) => resolve({ task, input, mode })),
      ),
  )
  await edit.click()
  expect(await asked).toEqual({
    task: 'image.thumbnail',
    input: { path: 'pictures/dusk.jpg', width: 320 },
    mode: 'topic',
  })
  await tab.expectAccessible()
  expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
})

test('from right to left the id keeps its order', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => {
    document.documentElement.dir = 'rtl'
    ground.show(ground.job({ request_id: '43513062-1111-4222-8333-444444444444' }))
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
  await tab.page.evaluate(() => ground.show(ground.job()))
  await tab.page.getByRole('tab').first().waitFor()
  const lines = await tab.page
    .getByRole('tab')
    .evaluateAll(tabs => tabs.map(one => getComputedStyle(one).borderBlockEndWidth))
  expect(lines).toEqual(['4px', '0px', '0px', '0px'])
})

test('a clipboard that is denied is said to be so', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => {
    ground.show(ground.job())
    Object.defineProperty(navigator, 'clipboard', { value: { writeText: () => Promise.reject(new Error('denied')) } })
  })
  await tab.page.getByRole('button', { name: 'Copy the id' }).click()
  await tab.page.getByRole('status').filter({ hasText: 'Id could not be copied' }).waitFor()
})

test('a broadcast has a row for each worker, and the missing by name', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => {
    const part = { attempt: 1, seen: {} }
    const expected = ['plum', 'fig', 'pear'].map(name => ({ worker_id: `w-${name}`, name, gone: name === 'fig' }))
    ground.show(
      ground.job({
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
  const rows = tab.page.locator('.fleet-row')
  await rows.first().waitFor()
  const text = async () => (await rows.allTextContents()).map(row => row.replace(/\s+/g, ' ').trim())
  expect(await text()).toEqual([
    expect.stringMatching(/^plum ?Done.*took 12 ms.*cores: 8/),
    expect.stringMatching(/^pear ?Running/),
    expect.stringMatching(/^fig ?Went away/),
  ])
  await tab.page.evaluate(() => {
    const [job] = [...ground.master.jobs.values()]
    const outcome = { type: 'answered' as const, missing: ['fig', 'pear'] }
    ground.master.set({ ...job!, phase: { at: 'ended', since: 0, outcome } })
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
    ground.show(ground.job({ phase: { at: 'running', since: 0 }, workers: [{ ...part, at: 'gone' }] }))
  })
  await tab.page.getByText('plum-1 went away. Another worker gets the job').waitFor()
  expect(await tab.page.locator('header .state').textContent()).toBe('Worker gone')
  expect(await tab.page.locator('progress, .spin').count()).toBe(0)
  await tab.expectAccessible()
  await tab.page.evaluate(() => {
    const [job] = [...ground.master.jobs.values()]
    const [part] = job!.workers
    const workers = [
      { ...part!, at: 'lost' as const },
      { ...part!, worker_id: 'w-2', name: 'fig-1', at: 'running' as const },
    ]
    ground.master.set({ ...job!, workers })
  })
  await tab.page.getByText('A worker has it.').waitFor()
  expect(await tab.page.getByText('went away').count()).toBe(0)
  await tab.page.evaluate(() => {
    const [job] = [...ground.master.jobs.values()]
    const [part] = job!.workers
    const progress = { v: 1, type: 'progress' as const, request_id: '', attempt: 1, percent: 5 }
    ground.master.set({ ...job!, mode: 'topic', workers: [{ ...part!, at: 'gone', progress }] })
  })
  await tab.page.getByRole('listitem').filter({ hasText: 'plum-1' }).getByText('Went away', { exact: true }).waitFor()
  expect(await tab.page.locator('.fleet-row progress').count()).toBe(0)
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
    ground.view.show = 'outcome'
    ground.show(ground.ended({ type: 'answered', missing: [] }, { mode: 'topic', workers }))
  })
  await tab.page.getByText('2 failed of 2 workers.').waitFor()
  expect(await tab.page.locator('.note').getAttribute('data-tone')).toBe('danger')
  expect(await tab.page.locator('header .state').textContent()).toBe('2 of 2 failed')
  await tab.expectAccessible()
  await tab.page.evaluate(() => {
    const expected = [{ worker_id: 'w-1', name: 'plum', gone: false }]
    ground.view.show = 'workers'
    ground.show(ground.ended({ type: 'cancelled' }, { mode: 'topic', expected }))
  })
  await tab.page.getByRole('listitem').filter({ hasText: 'plum' }).getByText('Cancelled').waitFor()
})

test('tabs go by arrows, and a tree by arrows too', async () => {
  await using tab = await open()
  await show(tab, { a: { b: { c: 1 } }, d: [1] })
  await tab.page.getByRole('tab', { name: 'Outcome' }).focus()
  await tab.page.keyboard.press('ArrowRight')
  await tab.page.getByRole('tab', { name: 'Input', selected: true }).waitFor()
  await tab.page.keyboard.press('ArrowLeft')
  const focused = () =>
    tab.page.evaluate(() => ground.view.shadowRoot?.activeElement?.textContent?.replace(/\s+/g, ' ').trim())
  await tab.page.locator('summary').first().focus()
  await tab.page.keyboard.press('ArrowDown')
  expect(await focused()).toBe('a: {b: {…}}')
  await tab.page.keyboard.press('ArrowRight')
  await tab.page.locator('summary').nth(3).waitFor()
  await tab.page.keyboard.press('ArrowRight')
  expect(await focused()).toBe('b: {c: 1}')
  await tab.page.keyboard.press('ArrowLeft')
  await tab.page.keyboard.press('ArrowLeft')
  await tab.page.waitForFunction(() => ground.view.shadowRoot!.querySelectorAll('summary').length === 3)
  await tab.page.getByRole('tab', { name: 'Outcome' }).focus()
  await tab.page.keyboard.press('Tab')
  await tab.page.keyboard.press('Enter')
  await tab.page
    .getByRole('status')
    .filter({ hasText: /Result/ })
    .waitFor()
})

test('a huge result costs only what is looked at', async () => {
  await using tab = await open()
  await tab.page.evaluate(() =>
    ground.show(
      ground.result({ list: Array.from({ length: 200_000 }, (_, i) => ({ i })), text: 'x'.repeat(5_000_000) }),
    ),
  )
  await tab.page.getByText('Show all 5,000,000 characters').waitFor()
  expect(await elements(tab)).toBeLessThan(150)
  await tab.page.locator('summary').nth(1).click()
  await tab.page.getByRole('button', { name: 'Show 500 more of 200,000' }).waitFor()
  expect(await elements(tab)).toBeLessThan(900)
  await tab.page.evaluate(() => ground.show(ground.result(Array.from({ length: 100_000 }, (_, i) => ({ i })))))
  await tab.page.getByRole('button', { name: 'Show 400 more of 100,000 rows' }).waitFor()
  expect(await elements(tab)).toBeLessThan(900)
})

test('a deeply nested result opens level by level, and says that it cannot be copied', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => {
    let deep: unknown = 'the bottom'
    for (let n = 0; n < 100_000; n++) deep = { constructor: deep }
    ground.show(ground.result(deep))
  })
  for (let n = 1; n < 5; n++) await tab.page.locator('summary').nth(n).click()
  await tab.page.getByRole('button', { name: 'Copy result' }).click()
  await tab.page.getByRole('status').filter({ hasText: 'nested too deep' }).waitFor()
})

test('pictures show only as raster data; one that cannot be read is said to be so', async () => {
  await using tab = await open()
  await show(tab, { bytes: 3, data_url: pixel })
  await tab.page.getByRole('img', { name: 'The picture in data_url' }).waitFor()
  await tab.page.waitForFunction(() => ground.view.shadowRoot!.querySelector('img')!.naturalWidth === 1)
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

test('what workers say stays text, wherever it stands', async () => {
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
    ground.show(
      ground.ended({ type: 'error', error }, { task: evil, input: keys, replies, workers: [{ ...part, at: 'ended' }] }),
    )
    ground.show(ground.ended({ type: 'rejected', issues: [{ path: evil, message: evil }] }, { replies }))
    ground.show(
      ground.ended(
        { type: 'answered', missing: [evil] },
        {
          mode: 'topic',
          replies,
          workers: [{ ...part, at: 'ended', outcome: { type: 'result', output: [{ [evil]: evil }] } }],
        },
      ),
    )
    ground.show(ground.result([{ [evil]: evil, __proto__: null }], { replies }))
  }, evil)
  const ids = await tab.page.evaluate(() => [...ground.master.jobs.keys()])
  for (const id of ids) {
    await tab.page.evaluate(id => void Object.assign(ground.view, { requestId: id }), id)
    for (const view of await tab.page.getByRole('tab').all()) {
      await view.click()
      expect(await tab.page.locator('drover-job').locator('img, script, a, iframe, object').count()).toBe(0)
    }
  }
  await tab.expectAccessible()
})

test('the log stays at its end while it grows, and still for who has scrolled up', async () => {
  await using tab = await open()
  const grow = (n: number) =>
    tab.page.evaluate(n => {
      const [job] = [...ground.master.jobs.values()]
      const line = { v: 1, request_id: '', attempt: 1, type: 'log' as const, level: 'info' as const }
      ground.master.set({ ...job!, replies: Array.from({ length: n }, (_, i) => ({ ...line, message: `line ${i}.` })) })
    }, n)
  await tab.page.evaluate(() => {
    ground.show(ground.job({ phase: { at: 'running', since: 0 } }))
    ground.view.show = 'log'
  })
  await grow(100)
  await tab.page.getByText('line 99.').waitFor()
  const place = () =>
    tab.page.evaluate(() => {
      const log = ground.view.shadowRoot!.querySelector('.log')!
      return { top: log.scrollTop, left: log.scrollHeight - log.scrollTop - log.clientHeight }
    })
  expect((await place()).left).toBeLessThan(8)
  await grow(150)
  await tab.page.getByText('line 149.').waitFor()
  expect((await place()).left).toBeLessThan(8)
  await tab.page.evaluate(() => ground.view.shadowRoot!.querySelector('.log')!.scrollTo(0, 40))
  await grow(200)
  await tab.page.getByText('line 199.').waitFor()
  expect((await place()).top).toBe(40)
})

test('pieces of a result are one table, of a broadcast with their workers', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => {
    const reply = { v: 1, request_id: '', attempt: 1, worker_id: 'w-1', at: 0, type: 'partial' as const }
    const [state] = ground.everyState(0).filter(({ mode }) => mode === 'topic')
    const workers = [{ worker_id: 'w-1', name: 'plum-1', attempt: 1, seen: {}, at: 'running' as const }]
    const replies = [4, 9].map(line => ({ ...reply, data: { file: 'web.log', line } }))
    const expected = [{ worker_id: 'w-1', name: 'plum-1', gone: false }]
    ground.show({ ...state!, workers, replies, expected, dropped: 5, dropped_partials: 1 })
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
