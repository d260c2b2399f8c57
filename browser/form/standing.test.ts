import { expect, test } from 'vitest'
import { type Grants, noGrants } from '../../shared/contract/grants.ts'
import type { StompState } from '../../shared/stomp/mod.ts'
import { allowedModes, type Facts, standingOf } from './standing.ts'

const grants = (dispatch: string[], broadcast: string[] = []): Grants => ({ ...noGrants, dispatch, broadcast })
const open = { at: 'open', session: {} } as unknown as StompState
const away: StompState = { at: 'waiting', retryAt: 0, reason: new Error('gone') }
const task = 'image.thumbnail'
const usual: Facts = {
  task,
  wanted: 'queue',
  info: { task, known: true, workers: 2 },
  connection: open,
  isComing: false,
  seal: undefined,
  grants: undefined,
  isFilled: true,
  takesJson: false,
}

test.each<[string, Partial<Facts>, boolean, RegExp | undefined]>([
  ['all is well', {}, true, undefined],
  ['the roster is not known yet', { info: { task, known: false, workers: 0 } }, true, undefined],
  ['sealed jobs alone', { info: { task, known: true, workers: 1, sealed: 'required' } }, false, /sealed jobs only/],
  [
    'sealed jobs alone, and there are keys',
    {
      info: { task, known: true, workers: 1, sealed: 'required' },
      seal: { recipients: [], problem: undefined, isUnkept: false },
    },
    true,
    undefined,
  ],
  ['there is no master', { connection: undefined }, false, /has no connection/],
  ['a master may come', { connection: undefined, isComing: true }, false, undefined],
  ['it is closed', { connection: { at: 'closed' } }, false, /Sign in again/],
  ['it is away', { connection: away }, true, /will be sent when it is back/],
  ['no task is chosen', { task: undefined }, false, /Choose a task/],
  ['no grant', { grants: grants(['other.*']) }, false, /may not dispatch "image.thumbnail"/],
  ['a grant', { grants: grants(['image.*']) }, true, undefined],
  ['no worker for a queue', { info: { task, known: true, workers: 0 } }, true, /waits until one is started/],
  [
    'no worker for a broadcast',
    { wanted: 'topic', info: { task, known: true, workers: 0 } },
    false,
    /nobody would answer/,
  ],
])('standingOf() when %s', (_, difference, canDispatch, text) => {
  const verdict = standingOf({ ...usual, ...difference })
  expect(verdict.canDispatch).toBe(canDispatch)
  if (text === undefined) expect(verdict.text).toBeUndefined()
  else expect(verdict.text).toMatch(text)
})

test('a person is told of the grants, and of who would answer', () => {
  expect(allowedModes(task, grants(['*']))).toEqual(['queue'])
  expect(allowedModes(task, grants([], ['image.*']))).toEqual(['topic'])
  const modeOf = (grants: Grants | undefined) => standingOf({ ...usual, grants }).mode
  expect([modeOf(grants([], ['*'])), modeOf(grants(['*'])), modeOf(undefined)]).toEqual(['topic', 'queue', 'queue'])
  const answers = (difference: Partial<Facts>) => standingOf({ ...usual, ...difference }).answers
  expect([
    answers({}),
    answers({ info: { task, known: true, workers: 1 } }),
    answers({ info: { task, known: true, workers: 0 } }),
    answers({ info: undefined }),
    answers({ connection: away }),
    answers({ connection: undefined }),
  ]).toEqual(['2 workers', '1 worker', 'no worker', 'looking for workers…', 'workers unknown while away', '…'])
})

test.each<[string, Partial<Facts>, boolean, boolean, RegExp | undefined]>([
  ['its workers are not heard yet', { info: undefined }, true, false, /^Looking for workers/],
  ['they are', {}, false, false, undefined],
  ['nobody is there', { info: { task, known: true, workers: 0 } }, true, true, /start one, and its form shows/],
  [
    'nobody is there, and JSON is asked for',
    { info: { task, known: true, workers: 0 }, takesJson: true },
    false,
    false,
    /waits until one is started/,
  ],
  ['it is away', { connection: away }, true, false, /^The form shows once there is a connection/],
  ['it is away, and JSON is asked for', { connection: away, takesJson: true }, true, false, /once there is a conn/],
  ['no grant lets it be dispatched', { grants: grants([]) }, true, false, /may not dispatch/],
  ['a master may come', { connection: undefined, isComing: true }, true, false, undefined],
  ['none will', { connection: undefined }, true, false, /has no connection/],
])('without a schema, the wait when %s', (_, difference, isPending, offersJson, text) => {
  const standing = standingOf({ ...usual, isFilled: false, ...difference })
  expect([standing.isPending, standing.offersJson]).toEqual([isPending, offersJson])
  if (isPending) expect(standing.canDispatch).toBe(false)
  if (text === undefined) expect(standing.text).toBeUndefined()
  else expect(standing.text).toMatch(text)
})
