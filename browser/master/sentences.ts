/** The sentence that tells a person of a connection: its state, and how to go on or that nothing is to be done. */
import { DroverError } from '../../shared/contract/errors.ts'
import type { StompState } from '../../shared/stomp/mod.ts'
import { count, type Tone, wholeSeconds } from '../look/mod.ts'

/** How things stand, as far as a sentence depends on it. */
export interface Standing {
  readonly connection: StompState
  /** Jobs that wait to be sent, or for the broker's RECEIPT. */
  readonly outboxSize: number
  /** Why jobs are not kept, or cannot be stored at present. */
  readonly storageProblem: Error | undefined
  /** Whether that is so until the page is reloaded. */
  readonly isMemoryOnly?: boolean
  /** Whether the browser keeps no key for sealed jobs. */
  readonly isSealUnkept?: boolean | undefined
  /** Of this page, where the bridge takes no connection from it. */
  readonly refusedOrigin?: string | undefined
  /** This machine's clock, ms. */
  readonly now: number
}

export interface Sentence {
  readonly tone: Tone
  /** Does not change while the situation is the same, so that it is announced once. */
  readonly text: string
  /** The part that counts down or up meanwhile: seen, and not announced. */
  readonly detail?: string | undefined
}

/** @returns nothing while all is well */
export function sentenceOf({
  connection,
  outboxSize,
  storageProblem,
  isMemoryOnly = false,
  isSealUnkept = false,
  refusedOrigin,
  now,
}: Standing): Sentence | undefined {
  switch (connection.at) {
    case 'connecting':
      return { tone: 'neutral', text: 'Connecting…', detail: waitingJobs(outboxSize) }
    case 'waiting': {
      const inMs = connection.retryAt - now
      const when = inMs > 500 ? `reconnecting in ${wholeSeconds(inMs)}` : 'reconnecting'
      return {
        tone: 'warning',
        text: refusedOrigin === undefined ? whyAway(connection.reason) : whyRefused(refusedOrigin),
        detail: [when, waitingJobs(outboxSize)].filter(Boolean).join('; '),
      }
    }
    case 'closed':
      return connection.reason === undefined || isDisposed(connection.reason)
        ? undefined
        : { tone: 'danger', text: whyClosed(connection.reason), detail: waitingJobs(outboxSize) }
    case 'open': {
      if (storageProblem !== undefined) {
        return { tone: 'warning', text: isMemoryOnly ? whyNotStored(storageProblem) : ended(storageProblem.message) }
      }
      if (isSealUnkept) return { tone: 'warning', text: sealUnkept }
      const { grants } = connection.session
      if (grants !== undefined && grants.dispatch.length + grants.broadcast.length === 0) {
        return {
          tone: 'warning',
          text: 'This sign-in may dispatch no task: ask the operator of the bridge for a "dispatch" or "broadcast" grant.',
        }
      }
      return undefined
    }
  }
}

/** Whether signing in again helps. */
export function needsSignIn(connection: StompState): boolean {
  if (connection.at !== 'waiting' && connection.at !== 'closed') return false
  const { reason } = connection
  if (reason === undefined) return false
  const { code } = behind(reason)
  return code === 'not_authenticated'
}

/** Whether nothing is known but that there is no connection. */
export const isOfNetwork = (reason: Error): boolean =>
  reason instanceof DroverError && (reason.code === 'broker_unreachable' || reason.code === 'connection_lost')

/** Told by `createMaster` when a host disposed of it: it knows. */
const isDisposed = (reason: Error): boolean => reason instanceof DroverError && reason.code === 'closed'

/** A token function's failure is told as one of the connection's; the failure itself is its cause. */
function behind(reason: Error): { code: string; message: string; isOfToken: boolean } {
  const { cause } = reason
  if (reason instanceof DroverError && reason.code === 'not_authenticated' && cause instanceof Error) {
    const code = cause instanceof DroverError ? cause.code : 'unknown'
    return { code, message: cause.message, isOfToken: true }
  }
  const code = reason instanceof DroverError ? reason.code : 'unknown'
  return { code, message: reason.message, isOfToken: false }
}

function whyAway(reason: Error): string {
  const { code, message, isOfToken } = behind(reason)
  switch (code) {
    case 'not_authenticated':
      return isOfToken
        ? `${ended(message)} Sign in again to go on.`
        : 'The bridge does not accept this sign-in any more; a new token is asked for.'
    case 'broker_unreachable':
    case 'connection_lost':
      if (isOfToken) return `${ended(message)} Nothing is lost.`
      return /^The broker\b/.test(message)
        ? 'The bridge has lost its broker. Nothing is lost: jobs wait until it is back.'
        : 'The bridge does not answer. Nothing is lost: jobs wait until it is back.'
    case 'timed_out':
      return 'The bridge was too slow to answer. Nothing is lost.'
    case 'slow_reader':
      return 'This page fell behind its messages. Nothing is lost.'
    case 'queue_full':
    case 'too_many_attempts':
    case 'closed':
      return ended(message)
    default:
      return isOfToken ? `No token could be had: ${ended(message)}` : ended(message)
  }
}

/** Pages of files, and those that are kept apart, have the origin `null`, which no bridge lists. */
function whyRefused(origin: string): string {
  return origin === 'null'
    ? 'The bridge takes no page without an origin, as those of files and sandboxed frames: serve this page over HTTP, its frame with allow-same-origin.'
    : `The bridge takes no connection from this site: its operator has to start it with --origin ${origin}`
}

function whyClosed(reason: Error): string {
  const { code, message } = behind(reason)
  switch (code) {
    case 'not_authenticated':
      return `${ended(message)} Sign in again to go on.`
    case 'session_replaced':
      return 'Another tab took over from this one. Go on there, or reload this page to take over again.'
    case 'forbidden':
      return `This sign-in may not read replies, so nothing can be dispatched: ${ended(message)}`
    case 'storage_failed':
      return `${ended(message)} Nothing can be dispatched; allow this site to store data, then reload the page.`
    default:
      return `${ended(message)} Reload the page to try again.`
  }
}

function whyNotStored(problem: Error): string {
  return `Jobs will not survive a reload of this page, because the browser stores nothing for it. Allow this site to store data, then reload. (${problem.message})`
}

const sealUnkept =
  'This browser keeps no key for sealed jobs: after a reload of this page they show as sealed, without input and results.'

const waitingJobs = (n: number): string | undefined =>
  n === 0 ? undefined : `${count(n, 'job waits', 'jobs wait')} to be sent`
const ended = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`)
