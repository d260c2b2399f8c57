import { expect, test } from 'vitest'
import type { Manifest } from './manifest.ts'
import { readTokens } from './tokens.ts'
import { widgetsPage } from './widgets-page.ts'

const manifest = (tagName: string): Manifest => ({
  modules: [
    {
      path: 'browser/job/job.ts',
      declarations: [
        {
          name: 'DroverJob',
          tagName,
          description: 'A job.',
          superclass: { name: 'DroverElement' },
          members: [
            {
              kind: 'field',
              name: 'show',
              type: { text: 'View | undefined' },
              attribute: 'show',
              description: 'The tab.',
            },
          ],
          attributes: [{ name: 'show', fieldName: 'show' }],
          events: [{ name: 'drover-select', description: 'a person chose' }],
        },
        { name: 'DroverElement', members: [{ kind: 'field', name: 'for', description: 'An id.' }] },
      ],
    },
  ],
})

test('a widget has its own members and the inherited ones, with types spelt out', () => {
  const page = widgetsPage(manifest('drover-job'), [], new Map([['View', "'log' | 'input'"]]))
  expect(page).toContain("| `show` | `'log' \\| 'input'` | The tab. |")
  expect(page).toContain('| `for` |  | An id. |')
  expect(page).toContain('[`drover-select`](#drover-select-event) | a person chose')
})

test('a widget without an example is refused', () => {
  expect(() => widgetsPage(manifest('drover-new'), [])).toThrow('<drover-new> has no example')
})

test('a token has a value in light and one in dark', () => {
  const css = `--_text: var(--drover-text, light-dark(#111, rgb(1 2 3 / 4%)));
    --_info: var(--drover-info, var(--_text));
    --_space: var(--drover-space, 4px);
    --_space: var(--drover-space, 8px);`
  expect(readTokens(css)).toEqual([
    { name: '--drover-text', light: '#111', dark: 'rgb(1 2 3 / 4%)' },
    { name: '--drover-info', light: 'as --drover-text', dark: 'as --drover-text' },
    { name: '--drover-space', light: '4px', dark: '4px' },
  ])
})
