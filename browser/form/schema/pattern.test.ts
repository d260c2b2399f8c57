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

const signs = ['a', '.', '\\w', '[ab]', '[^b]', '\\.'] as const
const times = {
  '': [1, 1],
  '+': [1, 999],
  '*': [0, 999],
  '?': [0, 1],
  '{2}': [2, 2],
  '{1,999}': [1, 999],
  '{3,}': [3, 999],
}
type Parts = readonly (readonly [(typeof signs)[number], keyof typeof times])[]
const sourceOf = (parts: Parts): string => `^${parts.map(part => part.join('')).join('')}$`

/** Matches as engines do, trying again with less where the rest does not fit, and counts the characters it looks at. */
function matchCounted(parts: Parts, text: string): { isMatch: boolean; steps: number } {
  let steps = 0
  const match = (part: number, at: number): boolean => {
    if (part === parts.length) return at === text.length
    const [sign, often] = parts[part]!
    const [least, most] = times[often] as [number, number]
    const one = new RegExp(`^${sign}$`)
    let n = 0
    while (n < most && at + n < text.length && ++steps > 0 && one.test(text[at + n]!)) n++
    for (; n >= least; n--) if (match(part + 1, at + n)) return true
    return false
  }
  return { isMatch: match(0, 0), steps }
}

const length = 150
const maxSteps = 20 * length ** 2
const inputs = ['a', 'ab', 'a.'].flatMap(fill => [fill.repeat(length / fill.length), `${fill.repeat(length / 2 - 1)}!`])

test('a pattern that is run takes steps by the square of the text at most', () => {
  const parts = fc.array(fc.tuple(fc.constantFrom(...signs), fc.constantFrom(...(Object.keys(times) as ['']))), {
    maxLength: 8,
  })
  fc.assert(
    fc.property(parts, fc.constantFrom(...inputs), (given, input) => {
      const pattern = safePattern(sourceOf(given))
      fc.pre(pattern !== undefined)
      const { isMatch, steps } = matchCounted(given, input)
      expect(isMatch).toBe(pattern!.test(input))
      expect(steps).toBeLessThanOrEqual(maxSteps)
    }),
  )
})

test('one repetition more would take too many steps, and is refused', () => {
  const parts: Parts = [...Array.from({ length: 3 }, () => ['a', '*'] as const), ['a', '']]
  expect(matchCounted(parts, `${'a'.repeat(length - 1)}!`).steps).toBeGreaterThan(maxSteps)
  expect(safePattern(sourceOf(parts))).toBeUndefined()
  expect(maxPatternInput).toBeLessThanOrEqual(1000)
})
