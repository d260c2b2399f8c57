import { expect, test } from 'vitest'
import { type Heard, takesByName, workerOf } from './worker-info.ts'

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

test('the limits of a task are those of its last announcement', () => {
  const limited = workerOf({ ...beat, task: 't', attempts: 3 }, 't', undefined, 0)
  const limits = new Map([['t', { attempts: 3 }]])
  expect([limited.limits, workerOf(beat, 't', limited, 0).limits]).toEqual([limits, limits])
  expect(workerOf({ ...beat, task: 't' }, 't', limited, 0)).not.toHaveProperty('limits')
})

test.each<[string, Partial<Heard>, boolean]>([
  ['reads the queue of its name', {}, true],
  ['has that name by chance', { features: [] }, false],
  ['has another name', { name: 'other' }, false],
  ['is paused', { paused: true }, false],
  ['shuts down', { state: 'draining' }, false],
])('a job for one worker by name: a worker that %s', (_, fields, takes) => {
  const worker = workerOf({ ...beat, task: 't', features: ['named'], ...fields } as Heard, 't', undefined, 0)
  expect([takesByName(worker, 't', 'steady'), takesByName(worker, 'u', 'steady')]).toEqual([takes, false])
})
