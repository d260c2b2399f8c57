import fc from 'fast-check'
import { expect, test } from 'vitest'
import { missingReplies } from './reply.ts'
import { hasSeen, type Ranges, see } from './seen.ts'
import { queued, run, told } from './testing.ts'

test('see() remembers as a set would', () =>
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

test('replies that did not come are counted once the outcome is there', () => {
  const came = [0, 1, 4, 5, 9].map(seq => told({ type: 'log', level: 'info', message: 'x', seq }))
  const running = run(queued, ...came)
  expect(missingReplies(running)).toBe(0)
  const ended = run(running, told({ type: 'result', output: 1, seq: 12 }))
  expect(missingReplies(ended)).toBe(2 + 3 + 2)
  expect(missingReplies(run(ended, told({ type: 'log', level: 'info', message: 'x', seq: 2 })))).toBe(6)
  expect(missingReplies(run(queued, told({ type: 'result', output: 1, seq: 1 })))).toBe(0)
  expect(missingReplies(run(queued, told({ type: 'result', output: 1 })))).toBe(0)
})
