import { expect, test } from 'vitest'
import { startCpuTime } from '../../test/support/cpu-time.ts'
import { wildcard } from './wildcard.ts'

test.for([
  ['timed out', 'upstream timed out', true],
  ['timed*8080', 'timed out while connecting to orders:8080', true],
  ['8080*timed', 'timed out while connecting to orders:8080', false],
  ['TIMED', 'timed out', false],
  ['a\\*b', 'xa*b', true],
  ['a\\*b', 'xaab', false],
  ['a\\\\b', 'a\\b', true],
  ['(x+x+)+y', 'xxxxxxxxxxxxxxxx', false],
  ['.*', 'abc', false],
  ['*', '', true],
] as const)('wildcard(%j) finds it in %j: %s', ([pattern, text, expected]) => {
  expect(wildcard(pattern)(text)).toBe(expected)
})

test.for([
  ['*.log', 'web.log', true],
  ['*.log', 'web.log.gz', false],
  ['web*', 'web.log', true],
  ['web*log', 'web.log', true],
  ['ab*ba', 'aba', false],
  ['ab*b*ba', 'abba', false],
  ['ab*b*ba', 'abbba', true],
  ['*', '', true],
  ['web.log', 'web.log', true],
  ['web', 'web.log', false],
  ['a*b*c', 'a-b-b-c', true],
] as const)('wildcard(%j, whole) matches %j: %s', ([pattern, text, expected]) => {
  expect(wildcard(pattern, { whole: true })(text)).toBe(expected)
})

test('wildcard() ignores case when asked', () => {
  expect(wildcard('Timed*OUT', { ignoreCase: true })('TIMED out')).toBe(true)
})

test('wildcard() takes time in proportion to the text, for any pattern', () => {
  const text = 'a'.repeat(65_536)
  const cpuMs = startCpuTime()
  for (let i = 0; i < 20; i++) expect(wildcard(`${'*a'.repeat(100)}b`)(text)).toBe(false)
  expect(cpuMs()).toBeLessThan(2_000)
})
