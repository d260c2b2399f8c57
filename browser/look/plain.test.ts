import { expect, test } from 'vitest'
import { plain } from './plain.ts'

test.each([
  ['\u001b[32mok\u001b[0m \u001b[1;31mfail\u001b[0m', 'ok fail'],
  ['\u202egpj.exe', 'gpj.exe'],
  ['a\u2067b\u2069c\u2066\u2068\u202a\u202b\u202c\u202d', 'abc'],
  ['\u200f\u200eשלום\u200f', 'שלום'],
  ['\u001b[0m\u200eא\u200e1\u200e', 'א\u200e1'],
  ['naïve 羊 👩‍👩‍👧', 'naïve 羊 👩‍👩‍👧'],
])('plain(%j)', (text, words) => {
  expect(plain(text)).toBe(words)
})
