import { expect, test } from 'vitest'
import { limitsSaid } from './limits.ts'

test.each([
  [undefined, ''],
  [{ attempts: 1 }, '1 attempt'],
  [
    { timeout_ms: 30_000, attempts: 3, task_concurrency: 2, task_rate: { jobs: 10, per_ms: 1000 } },
    '30 s · 3 attempts · 2 at once · 10 in 1.0 s',
  ],
])('the limits %j are said as %j', (limits, said) => {
  expect(limitsSaid(limits)).toBe(said)
})
