import { expect, test } from 'vitest'
import { type Heard, workerOf } from './worker-info.ts'

const beat: Heard = {
  worker_id: 'w',
  name: 'steady',
  state: 'idle',
  concurrency: 1,
  active: 0,
  processed: 0,
  failed: 0,
  interval_ms: 5_000,
}

test('the stuck runs of a worker are those of its last announcement, which a beat says nothing of', () => {
  const announced = workerOf({ ...beat, task: 't', stuck: 2 }, 't', undefined, 0)
  expect(workerOf(beat, 't', announced, 0).stuck).toBe(2)
  expect(workerOf({ ...beat, task: 't' }, 't', announced, 0)).not.toHaveProperty('stuck')
})
