import { expect, test } from 'vitest'
import { isSameBytes, isSameText, joinBytes } from './bytes.ts'

test('joinBytes() puts pieces one behind the other', () => {
  const pieces = [[1, 2], [], [3]].map(bytes => Uint8Array.from(bytes))
  expect([...joinBytes(pieces)]).toEqual([1, 2, 3])
  expect(joinBytes([]).length).toBe(0)
})

const pairs: [given: string, secret: string, isSame: boolean][] = [
  ['', '', true],
  ['secret', 'secret', true],
  ['secret', 'secreT', false],
  ['secre', 'secret', false],
  ['secrets', 'secret', false],
  ['', 'secret', false],
  ['secret\0', 'secret', false],
  ['sécret', 'sécret', true],
  ['\u0173', '\u0073', false],
]

test.each(pairs)('%j is %j: %j', (given, secret, isSame) => {
  expect(isSameText(given, secret)).toBe(isSame)
  const [a, b] = [given, secret].map(text => new TextEncoder().encode(text))
  expect(isSameBytes(a!, b!)).toBe(isSame)
})
