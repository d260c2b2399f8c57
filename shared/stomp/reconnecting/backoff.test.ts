import { expect, test } from 'vitest'
import { fullJitterMs } from './backoff.ts'

const backoff = { baseMs: 500, capMs: 30_000 }

test('fullJitterMs() doubles its bound from the base up to the cap', () => {
  const bounds = [0, 1, 2, 5, 6, 1000].map(tries => fullJitterMs(tries, () => 0.9999999, backoff) + 1)
  expect(bounds).toEqual([500, 1000, 2000, 16_000, 30_000, 30_000])
})

test('fullJitterMs() may be nothing at all: so a crowd spreads', () => {
  expect(fullJitterMs(9, () => 0, backoff)).toBe(0)
})
