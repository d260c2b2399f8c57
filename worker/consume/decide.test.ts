import { expect, test } from 'vitest'
import type { Job } from '../../shared/contract/mod.ts'
import { fakeEndedJob } from '../testing.ts'
import { type Decision, decide, type Situation } from './decide.ts'

const requestId = '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11'
const job: Job = { v: 1, request_id: requestId, task: 'a', input: 1, attempt: 1, losses: 0 }
const ended = fakeEndedJob({ request_id: requestId, body: '{}', untilAt: 9e9, answers: [] })
const read = { is: 'job', requestId, job, replyTo: '/queue/myapp.reply', deadlineAt: 2_000 } as const
const issues = [{ path: 'v', message: 'newer' }]
const invalid = { is: 'invalid', requestId, replyTo: '/queue/myapp.reply', issues, deadlineAt: 2_000 } as const
const unanswerable = { is: 'unanswerable', requestId: undefined, reason: 'nobody' } as const
const fresh: Situation = {
  read,
  mode: 'queue',
  isRedelivered: false,
  ended: undefined,
  isHere: false,
  cancelled: undefined,
  now: 1_000,
  isDraining: false,
  isPaused: false,
  isUnopenable: false,
  isBesideDoubt: false,
  maxLosses: 3,
}
const everything: Partial<Situation> = {
  isRedelivered: true,
  ended,
  isHere: true,
  cancelled: { reason: 'enough' },
  now: 3_000,
  isDraining: true,
}
const passedOn = { ...read, job: { ...job, losses: 2, alone: 0, handed_back: true } }
const handedBack = { ...read, job: { ...job, handed_back: true } }
const lost = (losses: number, alone?: number) => ({
  ...read,
  job: { ...job, losses, ...(alone === undefined ? {} : { alone }) },
})

const waits = (own: Partial<Job> = {}) => ({ ...read, job: { ...job, wait_ms: 500, ...own } })

// Each row lacks the fact that decided the row before it: the order is the promise.
const table: [string, Partial<Situation>, Decision][] = [
  ["another sender's", { ...everything, whyNotShared: 'taken' }, { to: 'refuse', reason: 'taken' }],
  ['ended here', everything, { to: 'repeat_outcome', ended }],
  ['running here', { ...everything, ended: undefined }, { to: 'take_over_ack' }],
  ['cancelled, expired too', { ...everything, ended: undefined, isHere: false }, { to: 'cancel', reason: 'enough' }],
  [
    'expired',
    { ...everything, ended: undefined, isHere: false, cancelled: undefined },
    { to: 'cancel', reason: 'timed out' },
  ],
  ['expired at this very ms', { now: 2_000 }, { to: 'cancel', reason: 'timed out' }],
  ['redelivered, draining too', { isRedelivered: true, isDraining: true }, { to: 'republish_lost', losses: 1 }],
  [
    'redelivered by a worker that shut down',
    { isRedelivered: true, isDraining: true, read: handedBack },
    { to: 'republish_unmarked' },
  ],
  ['handed back by one', { read: handedBack }, { to: 'run' }],
  ['lost for the second time', { isRedelivered: true, read: lost(1) }, { to: 'republish_lost', losses: 2, alone: 0 }],
  [
    'lost often, as an older worker counts',
    { isRedelivered: true, read: lost(3) },
    { to: 'republish_lost', losses: 4, alone: 0 },
  ],
  [
    'lost while it was to run by itself',
    { isRedelivered: true, read: lost(3, 1) },
    { to: 'republish_lost', losses: 4, alone: 2 },
  ],
  ['lost so for the third time', { isRedelivered: true, read: lost(4, 2) }, { to: 'bury_lost', losses: 5, alone: 3 }],
  [
    'lost so where one such loss is allowed',
    { isRedelivered: true, read: lost(2, 0), maxLosses: 1 },
    { to: 'bury_lost', losses: 3, alone: 1 },
  ],
  ['to run by itself', { read: lost(2, 0) }, { to: 'run_alone' }],
  ['to run by itself, beside a doubt', { read: lost(2, 0), isBesideDoubt: true }, { to: 'pass_on', isAgain: false }],
  ['to run by itself, draining too', { read: lost(2, 0), isBesideDoubt: true, isDraining: true }, { to: 'requeue' }],
  ['passed on, and may not begin', { read: passedOn }, { to: 'republish_unmarked' }],
  ['passed on, lost so', { read: passedOn, isRedelivered: true }, { to: 'republish_unmarked' }],
  ['passed on, beside a doubt again', { read: passedOn, isBesideDoubt: true }, { to: 'pass_on', isAgain: true }],
  ['lost once', { read: lost(1), isBesideDoubt: true }, { to: 'run' }],
  ['lost where no loss is allowed', { isRedelivered: true, maxLosses: 0 }, { to: 'bury_lost', losses: 1 }],
  ['draining', { isDraining: true }, { to: 'requeue' }],
  ['not to begin yet', { read: waits() }, { to: 'rest' }],
  ['not to begin yet, redelivered', { read: waits(), isRedelivered: true, maxLosses: 0 }, { to: 'rest' }],
  ['not to begin yet, draining too', { read: waits(), isRedelivered: true, isDraining: true }, { to: 'rest' }],
  ['not to begin yet, and by itself then', { read: waits({ losses: 2, alone: 0 }) }, { to: 'rest' }],
  ['not to begin yet, and cancelled', { read: waits(), cancelled: { reason: 'no' } }, { to: 'cancel', reason: 'no' }],
  ['not to wait', { read: waits({ wait_ms: 0 }), isRedelivered: true }, { to: 'republish_lost', losses: 1 }],
  ['a broadcast that is not to begin yet', { read: waits(), mode: 'topic' }, { to: 'run' }],
  ['new', {}, { to: 'run' }],
  ['new broadcast', { mode: 'topic' }, { to: 'run' }],
  ['broadcast that says redelivered', { mode: 'topic', isRedelivered: true }, { to: 'run' }],
  ['broadcast, draining', { mode: 'topic', isDraining: true }, { to: 'drop', reason: 'This worker is shutting down' }],
  ['broadcast sent twice', { mode: 'topic', isHere: true }, { to: 'take_over_ack' }],
  ['invalid', { read: invalid }, { to: 'reject', issues }],
  ['invalid, redelivered', { read: invalid, isRedelivered: true }, { to: 'reject', issues }],
  ['invalid, ended here', { read: invalid, ended }, { to: 'repeat_outcome', ended }],
  ['unanswerable', { ...everything, read: unanswerable }, { to: 'bury', reason: 'nobody' }],
  ['unanswerable broadcast', { read: unanswerable, mode: 'topic' }, { to: 'drop', reason: 'nobody' }],
]

test.for(table)('decide() on a job that is %s', ([, situation, decision]) => {
  expect(decide({ ...fresh, ...situation })).toEqual(decision)
})
