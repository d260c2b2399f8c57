import { expect, test } from 'vitest'
import { DroverError, type ErrorCode } from '../../shared/contract/errors.ts'
import { noGrants } from '../../shared/contract/grants.ts'
import { classic } from '../../shared/stomp/dialects/classic.ts'
import type { StompState } from '../../shared/stomp/mod.ts'
import { needsSignIn, sentenceOf } from './sentences.ts'

const now = 1_000_000
const waiting = (code: ErrorCode, message: string, cause?: Error): StompState => ({
  at: 'waiting',
  retryAt: now + 4_000,
  reason: new DroverError(code, message, { cause }),
})
const closed = (code: ErrorCode, message: string): StompState => ({
  at: 'closed',
  reason: new DroverError(code, message),
})
const tell = (connection: StompState, outboxSize = 0, storageProblem?: Error) =>
  sentenceOf({ connection, outboxSize, storageProblem, now })

test('a lost bridge and a lost broker are told apart, with the time and the waiting jobs', () => {
  expect(tell(waiting('connection_lost', 'ws://x closed the connection'), 3)).toEqual({
    tone: 'warning',
    text: 'The bridge does not answer. Nothing is lost: jobs wait until it is back.',
    detail: 'reconnecting in 4 s; 3 jobs wait to be sent',
  })
  expect(tell(waiting('broker_unreachable', 'The broker did not answer CONNECT within 5 ms'), 1)).toMatchObject({
    text: 'The bridge has lost its broker. Nothing is lost: jobs wait until it is back.',
    detail: 'reconnecting in 4 s; 1 job waits to be sent',
  })
})

test('a site that the bridge does not list is told the option that allows it, and a file to be served', () => {
  const connection = waiting('connection_lost', 'ws://x closed the connection')
  const refused = (refusedOrigin: string) =>
    sentenceOf({ connection, outboxSize: 1, storageProblem: undefined, refusedOrigin, now })
  expect(refused('https://shop.example')).toEqual({
    tone: 'warning',
    text: 'The bridge takes no connection from this site: its operator has to start it with --origin https://shop.example',
    detail: 'reconnecting in 4 s; 1 job waits to be sent',
  })
  expect(refused('null')?.text).toMatch(/serve this page over HTTP, .*allow-same-origin/)
})

test('a token function that fails says why, and whether signing in helps', () => {
  const refused = new DroverError('not_authenticated', 'You are not signed in, or your sign-in has ended')
  const state = waiting('not_authenticated', 'Cannot connect: the token function failed: …', refused)
  expect(tell(state)?.text).toBe('You are not signed in, or your sign-in has ended. Sign in again to go on.')
  expect(needsSignIn(state)).toBe(true)
  const away = waiting(
    'not_authenticated',
    '…',
    new DroverError('broker_unreachable', 'The address that gives tokens does not answer'),
  )
  expect(tell(away)?.text).toBe('The address that gives tokens does not answer. Nothing is lost.')
  expect(needsSignIn(away)).toBe(false)
  const strange = waiting('not_authenticated', '…', new TypeError('x is not a function'))
  expect(tell(strange)?.text).toBe('No token could be had: x is not a function.')
})

test('an end says how to go on', () => {
  expect(tell(closed('session_replaced', '…'))?.text).toContain('Another tab took over')
  expect(tell(closed('not_authenticated', 'The token is refused: it has expired'))?.text).toBe(
    'The token is refused: it has expired. Sign in again to go on.',
  )
  expect(tell(closed('forbidden', 'SUBSCRIBE to "/queue/x" is not granted'))?.text).toContain('may not read replies')
  expect(tell(closed('broker_error', 'No!'))).toEqual({ tone: 'danger', text: 'No! Reload the page to try again.' })
  expect(tell({ at: 'closed' })).toBeUndefined()
})

test('an open connection is silent, unless nothing is granted or nothing stored', () => {
  const session = { dialect: classic, owner: 'foo', namespace: 'myapp', bridged: true }
  expect(tell({ at: 'open', session })).toBeUndefined()
  expect(tell({ at: 'open', session: { ...session, grants: { ...noGrants, dispatch: ['*'] } } })).toBeUndefined()
  expect(tell({ at: 'open', session: { ...session, grants: noGrants } })?.text).toContain('may dispatch no task')
  const told = (isMemoryOnly: boolean, message: string) =>
    sentenceOf({
      connection: { at: 'open', session },
      outboxSize: 0,
      storageProblem: new Error(message),
      isMemoryOnly,
      now,
    })
  expect(told(true, 'denied')?.text).toMatch(/^Jobs will not survive a reload of this page, .*\(denied\)$/)
  // One job that cannot be read, or has no room, says nothing of the others.
  expect(told(false, 'Cannot read job x')).toEqual({ tone: 'warning', text: 'Cannot read job x.' })
})
