import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseExactJson } from '../../../shared/contract/json-exact.ts'
import { readJsonText } from './json-text.ts'

test('JSON is read as parseExactJson() reads it, and refused where that refuses it', () => {
  const almost = fc
    .json()
    .chain(text =>
      fc
        .tuple(fc.nat(text.length), fc.constantFrom('', ',', '}', '"', "'", '0', '\n', 'x'))
        .map(([at, sign]) => text.slice(0, at) + sign + text.slice(at + 1)),
    )
  fc.assert(
    fc.property(fc.oneof(fc.json(), almost, fc.string()), text => {
      const read = readJsonText(text)
      let expected: unknown
      try {
        expected = parseExactJson(text)
      } catch {
        return void expect(read).toHaveProperty('mistake')
      }
      expect(read).toMatchObject({ value: expected })
    }),
    { numRuns: 1000 },
  )
})

test('each value has its place', () => {
  const text = '{ "a": [1, {"b": "x"}],\n  "__proto__": null }'
  const read = readJsonText(text)
  if (!('places' in read)) throw new Error(read.mistake.message)
  const at = (path: string) => text.slice(read.places.get(path)!.from, read.places.get(path)!.to)
  expect([at('a.0'), at('a.1.b'), at('a.1'), at('__proto__'), at('')]).toEqual(['1', '"x"', '{"b": "x"}', 'null', text])
})

test.each([
  ['{\n  "a": 1\n  "b": 2\n}', 3, /expected a , or the closing }/],
  ["{ 'a': 1 }", 1, /name in "double quotes"/],
  ["['a']", 1, /double quotes/],
  ['[1,\n]', 2, /another value/],
  ['', 1, /missing at the end/],
  ['{"a" 1}', 1, /expected a :/],
  ['1 2', 1, /follows after the end/],
  ['"a\nb"', 1, /must be written as an escape/],
  ['nope', 1, /expected a value/],
  ['['.repeat(1000), 1, /levels deep/],
])('the mistake in %j is in line %i', (text, line, message) => {
  expect(readJsonText(text)).toMatchObject({ mistake: { line, message: expect.stringMatching(message) } })
})

test.each([
  [readFileSync('test/cases/inputs/C11-input.json', 'utf8'), '9007199254740993'],
  ['{\n "a": 1,\n "b": [1e400]}', '1e400'],
  ['{"n": 0.1234567890123456789}', '0.1234567890123456789'],
  ['{"a": 1, "b": {"a": 2, "a.b": 1, "\\u0061": 3}}', '"\\u0061"'],
])('text that would be sent as something else is a mistake: %j', (text, place) => {
  const read = readJsonText(text)
  if (!('mistake' in read)) throw new Error('it was taken')
  expect(text.slice(read.mistake.from, read.mistake.to)).toBe(place)
})

test('the text that a value was written as stands for that value, with any numbers', () => {
  const value = { big: 2 ** 64, list: [1e300, 5e-324] }
  const text = JSON.stringify(value)
  expect(readJsonText(text, { text, value })).toMatchObject({ value })
  expect(readJsonText(`${text} `, { text, value })).toHaveProperty('mistake')
})
