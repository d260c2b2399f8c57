import { expect, test } from 'vitest'
import { timingSafeEqual, timingSafeEqualText } from './timing-safe-equal.ts'

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
  expect(timingSafeEqualText(given, secret)).toBe(isSame)
  const [a, b] = [given, secret].map(text => new TextEncoder().encode(text))
  expect(timingSafeEqual(a!, b!)).toBe(isSame)
})
