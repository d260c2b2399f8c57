import { expect, test } from 'vitest'
import { newJobState } from '../../shared/master/jobs/state/job.ts'
import type { JobState, Outcome } from '../../shared/master/mod.ts'
import { factsOf, isGoing, lineOf, missingOf, percentOf, triesOf, workersOf } from './describe.ts'

const job = (part: Partial<JobState> = {}): JobState => ({
  ...newJobState({ request_id: 'a', task: 'sums.add', mode: 'queue', input: {}, timeout_ms: 1, created_at: 0 }),
  ...part,
})
const ended = (outcome: Outcome, part: Partial<JobState> = {}) =>
  job({ phase: { at: 'ended', since: 0, outcome }, ...part })
const part = { attempt: 1, seen: {} }
const reply = { v: 1, request_id: 'a', worker_id: 'w-1', attempt: 1 } as const
const error = { name: 'Error', code: 'EIO', message: '', retryable: true }

test('a job that is to begin later says when, until it may', () => {
  const later = job({ phase: { at: 'sent', since: 0 }, starts_at: 125_000, unclaimed: true })
  expect(lineOf(later, 0)).toMatch(/^Starts at .*\d.*, in 2 min 5 s$/)
  expect(factsOf(later, 0).map(([term]) => term)).toEqual(['Worker', 'Starts at', 'For', 'Timeout'])
  expect(lineOf(later, 125_000)).toBe('No worker of this task is there to take it')
  expect(factsOf(later, 125_000).map(([term]) => term)).toEqual(['Worker', 'For', 'Timeout'])
})

test('a line says the next thing that a person would want to know', () => {
  const lines = [
    job(),
    job({ phase: { at: 'unsent', tried: true } }),
    job({ phase: { at: 'sent', since: 0 } }),
    job({ phase: { at: 'sent', since: 0 }, unclaimed: true }),
    job({ phase: { at: 'sent', since: 0 }, starts_at: 0 }),
    job({ phase: { at: 'sent', since: 0 }, replies: [{ ...reply, type: 'cannot_open', name: 'plum' }] }),
    job({
      phase: { at: 'sent', since: 0 },
      replies: [
        { ...reply, type: 'cannot_open' },
        { ...reply, type: 'requeued' },
      ],
    }),
    job({ phase: { at: 'running', since: 0 } }),
    job({ phase: { at: 'running', since: 0 }, workers: [{ ...part, worker_id: 'w-1', name: 'plum', at: 'gone' }] }),
    job({
      phase: { at: 'running', since: 0 },
      workers: [
        { ...part, worker_id: 'w-1', at: 'lost' },
        { ...part, worker_id: 'w-2', at: 'running' },
      ],
    }),
    job({ phase: { at: 'retrying', since: 0, error, next_at: 9000 } }),
    job({ phase: { at: 'retrying', since: 0, error } }),
    job({ phase: { at: 'cancelling', since: 0, asked: true, reason: 'enough' } }),
    ended({ type: 'result', output: 1, took_ms: 3210 }),
    ended({ type: 'result', output: 1 }),
    ended({ type: 'error', error }),
    ended({ type: 'rejected', issues: [{ path: 'a.b', message: 'is no number' }] }),
    ended({ type: 'rejected', issues: [] }),
    ended({ type: 'cancelled' }),
    ended({ type: 'timed_out', timeout_ms: 30_000 }),
    ended({ type: 'answered', missing: ['fig', 'pear'] }),
    ended({ type: 'no_worker' }),
  ].map(one => lineOf(one, 0))
  expect(lines).toEqual([
    'Leaves as soon as there is a connection',
    'Sent; the broker has not confirmed it yet',
    '',
    'No worker of this task is there to take it',
    '',
    'No worker so far has its key',
    '',
    '',
    'plum went away; the job waits for another worker',
    '',
    'EIO; again in 9 s',
    'EIO',
    'enough',
    'took 3.2 s',
    '',
    'EIO',
    'a.b: is no number',
    '',
    '',
    'no outcome within 30 s',
    'missing: fig, pear',
    'nobody was there for sums.add',
  ])
})

test('"took" is the run that a worker measured, in the head as in a line; a timeout is told where it is not the default', () => {
  const result = { type: 'result' as const, output: 1, took_ms: 37 }
  const phase = { at: 'ended' as const, since: 1101, outcome: result }
  const known = (one: JobState) => factsOf(one, 5000).filter(([term]) => term !== 'Worker')
  const done = job({ phase, created_at: 1000, sent_at: 1050, timeout_ms: 3_600_000 })
  expect(lineOf(done, 5000)).toBe('took 37 ms')
  expect(known(done)).toEqual([
    ['Took', '37 ms', 'How long its worker ran it'],
    ['Ended after', '101 ms', 'From dispatch to outcome'],
  ])
  expect(known({ ...done, timeout_ms: 30_000, phase: { ...phase, outcome: { type: 'cancelled' } } })).toEqual([
    ['Ended after', '101 ms', 'From dispatch to outcome'],
    ['Timeout', '30 s'],
  ])
  expect(known({ ...done, phase: { at: 'running', since: 1060 }, sent_at: 2000 })).toEqual([['For', '3 s']])
  const broadcast = job({ mode: 'topic', timeout_ms: 60_000, phase: { at: 'sent', since: 0 } })
  expect(factsOf(broadcast, 5000).map(([term]) => term)).toEqual(['Workers', 'For'])
  expect(known({ ...done, attempt: 2, losses: 1 })).toContainEqual(['Tries', 'attempt 2 · 1 loss'])
})

test('a job names the worker that has it, a broadcast how many have answered', () => {
  expect(workersOf(job())).toBe('')
  const lost = { ...part, worker_id: 'w-1', name: 'plum', at: 'lost' as const }
  expect(workersOf(job({ workers: [lost, { ...part, worker_id: '0123456789', at: 'running' }] }))).toBe('0123456789')
  expect(workersOf(job({ workers: [lost] }))).toBe('plum')
  const expected = [
    { worker_id: 'w-1', name: 'plum', gone: false },
    { worker_id: 'w-2', name: 'fig', gone: true },
  ]
  const workers = [{ ...part, worker_id: 'w-1', at: 'ended' as const, outcome: { type: 'result' as const, output: 1 } }]
  const broadcast = job({ mode: 'topic', expected, workers })
  expect([workersOf(broadcast), percentOf(broadcast), missingOf(broadcast)]).toEqual(['1 of 2 workers', 50, ['fig']])
  const half = {
    ...part,
    worker_id: 'w-2',
    at: 'running' as const,
    progress: { v: 1, type: 'progress' as const, request_id: 'a', attempt: 1, percent: 50 },
  }
  expect(percentOf(job({ mode: 'topic', expected, workers: [...workers, half] }))).toBe(75)
  expect([workersOf(job({ mode: 'topic' })), percentOf(job({ mode: 'topic' }))]).toEqual(['every worker', undefined])
  expect(
    missingOf(ended({ type: 'timed_out', timeout_ms: 1, missing: ['pear'] }, { mode: 'topic', expected })),
  ).toEqual(['pear'])
})

test('attempts and losses are told when there is more than one', () => {
  expect([triesOf(job()), triesOf(job({ attempt: 3, losses: 2 }))]).toEqual(['', 'attempt 3 · 2 losses'])
})

test('a job whose worker went away is with nobody, so its old progress is no progress', () => {
  const running = { at: 'running' as const, since: 0 }
  const left = job({ phase: running, workers: [{ ...part, worker_id: 'w-1', at: 'gone' }] })
  const taken = { ...left, workers: [...left.workers, { ...part, worker_id: 'w-2', at: 'running' as const }] }
  expect([left, taken, { ...left, mode: 'topic' as const }].map(isGoing)).toEqual([false, true, true])
})

test('of a broadcast, the words of the first that failed, and who is missing', () => {
  const workers = ['plum', 'fig'].map(name => ({
    ...part,
    worker_id: `w-${name}`,
    name,
    at: 'ended' as const,
    outcome: { type: 'error' as const, error: { ...error, message: `no ${name}.jpg` } },
  }))
  const broadcast = ended({ type: 'answered', missing: ['pear'] }, { mode: 'topic', workers })
  expect(lineOf(broadcast, 0)).toBe('plum: no plum.jpg; missing: pear')
})
