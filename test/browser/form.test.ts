import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FormGround } from './fixtures/form.ts'
import { type Ground, type OpenOptions, startGround, type Tab } from './harness.ts'

declare const ground: FormGround

let browser: Ground
beforeAll(async () => {
  browser = await startGround()
})
afterAll(() => browser[Symbol.asyncDispose]())

type SchemaName = keyof FormGround['schemas']

async function show(schema: SchemaName | undefined, options: OpenOptions = {}): Promise<Tab> {
  const tab = await browser.open('form', { reducedMotion: true, ...options })
  await tab.page.waitForFunction(() => 'ground' in globalThis)
  if (schema !== undefined) {
    await tab.page.evaluate(name => ground.show(ground.schemas[name as SchemaName]), schema)
    await tab.page.getByRole('radio', { name: 'One worker' }).waitFor()
  }
  return tab
}

const submit = (tab: Tab): Promise<void> => tab.page.getByRole('button', { name: 'Dispatch' }).click()
const dispatched = (tab: Tab) => tab.page.evaluate(() => ground.dispatched)
const value = (tab: Tab) => tab.page.evaluate(() => ground.form.value)

for (const width of [320, 768, 1440]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`every kind of field is accessible and fits, ${width} px, ${colorScheme}`, async () => {
      await using tab = await show('everything', { width, colorScheme, height: 900 })
      const { page } = tab
      await page.getByRole('button', { name: 'Add to Tags' }).click()
      await page.getByRole('button', { name: 'Add to Steps' }).click()
      await page.getByText('Optional fields').click()
      await tab.expectAccessible()
      await page.screenshot({ path: `.test-results/form-${width}-${colorScheme}.png`, fullPage: true })
      await submit(tab)
      await page.getByText('Fill', { exact: false }).first().waitFor()
      await tab.expectAccessible()
      await page.screenshot({ path: `.test-results/form-${width}-${colorScheme}-issues.png`, fullPage: true })
      await page.getByRole('button', { name: 'JSON', exact: true }).click()
      await page.getByRole('textbox', { name: /as JSON/ }).waitFor()
      await tab.expectAccessible()
      await page.screenshot({ path: `.test-results/form-${width}-${colorScheme}-json.png`, fullPage: true })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    })
  }
}

test('a task is filled in and dispatched by keyboard alone', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => ground.form.focus())
  await page.keyboard.type('cat.png')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Control+a')
  await page.keyboard.type('640')
  await page.keyboard.press('Enter')
  await page.getByText('Dispatched to one worker.').waitFor()
  expect(await dispatched(tab)).toEqual([
    { task: 'image.thumbnail', input: { path: 'cat.png', width: 640, format: 'webp' }, mode: 'queue', options: {} },
  ])
  expect(await page.evaluate(() => ground.events)).toEqual(['drover-dispatch', 'drover-dispatched'])
  await page.getByRole('button', { name: /^Job [0-9a-f]{8}$/ }).click()
  expect(await page.evaluate(() => ground.events.at(-1))).toBe('drover-select')
  await tab.expectAccessible()
})

test('Control and Enter dispatches from a text of several lines', async () => {
  await using tab = await show('everything')
  const { page } = tab
  await page.evaluate(() => {
    ground.show({ type: 'object', properties: { note: { type: 'string', contentMediaType: 'text/plain' } } })
  })
  await page.getByRole('textbox', { name: 'Note' }).fill('one')
  await page.keyboard.press('Enter')
  await page.keyboard.type('two')
  await page.keyboard.press('Control+Enter')
  await page.getByText('Dispatched to one worker.').waitFor()
  expect((await dispatched(tab))[0]?.input).toEqual({ note: 'one\ntwo' })
})

test('to all workers, with how many would answer, and with a timeout', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => {
    ground.form.timeoutMs = 5000
    ground.form.value = { path: 'a' }
  })
  await page.getByText('3 workers').waitFor()
  await page.evaluate(() => ground.announce('image.thumbnail', ground.schemas.thumbnail, 1))
  await page.getByText('1 worker', { exact: true }).waitFor()
  await page.getByRole('radio', { name: 'All workers' }).check()
  await submit(tab)
  await page.getByText('Dispatched to all workers.').waitFor()
  expect(await dispatched(tab)).toEqual([
    { task: 'image.thumbnail', input: { path: 'a' }, mode: 'topic', options: { timeoutMs: 5000 } },
  ])
})

test('a host can keep it from being dispatched', async () => {
  await using tab = await show('thumbnail')
  await tab.page.evaluate(() => {
    ground.vetoes = true
    ground.form.value = { path: 'a' }
  })
  await submit(tab)
  expect(await tab.page.evaluate(() => ground.events)).toEqual(['drover-dispatch'])
  expect(await dispatched(tab)).toEqual([])
})

test('what the master refuses at once is told', async () => {
  await using tab = await show('thumbnail')
  await tab.page.evaluate(() => {
    ground.refuses = 'Cannot dispatch: this master was disposed of'
    ground.form.value = { path: 'a' }
  })
  await submit(tab)
  await tab.page.getByText('this master was disposed of').waitFor()
  await tab.expectAccessible()
})

test('native checks and ours are shown at their fields, the first is focused, and an edit takes one away', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.getByRole('spinbutton', { name: 'Width' }).fill('7')
  await submit(tab)
  const path = page.getByRole('textbox', { name: 'Path' })
  await expect.poll(() => path.evaluate(one => one.matches(':focus'))).toBe(true)
  expect(await path.getAttribute('aria-invalid')).toBe('true')
  expect(await page.locator('drover-form [part~="error"]').allInnerTexts()).toEqual([
    'Please fill out this field.',
    'Value must be greater than or equal to 16.',
  ])
  expect(await dispatched(tab)).toEqual([])
  await path.fill('x')
  expect(await path.getAttribute('aria-invalid')).toBe('false')
  expect(await page.locator('drover-form [part~="error"]').count()).toBe(1)
})

test('one field is checked when it is left, the others are not', async () => {
  await using tab = await show('everything')
  const { page } = tab
  await page.getByText('Optional fields').click()
  await page.getByRole('textbox', { name: 'Code' }).fill('nope')
  await page.keyboard.press('Tab')
  await page.getByText('Expected the form ^[A-Z]{2}-\\d{3}$').waitFor()
  expect(await page.locator('drover-form [part~="error"]').count()).toBe(1)
  // Which could take years.
  await page.getByRole('textbox', { name: 'Risky' }).fill(`${'a'.repeat(60)}!`)
  await page.keyboard.press('Tab')
  expect(await page.locator('drover-form [part~="error"]').count()).toBe(1)
})

test('half a number is not taken away while it is typed, nor sent', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  const width = page.getByRole('spinbutton', { name: 'Width' })
  await page.getByRole('textbox', { name: 'Path' }).fill('a')
  await width.fill('')
  await width.pressSequentially('1e')
  await submit(tab)
  await expect.poll(() => width.evaluate(one => one.matches(':focus'))).toBe(true)
  expect(await dispatched(tab)).toEqual([])
  await page.keyboard.press('End')
  await page.keyboard.type('2')
  expect(await value(tab)).toMatchObject({ width: 100 })
})

test("a worker's rejection is shown at its fields, and the first is focused", async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => {
    ground.form.value = { path: 'a', width: 20 }
  })
  await submit(tab)
  await page.getByText('Dispatched to one worker.').waitFor()
  await page.evaluate(() =>
    ground.end({
      type: 'rejected',
      issues: [
        { path: 'width', message: 'wider than the picture' },
        { path: 'elsewhere.deep', message: 'is missing' },
      ],
    }),
  )
  await page.getByText('A worker rejected the input').waitFor()
  await page.getByText('wider than the picture').waitFor()
  await page.getByText('elsewhere.deep: is missing').waitFor()
  const width = page.getByRole('spinbutton', { name: 'Width' })
  await expect.poll(() => width.evaluate(one => one.matches(':focus'))).toBe(true)
  await tab.expectAccessible()
  await width.fill('30')
  expect(await page.getByText('wider than the picture').count()).toBe(0)
  await submit(tab)
  await page.getByText('Dispatched to one worker.').waitFor()
  expect(await page.getByText('is missing').count()).toBe(0)
})

test('a rejection does not call back whoever has gone on to something else', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => {
    ground.form.value = { path: 'a' }
    const other = document.createElement('input')
    other.setAttribute('aria-label', 'Elsewhere')
    document.querySelector('main')?.append(other)
  })
  await submit(tab)
  await page.getByLabel('Elsewhere').focus()
  await page.evaluate(() => ground.end({ type: 'rejected', issues: [{ path: 'path', message: 'not there' }] }))
  await page.getByText('not there').waitFor()
  expect(await page.getByLabel('Elsewhere').evaluate(one => one === document.activeElement)).toBe(true)
})

test('workers that reject a broadcast are named', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => {
    ground.form.mode = 'topic'
    ground.form.value = { path: 'a' }
  })
  await submit(tab)
  const issues = [{ path: 'path', message: 'not there' }]
  await page.evaluate(
    found =>
      ground.end({ type: 'answered', missing: [] }, [
        { worker_id: 'w1', name: 'ada', outcome: { type: 'rejected', issues: found } },
      ]),
    issues,
  )
  await page.getByText('not there (ada)').waitFor()
})

test('the JSON view has the same value both ways, and says where it is wrong', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.getByRole('textbox', { name: 'Path' }).fill('cat.png')
  await page.getByRole('button', { name: 'JSON', exact: true }).click()
  const json = page.getByRole('textbox', { name: /as JSON/ })
  expect(JSON.parse(await json.inputValue())).toEqual({ path: 'cat.png', width: 320, format: 'webp' })
  await json.fill('{\n  "path": "cat.png",\n  "width": nope\n}')
  await page.getByRole('button', { name: 'Line 3' }).waitFor()
  await tab.expectAccessible()
  await page.getByRole('button', { name: 'Fields' }).click()
  await expect.poll(() => json.evaluate(one => one.matches(':focus'))).toBe(true)
  expect(await json.evaluate((one: HTMLTextAreaElement) => one.value.slice(one.selectionStart, one.selectionEnd))).toBe(
    'n',
  )
  await json.fill('{\n  "path": "cat.png",\n  "width": 7\n}')
  await submit(tab)
  await page.getByText('width: Expected 16 at least.').waitFor()
  expect(await json.evaluate((one: HTMLTextAreaElement) => one.value.slice(one.selectionStart, one.selectionEnd))).toBe(
    '7',
  )
  await json.fill('{"path": "dog.png", "width": "wide", "extra": [1]}')
  await page.getByRole('button', { name: 'Fields' }).click()
  await page.getByText('Also in the JSON view: extra.').waitFor()
  // It does not fit its field, and is not lost.
  expect(await page.getByRole('textbox', { name: 'Width' }).inputValue()).toBe('"wide"')
  expect(await value(tab)).toEqual({ path: 'dog.png', width: 'wide', extra: [1] })
  await page.getByRole('textbox', { name: 'Width' }).fill('64')
  await page.keyboard.press('Tab')
  await page.getByRole('spinbutton', { name: 'Width' }).waitFor()
  expect(await value(tab)).toEqual({ path: 'dog.png', width: 64, extra: [1] })
})

test('a list is added to, put in order and taken from by keyboard', async () => {
  await using tab = await show('everything')
  const { page } = tab
  await page.getByRole('textbox', { name: 'Tags 1' }).fill('a')
  const add = page.getByRole('button', { name: 'Add to Tags' })
  for (const text of ['b', 'c', 'd']) {
    await add.focus()
    await page.keyboard.press('Enter')
    await page.keyboard.type(text)
  }
  const tags = async () => ((await value(tab)) as { tags: string[] }).tags
  expect([await tags(), await add.isDisabled()]).toEqual([['a', 'b', 'c', 'd'], true])
  await page.getByRole('button', { name: 'Move Tags 1 down' }).focus()
  // What is said is rationed: the next move waits until this one has been told.
  for (const place of [1, 2, 3]) {
    await page.keyboard.press('Enter')
    await page.getByText(`Tags ${place} moved to place ${place + 1} of 4.`, { exact: true }).waitFor()
  }
  expect(await tags()).toEqual(['b', 'c', 'd', 'a'])
  await page.keyboard.press('Alt+ArrowUp')
  expect(await tags()).toEqual(['b', 'c', 'a', 'd'])
  await page.getByRole('button', { name: 'Remove Tags 2' }).focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  expect(await tags()).toEqual(['b', 'd'])
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  expect(await tags()).toEqual([])
  await expect.poll(() => add.evaluate(one => one.matches(':focus'))).toBe(true)
})

test('what is optional is added and removed, what is null gets a value, and one of several shapes is chosen', async () => {
  await using tab = await show('everything')
  const { page } = tab
  await page.getByText('Optional fields').click()
  await page.getByRole('button', { name: 'Crop' }).click()
  await page.keyboard.type('3')
  expect(await value(tab)).toMatchObject({ crop: { x: 3 } })
  await page.getByRole('button', { name: 'Remove Crop' }).click()
  expect(await value(tab)).not.toHaveProperty('crop')
  expect(await value(tab)).toMatchObject({ limit: null, kind: 'report', target: { kind: 'folder' } })
  await page.getByRole('checkbox', { name: 'Limit: no value' }).uncheck()
  await page.keyboard.type('9')
  await page.getByRole('combobox', { name: 'Target: kind' }).selectOption('mail')
  await page.getByRole('textbox', { name: 'To' }).fill('ada@example.org')
  await page.getByRole('button', { name: 'Size' }).click()
  await page.getByRole('combobox', { name: 'Size: kind' }).selectOption('Whole number')
  await page.getByRole('spinbutton', { name: /Size/ }).fill('4')
  expect(await value(tab)).toMatchObject({ limit: 9, target: { kind: 'mail', to: 'ada@example.org' }, size: 4 })
  await tab.expectAccessible()
})

test('dates and times go in as a person has them and come out in UTC', async () => {
  await using tab = await show('everything')
  const { page } = tab
  await page.getByText('Optional fields').click()
  await page.getByLabel('Day').fill('2027-03-31')
  await page.getByLabel('At', { exact: true }).fill('09:30')
  await page.getByLabel('Begins at').fill('2027-03-31T09:30:00')
  const moment = await page.evaluate(() => new Date('2027-03-31T09:30:00').toISOString().replace('.000', ''))
  expect(await value(tab)).toMatchObject({ day: '2027-03-31', at: '09:30:00Z', begins_at: moment })
})

const isDisabled = (tab: Tab) => tab.page.getByRole('button', { name: 'Dispatch' }).getAttribute('aria-disabled')

test('without a worker a queue waits, and a broadcast is not dispatched', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => {
    ground.form.value = { path: 'a' }
    ground.announce('image.thumbnail', ground.schemas.thumbnail, 0)
  })
  await page.getByText('the job waits until one is started').waitFor()
  expect(await isDisabled(tab)).toBe('false')
  await tab.expectAccessible()
  await page.getByRole('radio', { name: 'All workers' }).check()
  await page.getByText('nobody would answer: start one first').waitFor()
  expect(await isDisabled(tab)).toBe('true')
  await page.getByRole('button', { name: 'Dispatch' }).click({ force: true })
  await expect.poll(() => page.evaluate(() => ground.form.shadowRoot?.activeElement?.id)).toBe('note')
  expect(await dispatched(tab)).toEqual([])
  await tab.expectAccessible()
})

test('what the grants do not allow is not offered', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => ground.open({ dispatch: ['image.*'] }))
  await page.getByText('may give this task to one worker only').waitFor()
  expect(await page.getByRole('radio', { name: 'One worker' }).isChecked()).toBe(true)
  expect(await page.getByRole('radio', { name: 'All workers' }).isDisabled()).toBe(true)
  await tab.expectAccessible()
  await page.evaluate(() => ground.open({ broadcast: ['image.*'] }))
  await page.getByText('may give this task to all workers only').waitFor()
  expect(await page.getByRole('radio', { name: 'All workers' }).isChecked()).toBe(true)
  await page.evaluate(() => ground.open({ dispatch: ['other'] }))
  await page.getByText('This sign-in may not dispatch "image.thumbnail"').waitFor()
  expect(await isDisabled(tab)).toBe('true')
  await tab.expectAccessible()
})

test('away, a job is kept; without a connection nothing is dispatched', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => {
    ground.form.value = { path: 'a' }
    ground.away()
  })
  await page.getByText('the job will be sent when it is back').waitFor()
  await submit(tab)
  await page.getByText('on its way once there is a connection').waitFor()
  await tab.expectAccessible()
  await page.evaluate(() => ground.connect({ at: 'closed', reason: new Error('no') }))
  await page.getByText('The connection is closed').waitFor()
  expect(await isDisabled(tab)).toBe('true')
  await page.evaluate(() => {
    ground.form.master = undefined
  })
  await page.getByText('This form has no connection').waitFor()
  await tab.expectAccessible()
})

test('without a task it offers those that are announced and granted, and keeps what was entered for each', async () => {
  await using tab = await show(undefined)
  const { page } = tab
  await page.getByText('No task is announced yet').waitFor()
  await tab.expectAccessible()
  await page.evaluate(() => {
    ground.open({ dispatch: ['image.*', 'log.search', 'host.facts'] })
    ground.announce('image.thumbnail', ground.schemas.thumbnail)
    ground.announce('image.crop', ground.schemas.empty)
    ground.announce('log.search', ground.schemas.empty, 1)
    ground.announce('secret.task', ground.schemas.empty)
  })
  const choice = page.getByRole('combobox', { name: 'Task' })
  await expect
    .poll(() => choice.locator('option').allInnerTexts())
    .toEqual(['Choose…', 'image.crop (3 workers)', 'image.thumbnail (3 workers)', 'log.search (1 worker)'])
  expect(await choice.locator('optgroup').count()).toBe(2)
  await page.getByText('Choose a task to dispatch.').waitFor()
  await choice.selectOption('image.thumbnail')
  await page.getByRole('textbox', { name: 'Path' }).fill('cat.png')
  await choice.selectOption('log.search')
  await page.getByText('This task takes no input.').waitFor()
  await tab.expectAccessible()
  await choice.selectOption('image.thumbnail')
  expect(await page.getByRole('textbox', { name: 'Path' }).inputValue()).toBe('cat.png')
})

test('while workers are looked for it says so; without a schema it takes JSON', async () => {
  await using tab = await show(undefined)
  const { page } = tab
  await page.evaluate(() => {
    ground.announce('image.thumbnail', undefined, 0, false)
    ground.form.task = 'image.thumbnail'
  })
  await page.getByText('Looking for workers that say what this task takes').waitFor()
  await tab.expectAccessible()
  await page.evaluate(() => ground.announce('image.thumbnail', undefined, 1))
  await page.getByText('No input schema is announced for this task').waitFor()
  await page.getByRole('textbox', { name: /as JSON/ }).fill('{"any": 1}')
  await tab.expectAccessible()
  await submit(tab)
  await page.getByText('Dispatched to one worker.').waitFor()
  expect((await dispatched(tab))[0]?.input).toEqual({ any: 1 })
  await page.evaluate(() => ground.announce('image.thumbnail', ground.schemas.thumbnail))
  await page.getByRole('button', { name: 'Fields' }).click()
  await page.getByText('Also in the JSON view: any.').waitFor()
})

test('a schema that is given wins over the announced one, and one that is too deep is written as JSON', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => {
    ground.form.schema = { type: 'object', properties: { mine: { type: 'string' } } }
  })
  await page.getByRole('textbox', { name: 'Mine' }).waitFor()
  await page.evaluate(() => {
    ground.form.schema = ground.schemas.deep
  })
  await page.getByText('nested more than 10 levels deep').waitFor()
  await page.getByRole('textbox', { name: /as JSON/ }).waitFor()
  await tab.expectAccessible()
})

test('a hostile schema becomes neither markup nor an address, and cannot hang the page', async () => {
  await using tab = await show('hostile', { width: 320 })
  const { page } = tab
  await submit(tab)
  const found = await page.evaluate(() => {
    const elements = [...ground.form.shadowRoot!.querySelectorAll('*')]
    return {
      hacked: 'hacked' in globalThis,
      markup: elements.filter(({ localName }) => /^(img|script|a|iframe|object|embed|base|link)$/.test(localName))
        .length,
      attributes: elements
        .flatMap(one => one.getAttributeNames())
        .filter(name => /^on|^(href|src|style|action|formaction)$/.test(name)),
      width: document.documentElement.scrollWidth,
    }
  })
  expect(found).toEqual({ hacked: false, markup: 0, attributes: [], width: 320 })
  await tab.expectAccessible()
  await page.screenshot({ path: '.test-results/form-hostile.png', fullPage: true })
})

test('taken out of the page and put in again, it has what was entered', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.getByRole('textbox', { name: 'Path' }).fill('cat.png')
  await page.evaluate(() => {
    const { form } = ground
    form.remove()
    document.querySelector('main')?.append(form)
  })
  expect(await page.getByRole('textbox', { name: 'Path' }).inputValue()).toBe('cat.png')
  await page.getByRole('button', { name: 'Start over' }).click()
  expect(await page.getByRole('textbox', { name: 'Path' }).inputValue()).toBe('')
  expect(await value(tab)).toEqual({ width: 320, format: 'webp' })
})
