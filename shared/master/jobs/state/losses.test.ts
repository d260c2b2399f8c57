/** A worker that went away shows as gone while only presence says so, and as a loss once another took the job. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { statusOf } from './job.ts'
import { reduceJob } from './reduce.ts'
import { error, queued, rosterOf, run, told } from './testing.ts'

test('a loss shows when another worker accepts the job, once more counted', () => {
  const step = reduceJob(
    run(queued, told({ type: 'accepted', losses: 0 })),
    told({ type: 'accepted', worker_id: 'w2', losses: 1 }),
  )
  expect(step.state.losses).toBe(1)
  expect(step.news.map(one => one.type)).toEqual(['accepted', 'loss'])
  expect(step.state.workers.map(part => part.at)).toEqual(['lost', 'running'])
})

test.each([{}, { losses: 0 }])('a loss shows when another worker accepts the same attempt, saying %j', said => {
  const step = reduceJob(
    run(queued, told({ type: 'accepted', ...said })),
    told({ type: 'accepted', worker_id: 'w2', ...said }),
  )
  expect(step.state.losses).toBe(1)
  expect(step.news.map(one => one.type)).toEqual(['accepted', 'loss'])
  expect(step.state.workers.map(part => part.at)).toEqual(['lost', 'running'])
})

test('losses that workers count and losses that only the master sees add up', () => {
  const state = run(
    queued,
    told({ type: 'accepted', losses: 0 }),
    told({ type: 'accepted', worker_id: 'w2', losses: 0 }),
    told({ type: 'accepted', worker_id: 'w3', losses: 1 }),
  )
  expect(state.losses).toBe(2)
  expect(state.replies.filter(({ type }) => type === 'loss')).toHaveLength(2)
})

test('a worker that is heard after the one that took its job over was lost before, and nobody is now', () => {
  const state = run(
    queued,
    told({ type: 'accepted', worker_id: 'w2', losses: 1 }),
    told({ type: 'accepted', worker_id: 'w1', losses: 0 }),
  )
  expect(state.losses).toBe(1)
  expect(state.workers.map(part => [part.worker_id, part.at])).toEqual([
    ['w2', 'running'],
    ['w1', 'lost'],
  ])
})

test('a worker that says again that it runs a job takes nothing over', () => {
  const both = run(
    queued,
    told({ type: 'accepted', losses: 0, seq: 0 }),
    told({ type: 'accepted', worker_id: 'w2', losses: 1, seq: 0 }),
  )
  const again = run(
    both,
    told({ type: 'accepted', losses: 0, seq: 1 }),
    told({ type: 'accepted', losses: 1, worker_id: 'w2', seq: 1 }),
  )
  expect(again.losses).toBe(1)
  expect(again.workers.map(part => part.at)).toEqual(['lost', 'running'])
  const unmarked = run(
    queued,
    told({ type: 'accepted', seq: 0 }),
    told({ type: 'accepted', worker_id: 'w2', seq: 0 }),
    told({ type: 'accepted', seq: 1 }),
    told({ type: 'accepted', worker_id: 'w2', seq: 1 }),
  )
  expect(unmarked.losses, 'both run it').toBe(0)
})

test('of a job that was sent twice two workers may run a copy each, and none is lost until one of them is', () => {
  const twice = run(queued, { type: 'tried' }, { type: 'tried' }, { type: 'sent', at: 5 })
  const both = run(twice, told({ type: 'accepted', losses: 0 }), told({ type: 'accepted', worker_id: 'w2', losses: 0 }))
  expect([both.losses, ...both.workers.map(part => part.at)]).toEqual([0, 'running', 'running'])
  expect(run(both, told({ type: 'accepted', worker_id: 'w3', losses: 1 })).losses).toBe(1)
})

test('the losses shown are fewer than the runs that were heard to begin, even where workers count more', () =>
  fc.assert(
    fc.property(
      fc.array(fc.record({ worker: fc.integer({ min: 1, max: 6 }), losses: fc.nat({ max: 3 }) }), { maxLength: 20 }),
      takes => {
        let state = queued
        for (const [at, { worker, losses }] of takes.entries()) {
          state = run(state, told({ type: 'accepted', worker_id: `w${worker}`, losses }))
          expect(state.losses).toBeGreaterThanOrEqual(0)
          expect(state.losses).toBeLessThanOrEqual(at)
        }
      },
    ),
  ))

test('a mark of the broker that no begun run stands behind is no loss', () => {
  const state = run(queued, told({ type: 'accepted', losses: 2 }))
  expect([state.losses, state.replies.map(({ type }) => type)]).toEqual([0, ['accepted']])
})

test.for([
  ['the next one still runs it', []],
  ['the job has ended', [told({ type: 'result', worker_id: 'w2', output: 2, seq: 1 })]],
] as const)('an outcome of a run that was taken for lost takes the loss back, also when %s', ([, between]) => {
  const lost = run(
    queued,
    told({ type: 'accepted', losses: 0, seq: 0 }),
    told({ type: 'accepted', worker_id: 'w2', losses: 1, seq: 0 }),
    ...between,
  )
  expect(lost.losses).toBe(1)
  const after = run(lost, told({ type: 'result', output: 1, seq: 1 }))
  expect([after.losses, after.workers[0]?.at]).toEqual([0, 'ended'])
})

test('a run that failed is no loss, though the reply that says so was lost', () => {
  const state = run(queued, told({ type: 'accepted' }), told({ type: 'accepted', worker_id: 'w2', attempt: 2 }))
  expect([state.losses, state.attempt]).toEqual([0, 2])
})

test('a run that its worker stopped as it shut down is no loss: the job is queued again, and the next one takes it', () => {
  const step = reduceJob(
    run(queued, { type: 'sent', at: 1 }, told({ type: 'accepted', losses: 0, seq: 0 })),
    told({ type: 'requeued', reason: 'the worker is shutting down', seq: 1 }),
  )
  expect([statusOf(step.state), step.news.map(one => one.type)]).toEqual(['sent', ['requeued']])
  const after = run(
    step.state,
    rosterOf({ worker_id: 'w1', state: 'gone', started_at: 0 }),
    told({ type: 'accepted', worker_id: 'w2', losses: 0, seq: 0 }),
  )
  expect([statusOf(after), after.losses, ...after.workers.map(part => part.at)]).toEqual([
    'running',
    0,
    'requeued',
    'running',
  ])
})

test('the reply that a run was handed back may overtake the one that it began', () => {
  const state = run(
    queued,
    told({ type: 'requeued', seq: 1 }),
    told({ type: 'accepted', worker_id: 'w2', losses: 0, seq: 0 }),
    told({ type: 'accepted', losses: 0, seq: 0 }),
  )
  expect([statusOf(state), state.losses, ...state.workers.map(part => part.at)]).toEqual([
    'running',
    0,
    'requeued',
    'running',
  ])
})

const taken = run(queued, { type: 'sent', at: 1 }, told({ type: 'accepted', losses: 0, seq: 0 }))
const gone = rosterOf({ worker_id: 'w1', state: 'gone', started_at: 0 })

test('a worker that presence says is gone has lost the job, once, no matter which takes it over', () => {
  const alone = run(taken, gone)
  expect([statusOf(alone), alone.losses, alone.workers[0]?.at]).toEqual(['running', 1, 'gone'])
  const step = reduceJob(alone, told({ type: 'accepted', worker_id: 'w2', losses: 0 }))
  expect(step.state.losses).toBe(1)
  expect(step.state.workers.map(part => part.at)).toEqual(['lost', 'running'])
})

test.for([
  ['its presence comes back', rosterOf({ worker_id: 'w1', state: 'busy', started_at: 0 })],
  ['it says more about the job', told({ type: 'log', level: 'info', message: 'm', seq: 1 })],
] as const)('a worker that was gone runs on when %s', ([, event]) => {
  const back = run(taken, gone, event)
  expect([back.workers[0]?.at, back.losses]).toEqual(['running', 0])
})

test('a worker without presence is not gone because it is silent; but a cancel does not wait for it', () => {
  const silent = rosterOf({ worker_id: 'w1', state: 'gone' })
  expect(reduceJob(taken, silent).state).toBe(taken)
  const cancelling = run(taken, { type: 'cancel', reason: undefined, at: 3 }, silent)
  expect(cancelling.workers[0]?.at).toBe('gone')
  expect(statusOf(run(cancelling, { type: 'cancel_unanswered', at: 5 }))).toBe('cancelled')
})

test('presence changes nothing about a job that ended', () => {
  const ended = run(taken, told({ type: 'result', output: 1, seq: 1 }))
  expect(reduceJob(ended, gone).state).toBe(ended)
})

test.each([0, 1, 3, 5])(
  'a job that is given up shows the number that its error says, after %i workers took it',
  heard => {
    const takes = Array.from({ length: heard }, (_, n) => told({ type: 'accepted', worker_id: `w${n}`, losses: n }))
    const dead = { ...error, code: 'job_dead', message: 'This job lost its worker 4 times' }
    const state = run(queued, ...takes, told({ type: 'error', worker_id: 'last', error: dead, losses: 4 }))
    expect([statusOf(state), state.losses]).toEqual(['error', 4])
  },
)
