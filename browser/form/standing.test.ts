import { expect, test } from 'vitest'
import type { Grants } from '../../shared/contract/mod.ts'
import type { StompState } from '../../shared/stomp/mod.ts'
import { allowedModes, answersOf, judge, limitWords, type Standing } from './standing.ts'

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
const usual: Standing = {
  task,
  mode: 'queue',
  info: { task, known: true, workers: 2 },
  connection: open,
  grants: undefined,
}

test.each<[string, Partial<Standing>, boolean, RegExp | undefined]>([
  ['all is well', {}, true, undefined],
  ['the roster is not known yet', { info: { task, known: false, workers: 0 } }, true, undefined],
  ['there is no master', { connection: undefined }, false, /has no connection/],
  ['it is closed', { connection: { at: 'closed' } }, false, /Sign in again/],
  ['it is away', { connection: away }, true, /will be sent when it is back/],
  ['no task is chosen', { task: undefined }, false, /Choose a task/],
  ['no grant', { grants: grants(['other.*']) }, false, /may not dispatch "image.thumbnail"/],
  ['a grant', { grants: grants(['image.*']) }, true, undefined],
  ['no worker for a queue', { info: { task, known: true, workers: 0 } }, true, /waits until one is started/],
  [
    'no worker for a broadcast',
    { mode: 'topic', info: { task, known: true, workers: 0 } },
    false,
    /nobody would answer/,
  ],
])('judge() when %s', (_, difference, canDispatch, text) => {
  const verdict = judge({ ...usual, ...difference })
  expect(verdict.canDispatch).toBe(canDispatch)
  if (text === undefined) expect(verdict.text).toBeUndefined()
  else expect(verdict.text).toMatch(text)
})

test('what the grants allow is said, and who would answer', () => {
  expect(allowedModes(task, grants(['*']))).toEqual(['queue'])
  expect(allowedModes(task, grants([], ['image.*']))).toEqual(['topic'])
  expect(limitWords(['topic'])).toMatch(/all workers only/)
  expect(limitWords(['queue'])).toMatch(/one worker only/)
  expect(limitWords(['queue', 'topic'])).toBeUndefined()
  expect([
    answersOf(usual.info, open),
    answersOf({ task, known: true, workers: 1 }, open),
    answersOf({ task, known: true, workers: 0 }, open),
    answersOf(undefined, open),
    answersOf(usual.info, away),
  ]).toEqual(['2 workers', '1 worker', 'no worker', 'looking for workers…', 'workers unknown while away'])
})
