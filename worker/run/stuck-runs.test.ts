import { expect, test } from 'vitest'
import { StuckRuns } from './stuck-runs.ts'

const run = (requestId: string) => ({ requestId, task: 'a' })

test('StuckRuns frees slots up to its limit, says when there are too many, and counts a run until it has returned', async () => {
  const problems: string[] = []
  const counts: number[] = []
  const stuck = new StuckRuns({ limit: 1, problem: message => void problems.push(message) })
  const changed = (): void => void counts.push(stuck.count)
  const first = Promise.withResolvers<void>()
  const second = Promise.withResolvers<void>()
  expect(stuck.add(run('x'), first.promise, changed)).toBe(true)
  expect(stuck.add(run('y'), second.promise, changed)).toBe(false)
  expect(problems).toEqual([
    'Job x: task "a" does not heed its signal; its slot is free, and its code goes on (1 run of this worker is stuck)',
    'Job y: task "a" does not heed its signal; it holds its slot: 2 runs of this worker are stuck, so restart it, and have the task heed job.signal or isolate it',
  ])
  first.resolve()
  await first.promise
  expect(stuck.count).toBe(1)
  expect(stuck.add(run('z'), Promise.resolve(), changed)).toBe(false)
  second.resolve()
  await second.promise
  expect(stuck.count).toBe(0)
  expect(counts).toEqual([1, 2, 1, 2, 1, 0])
})
