import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hasSeen, type Ranges, see } from './seen.ts'

test('see() remembers what a set would', () =>
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 60 })), seqs => {
      const ranges = seqs.reduce<Ranges>(see, [])
      for (let seq = 0; seq <= 60; seq++) expect(hasSeen(ranges, seq)).toBe(seqs.includes(seq))
    }),
  ))

test('see() stays small and never forgets, however the seqs lie', () =>
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 100_000 }), { minLength: 100, maxLength: 300 }), seqs => {
      const ranges = seqs.reduce<Ranges>(see, [])
      expect(ranges.length).toBeLessThanOrEqual(64)
      for (const seq of seqs) expect(hasSeen(ranges, seq)).toBe(true)
    }),
  ))
