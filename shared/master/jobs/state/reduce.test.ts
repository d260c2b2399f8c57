import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isOutcome, type Reply } from '../../../contract/mod.ts'
import { newJobState, statusOf } from './job.ts'
import { type JobChange, reduceJob } from './reduce.ts'
import { maxKept, maxPartials } from './retention.ts'
import { base, error, id, queued, reply, rosterOf, run, spread, told } from './testing.ts'

const anyReply: fc.Arbitrary<Reply> = fc
  .record({
    worker_id: fc.constantFrom('w1', 'w2', 'w3'),
    attempt: fc.integer({ min: 1, max: 3 }),
    seq: fc.integer({ min: 0, max: 12 }),
    type: fc.constantFrom(
      'accepted',
      'progress',
      'log',
      'partial',
      'retrying',
      'result',
      'error',
      'cancelled',
      'rejected',
    ),
  })
  .map(({ worker_id, attempt, seq, type }) =>
    // The reply of a (worker, attempt, seq) is fixed, as it is with a real worker.
    reply({
      worker_id,
      attempt,
      seq,
      type,
      error,
      issues: [],
      level: 'info',
      message: 'm',
      output: `${worker_id}${attempt}${seq}`,
    } as unknown as Reply),
  )
const uniqueReplies = fc.uniqueArray(anyReply, {
  selector: one => `${one.worker_id} ${one.attempt} ${one.seq}`,
  maxLength: 40,
})
const anyEvent: fc.Arbitrary<JobChange> = fc.oneof(
  { weight: 8, arbitrary: anyReply.map((one): JobChange => ({ type: 'reply', reply: one, at: 5 })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<JobChange>({ type: 'tried' }, { type: 'sent', at: 5 }, { type: 'cancel', at: 5 }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<JobChange>({ type: 'cancel_unanswered', at: 5 }, { type: 'timeout', at: 5 }),
  },
  { weight: 1, arbitrary: fc.constantFrom(rosterOf(), rosterOf({ worker_id: 'w1' }, { worker_id: 'w2' })) },
)

test('the first outcome applied stays, and nothing told later changes it', () =>
  fc.assert(
    fc.property(fc.constantFrom(queued, spread), fc.array(anyEvent, { maxLength: 60 }), (start, events) => {
      let state = start
      let ended: unknown
      for (const event of events) {
        state = reduceJob(state, event).state
        if (ended !== undefined) expect(state.phase).toBe(ended)
        else if (state.phase.at === 'ended') ended = state.phase
      }
    }),
  ))

test('of a queued job the outcome is the first outcome reply, in any order, with gaps and repetitions', () =>
  fc.assert(
    fc.property(uniqueReplies, fc.array(fc.nat(), { maxLength: 20 }), (replies, repeats) => {
      const sequence = [...replies]
      for (const n of repeats) {
        const again = replies[n % Math.max(1, replies.length)]
        if (again !== undefined) sequence.splice(n % (sequence.length + 1), 0, again)
      }
      const state = run(queued, ...sequence.map((one): JobChange => ({ type: 'reply', reply: one, at: 5 })))
      const first = sequence.find(isOutcome)
      expect(statusOf(state)).toBe(first?.type ?? statusOf(state))
      expect(state.phase.at === 'ended').toBe(first !== undefined)
      expect(state.late.length).toBe(Math.min(20, Math.max(0, replies.filter(isOutcome).length - 1)))
    }),
  ))

test('a reply is applied once', () =>
  fc.assert(
    fc.property(fc.constantFrom(queued, spread), uniqueReplies, (start, replies) => {
      const events = replies.map((one): JobChange => ({ type: 'reply', reply: one, at: 5 }))
      const once = run(start, ...events)
      expect(run(once, ...events)).toEqual(once)
      expect(run(start, ...events.flatMap(event => [event, event]))).toEqual(once)
    }),
  ))

test('of a broadcast every worker has one outcome, its first', () =>
  fc.assert(
    fc.property(uniqueReplies, replies => {
      const state = run(spread, ...replies.map((one): JobChange => ({ type: 'reply', reply: one, at: 5 })))
      for (const part of state.workers) {
        const first = replies.filter(isOutcome).find(one => one.worker_id === part.worker_id)
        expect(part.outcome?.type).toBe(first?.type)
      }
    }),
  ))

test('replies of one worker are kept in the order of their seq', () =>
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7]), order => {
      const state = run(queued, ...order.map(seq => told({ type: 'log', level: 'info', message: 'm', seq } as Reply)))
      const kept = state.replies.map(one => ('seq' in one ? one.seq : undefined))
      expect(kept).toEqual(order.toSorted((a, b) => a - b))
    }),
  ))

test('a job keeps so many replies, and counts those that it let go of', () => {
  let state = run(queued, told({ type: 'accepted', seq: 0 }))
  for (let seq = 1; seq <= maxKept + 50; seq++) {
    state = run(state, told({ type: 'log', level: 'info', message: String(seq), seq } as Reply))
  }
  expect(state.replies.length).toBe(maxKept)
  expect(state.dropped).toBe(51)
  expect(state.replies[0]?.type).toBe('accepted')
  expect(state.workers[0]?.seen).toEqual({ 1: [[0, maxKept + 50]] })
})

test('partials are kept beside more log lines than there is room for, the newest of too many', () => {
  let state = run(queued, told({ type: 'accepted', seq: 0 }))
  for (let seq = 1; seq <= maxPartials + 3; seq++) state = run(state, told({ type: 'partial', data: seq, seq }))
  for (let n = 1; n <= maxKept + 2; n++) {
    state = run(state, told({ type: 'log', level: 'info', message: 'm', seq: maxPartials + 3 + n }))
  }
  const partials = state.replies.flatMap(one => (one.type === 'partial' ? [one.data] : []))
  expect([partials.length, partials[0], partials.at(-1)]).toEqual([maxPartials, 4, maxPartials + 3])
  expect([state.replies[0]?.type, state.replies.length]).toEqual(['accepted', maxPartials + maxKept])
  expect([state.dropped, state.dropped_partials]).toEqual([3, 3])
})

test('of progress the latest is kept, also when an earlier one comes after it', () => {
  const state = run(
    queued,
    told({ type: 'progress', percent: 50, seq: 2 }),
    told({ type: 'progress', percent: 20, seq: 1 }),
  )
  expect(state.progress?.percent).toBe(50)
})

test('a notice about a job as it leaves is said once, however often it leaves', () => {
  const notice = { type: 'priority', message: 'no order', at: 3 } as const
  const tried = { type: 'tried', notice } as const
  expect(reduceJob(queued, tried).news).toEqual([notice])
  expect(run(queued, tried, tried, { type: 'sent', at: 4 }, tried).replies).toEqual([notice])
})

test('a job that cannot leave yet says why once, and no more once a broker has it', () => {
  const waits = { type: 'waits', notice: { type: 'unsealed', message: 'no keys', at: 3 } } as const
  expect(run(queued, waits, { type: 'tried' }, waits).replies).toEqual([waits.notice])
  expect(reduceJob(run(queued, { type: 'sent', at: 1 }), waits).news).toEqual([])
})

test('a job goes unsent, sent, running, ended', () => {
  const steps: JobChange[] = [
    { type: 'tried' },
    { type: 'sent', at: 1 },
    told({ type: 'accepted' }),
    told({ type: 'result' }),
  ]
  let state = queued
  const seen = steps.map(event => {
    state = run(state, event)
    return statusOf(state)
  })
  expect(seen).toEqual(['unsent', 'sent', 'running', 'result'])
})

test('a reply that overtakes the RECEIPT is not undone by it', () => {
  const state = run(queued, { type: 'tried' }, told({ type: 'accepted' }), { type: 'sent', at: 9 })
  expect(statusOf(state)).toBe('running')
  expect(state.sent_at).toBe(9)
})

test('a failed run shows as retrying, and the next as another attempt', () => {
  const retrying = run(
    queued,
    told({ type: 'accepted', seq: 0 }),
    told({ type: 'retrying', error, next_at: 7, seq: 1 } as Reply),
  )
  expect(retrying.phase).toEqual({ at: 'retrying', since: 5, error, next_at: 7 })
  const again = run(retrying, told({ type: 'accepted', attempt: 2, worker_id: 'w2' }))
  expect([statusOf(again), again.attempt, again.losses]).toEqual(['running', 2, 0])
})

test('a cancel before it left ends a job at once', () => {
  const step = reduceJob(queued, { type: 'cancel', reason: 'why', at: 1 })
  expect(step.state.phase).toMatchObject({ outcome: { type: 'cancelled', reason: 'why' } })
  expect(step.publishCancel).toBe(false)
})

test('a cancel that nobody answers is the master’s', () => {
  const asked = reduceJob(run(queued, { type: 'sent', at: 1 }), { type: 'cancel', at: 1 })
  expect([statusOf(asked.state), asked.publishCancel]).toEqual(['cancelling', true])
  expect(statusOf(run(asked.state, { type: 'cancel_unanswered', at: 3 }))).toBe('cancelled')
})

test('a cancel waits for the worker that has the job', () => {
  const state = run(queued, told({ type: 'accepted' }), { type: 'cancel', at: 1 }, { type: 'cancel_unanswered', at: 3 })
  expect(statusOf(state)).toBe('cancelling')
  expect(statusOf(run(state, told({ type: 'result' })))).toBe('result')
})

test('a worker that accepts a cancelled or timed out job is told', () => {
  const cancelled = run(
    queued,
    { type: 'sent', at: 1 },
    { type: 'cancel', at: 1 },
    { type: 'cancel_unanswered', at: 3 },
  )
  const timedOut = run(queued, { type: 'sent', at: 1 }, { type: 'timeout', at: 1 })
  const ended = run(
    queued,
    { type: 'sent', at: 1 },
    { type: 'cancel', at: 1 },
    told({ type: 'cancelled', worker_id: 'w1' }),
  )
  const done = run(queued, told({ type: 'result' }))
  const asked = [cancelled, timedOut, ended, done].map(
    state => reduceJob(state, told({ type: 'accepted', worker_id: 'w2' })).publishCancel,
  )
  expect(asked).toEqual([true, true, true, false])
  // Overtaken by the outcome of the same run
  expect(reduceJob(ended, told({ type: 'accepted', worker_id: 'w1' })).publishCancel).toBe(false)
})

test('a timeout cancels a job that may have left, and no other', () => {
  expect(reduceJob(queued, { type: 'timeout', at: 1 }).publishCancel).toBe(false)
  const step = reduceJob(run(queued, { type: 'tried' }), { type: 'timeout', at: 1 })
  expect([statusOf(step.state), step.publishCancel]).toEqual(['timed_out', true])
})

test('a late outcome is kept and changes nothing', () => {
  const state = run(
    queued,
    { type: 'sent', at: 1 },
    { type: 'timeout', at: 1 },
    told({ type: 'result', output: 7, seq: 3 }),
  )
  expect(statusOf(state)).toBe('timed_out')
  expect(state.late).toMatchObject([{ type: 'result', output: 7 }])
})

test('a job that no worker is there for says so, until one is', () => {
  const waiting = run(queued, { type: 'sent', at: 1 }, { type: 'unclaimed', unclaimed: true, at: 2 })
  expect(waiting.unclaimed).toBe(true)
  expect(waiting.replies).toEqual([{ type: 'unclaimed', unclaimed: true, at: 2 }])
  expect(run(waiting, told({ type: 'accepted' })).unclaimed).toBe(false)
})

test('the least replies, which name no worker, count as one worker each in a broadcast', () => {
  const least = (output: number): JobChange => ({
    type: 'reply',
    at: 5,
    reply: { v: 1, request_id: id, attempt: 1, type: 'result', output },
  })
  const state = run(newJobState({ ...base, mode: 'topic', until: { count: 2 } }), least(1), least(2))
  expect(statusOf(state)).toBe('answered')
  expect(state.workers.map(part => part.outcome?.type)).toEqual(['result', 'result'])
})

test('a worker id like a property of every object is only a name', () => {
  const state = run(
    queued,
    told({ type: 'accepted', worker_id: '__proto__' }),
    told({ type: 'result', worker_id: 'constructor' }),
  )
  expect(state.workers.map(part => part.worker_id)).toEqual(['__proto__', 'constructor'])
})

test('a worker that says the time is over ends the job as timed out, unless it was cancelled before', () => {
  const over = told({ type: 'cancelled', reason: 'timed out' })
  const sent = run(queued, { type: 'sent', at: 1 }, told({ type: 'accepted' }))
  expect(run(sent, over).phase).toMatchObject({ at: 'ended', outcome: { type: 'timed_out', timeout_ms: 1000 } })
  const cancelled = run(sent, { type: 'cancel', reason: undefined, at: 3 }, over)
  expect(cancelled.phase).toMatchObject({ at: 'ended', outcome: { type: 'cancelled' } })
  expect(run(sent, told({ type: 'cancelled', reason: 'no' })).phase).toMatchObject({ outcome: { type: 'cancelled' } })
})

test('an outcome that overtook the acceptance still ends the job, and the rest finds its place', () => {
  const state = run(spread, told({ type: 'result', seq: 2 }), told({ type: 'accepted', name: 'anvil', seq: 0 }))
  expect(state.workers).toMatchObject([{ name: 'anvil', at: 'ended' }])
  expect(state.replies.map(one => one.type)).toEqual(['accepted', 'result'])
})

test('progress that a failed run’s retrying overtook does not make it run again', () => {
  const state = run(
    queued,
    told({ type: 'retrying', error, seq: 2 } as Partial<Reply> & { type: 'retrying' }),
    told({ type: 'progress', percent: 9, seq: 1 }),
  )
  expect([statusOf(state), state.workers[0]?.at]).toEqual(['retrying', 'retrying'])
})
