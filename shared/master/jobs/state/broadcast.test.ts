import { expect, test } from 'vitest'
import type { Reply } from '../../../contract/mod.ts'
import { newJobState, statusOf } from './job.ts'
import { base, error, rosterOf, run, spread, told } from './testing.ts'

test('a broadcast is done when everyone has an outcome', () => {
  const one = run(spread, rosterOf({ worker_id: 'w1' }, { worker_id: 'w2' }), told({ type: 'result' }))
  expect(statusOf(one)).toBe('running')
  const both = run(one, told({ type: 'error', error, worker_id: 'w2' } as Reply))
  expect(both.phase).toMatchObject({ outcome: { type: 'answered', missing: [] } })
})

test('a broadcast waits for each worker that accepts it, roster or not', () => {
  const state = run(
    spread,
    told({ type: 'accepted', worker_id: 'w3' }),
    rosterOf({ worker_id: 'w1' }),
    told({ type: 'result' }),
  )
  expect(statusOf(state)).toBe('running')
  expect(statusOf(run(state, told({ type: 'result', worker_id: 'w3' })))).toBe('answered')
})

test('a broadcast names the workers that did not answer', () => {
  const state = run(
    spread,
    { type: 'sent', at: 1 },
    rosterOf({ worker_id: 'w1', name: 'anvil' }, { worker_id: 'w2', name: 'bellows' }),
    told({ type: 'result' }),
    { type: 'timeout', at: 9 },
  )
  expect(state.phase).toMatchObject({ outcome: { type: 'timed_out', missing: ['bellows'] } })
})

test('a broadcast does not wait for a worker that is gone, and names it', () => {
  const state = run(
    spread,
    rosterOf({ worker_id: 'w1' }, { worker_id: 'w2', name: 'bellows' }),
    told({ type: 'result' }),
  )
  const after = run(state, rosterOf({ worker_id: 'w1' }, { worker_id: 'w2', state: 'gone' }))
  expect(after.phase).toMatchObject({ outcome: { type: 'answered', missing: ['bellows'] } })
})

test('a broadcast does not wait for a draining worker that has not begun', () => {
  const state = run(spread, rosterOf({ worker_id: 'w1' }, { worker_id: 'w2' }), told({ type: 'result' }))
  const after = run(state, rosterOf({ worker_id: 'w1' }, { worker_id: 'w2', state: 'draining' }))
  expect(after.phase).toMatchObject({ outcome: { type: 'answered', missing: [] } })
})

test('a broadcast to an empty roster ends as no worker; with until timeout only then', () => {
  expect(statusOf(run(spread, rosterOf()))).toBe('no_worker')
  const patient = run(newJobState({ ...base, mode: 'topic', until: 'timeout' }), { type: 'sent', at: 1 }, rosterOf())
  expect(statusOf(patient)).toBe('sent')
  expect(statusOf(run(patient, { type: 'timeout', at: 9 }))).toBe('no_worker')
})

test('a broadcast until a count is done with that many', () => {
  const state = run(
    newJobState({ ...base, mode: 'topic', until: { count: 1 } }),
    rosterOf({ worker_id: 'w1' }, { worker_id: 'w2' }),
  )
  expect(statusOf(run(state, told({ type: 'result' })))).toBe('answered')
})

test('a cancelled broadcast ends when those who took it have', () => {
  const state = run(
    spread,
    { type: 'sent', at: 1 },
    rosterOf({ worker_id: 'w1' }, { worker_id: 'w2' }),
    told({ type: 'accepted' }),
    { type: 'cancel', at: 1 },
    { type: 'cancel_unanswered', at: 3 },
  )
  expect(statusOf(state)).toBe('cancelling')
  expect(statusOf(run(state, told({ type: 'cancelled' })))).toBe('cancelled')
})
