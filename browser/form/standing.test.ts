import { expect, test } from 'vitest'
import type { Grants } from '../../shared/contract/mod.ts'
import type { StompState } from '../../shared/stomp/mod.ts'
import { allowedModes, type Facts, standingOf } from './standing.ts'

const grants = (dispatch: string[], broadcast: string[] = []): Grants => ({
  ns: 'myapp',
  dispatch,
  broadcast,
  work: [],
  observe: [],
  workers: false,
  dead: false,
})
const open = { at: 'open', session: {} } as unknown as StompState
const away: StompState = { at: 'waiting', retryAt: 0, reason: new Error('gone') }
const task = 'image.thumbnail'
const usual: Facts = {
  task,
  wanted: 'queue',
  info: { task, known: true, workers: 2 },
  connection: open,
  isComing: false,
  grants: undefined,
}

test.each<[string, Partial<Facts>, boolean, RegExp | undefined]>([
  ['all is well', {}, true, undefined],
  ['the roster is not known yet', { info: { task, known: false, workers: 0 } }, true, undefined],
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

test('what the grants allow is said, and who would answer', () => {
  expect(allowedModes(task, grants(['*']))).toEqual(['queue'])
  expect(allowedModes(task, grants([], ['image.*']))).toEqual(['topic'])
  const limited = (grants: Grants | undefined) => standingOf({ ...usual, grants })
  expect(limited(grants([], ['*']))).toMatchObject({ mode: 'topic', limit: expect.stringMatching(/all workers only/) })
  expect(limited(grants(['*']))).toMatchObject({ mode: 'queue', limit: expect.stringMatching(/one worker only/) })
  expect(limited(undefined)).toMatchObject({ mode: 'queue', limit: undefined })
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

test.each<[string, Partial<Facts>, boolean]>([
  ['its workers are not heard yet', { info: undefined }, true],
  ['they are', {}, false],
  ['it is away', { info: undefined, connection: away }, false],
  ['no grant lets it be dispatched', { info: undefined, grants: grants([]) }, false],
  ['a master may come', { info: undefined, connection: undefined, isComing: true }, true],
  ['none will', { info: undefined, connection: undefined }, false],
])('whether a schema may yet be announced when %s', (_, difference, isPending) => {
  expect(standingOf({ ...usual, ...difference }).isPending).toBe(isPending)
})
