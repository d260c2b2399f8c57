/** Numbers that a host writes in attributes: one that is empty or taken away is as one that was never there. */
import { expect, test } from 'vitest'
import { setUpHarness } from './fixture-tabs.ts'
import type { FormFixture } from './fixtures/form.ts'

declare const fixture: FormFixture

const harness = setUpHarness()

/** Nobody is there, which Chromium says. */
const away = { allow: /WebSocket|ERR_/ }

test('limits of kept jobs', async () => {
  await using tab = await harness.open('master', away)
  const made = await tab.page.evaluate(async () => {
    await customElements.whenDefined('drover-master')
    const master = document.querySelector('drover-master')!
    const names = ['keep-ended', 'keep-replies', 'keep-partials']
    const found: string[] = []
    const begin = async (how: string): Promise<void> => {
      master.remove()
      master.url = `ws://127.0.0.1:9/${found.length}`
      document.body.append(master)
      await master.updateComplete
      for (let waits = 0; waits < 400 && master.current === undefined; waits++) {
        await new Promise(resolve => setTimeout(resolve, 10))
        const line = master.shadowRoot!.querySelector('[role="status"]')?.textContent
        if (master.current === undefined && line) return void found.push(`${how}: ${line}`)
      }
      found.push(`${how}: ${master.current === undefined ? 'no master' : 'a master'}`)
    }
    for (const [how, set] of [
      ['empty', (name: string) => master.setAttribute(name, '')],
      ['taken away', (name: string) => master.removeAttribute(name)],
      ['null', (_: string, key: 'keepEnded') => Object.assign(master, { [key]: null, namespace: null })],
      ['no number', (name: string) => master.setAttribute(name, 'many')],
    ] as const) {
      for (const name of names) {
        master.setAttribute(name, '7')
        set(name, name.replace(/-(.)/, (_, letter: string) => letter.toUpperCase()) as 'keepEnded')
      }
      await begin(how)
    }
    return found
  })
  expect(made).toEqual([
    'empty: a master',
    'taken away: a master',
    'null: a master',
    'no number: keepEnded is NaN; expected a whole number from 0',
  ])
})

test('a timeout', async () => {
  await using tab = await harness.open('form')
  await tab.page.waitForFunction(() => 'fixture' in globalThis)
  const options = await tab.page.evaluate(async () => {
    fixture.open()
    fixture.show({ type: 'object', properties: {} })
    for (const change of [
      () => fixture.form.setAttribute('timeout-ms', '7000'),
      () => fixture.form.removeAttribute('timeout-ms'),
      () => fixture.form.setAttribute('timeout-ms', ''),
      () => Object.assign(fixture.form, { timeoutMs: null }),
    ]) {
      change()
      fixture.form.value = { n: fixture.dispatched.length }
      for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
      fixture.form.shadowRoot!.querySelector('form')!.requestSubmit()
    }
    return fixture.dispatched.map(one => one.options)
  })
  expect(options).toEqual([{ timeoutMs: 7000 }, {}, {}, {}])
})
