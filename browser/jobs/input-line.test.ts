import { expect, test } from 'vitest'
import { inputLine } from './input-line.ts'

test('strings stand for themselves, other scalars with their names', () => {
  expect(inputLine({ path: 'pictures/dusk.jpg', width: 320, grey: true })).toBe(
    'pictures/dusk.jpg, width 320, grey true',
  )
  expect(inputLine({ path: 'dusk.jpg', fail: false, retry: { on: false } })).toBe('dusk.jpg')
  expect(inputLine([true, false])).toBe('true, false')
  expect([inputLine('dusk'), inputLine(7), inputLine(false)]).toEqual(['dusk', '7', 'false'])
  expect(inputLine({ query: { words: ['quince', 'fig'], sizes: [1, 2] } })).toBe('quince, fig, 1, 2')
})

test('where there is nothing to tell, nothing is said', () => {
  expect([{}, [], null, undefined, { a: null, b: '', c: {} }].map(inputLine)).toEqual(['', '', '', '', ''])
})

test('a long, wide or deep input is cut', () => {
  expect(inputLine({ text: 'x'.repeat(10_000) })).toBe(`${'x'.repeat(60)}…`)
  expect(inputLine(Array.from({ length: 200_000 }, (_, n) => n))).toBe('0, 1, 2, 3')
  expect(inputLine({ [`k${'x'.repeat(1000)}`]: 1 })).toHaveLength(62)
  expect(inputLine([...Array.from({ length: 40 }, () => null), 'late'])).toBe('')
  let deep: unknown = 'dusk'
  for (let n = 0; n < 100_000; n++) deep = { deep }
  expect(inputLine(deep)).toBe('')
})
