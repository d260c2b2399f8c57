import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maxPatternInput, safePattern } from './pattern.ts'

test.each(['^[a-z0-9-]+$', '^\\d{4}-\\d{2}$', '^[A-Z]{2,5}\\.[a-z]*$', '^a$', '^\\$\\d', '^[\\w.]+@[\\w.]+$'])(
  '%s is run',
  source => {
    expect(safePattern(source)).toBeInstanceOf(RegExp)
  },
)

test.each([
  '^(a+)+$',
  '(a|aa)+$',
  'a+$',
  '^(?=.*x).*$',
  '^a*a*a*$',
  '^(?:a?){50}a{50}$',
  '^(.)\\1$',
  '^a{1,99999}$',
  '^[z-a]$',
  '^[a',
  '^a++$',
  '',
  `^${'a'.repeat(300)}$`,
  7,
])('%s is left to the worker', source => {
  expect(safePattern(source)).toBeUndefined()
})

test('a pattern that is run ends soon, whatever it is tried on', () => {
  const part = fc.tuple(
    fc.constantFrom('a', '.', '\\w', '[ab]', '[^b]', '\\.'),
    fc.constantFrom('', '+', '*', '?', '{2}', '{1,999}', '{3,}'),
  )
  const source = fc.array(part, { maxLength: 8 }).map(parts => `^${parts.map(piece => piece.join('')).join('')}$`)
  fc.assert(
    fc.property(source, fc.constantFrom('a', 'ab', 'a.'), (text, fill) => {
      const pattern = safePattern(text)
      if (pattern === undefined) return
      const input = `${fill.repeat(maxPatternInput / fill.length - 1)}!`
      const began = performance.now()
      pattern.test(input)
      expect(performance.now() - began).toBeLessThan(1000)
    }),
  )
})
