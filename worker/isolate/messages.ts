/** The messages between a worker and its children: values that a structured clone copies. Both are of one version. */
import type { TraceContext } from '../../shared/tracing/port.ts'
import type { Stopped } from '../held-job.ts'
import type { RunEnd } from '../run/attempt.ts'
import type { ReplyFields } from '../settle/replies.ts'

/** How large a reply's payload may be now, in characters of JSON, and the setting that bounds it. */
export interface PayloadLimit {
  readonly maxCharacters: number
  readonly why?: string | undefined
}

/** `run` numbers the runs of one child, from 1. */
export type ToChild =
  | { readonly is: 'load'; readonly module: string; readonly survivesUncaughtErrors: boolean }
  | {
      readonly is: 'run'
      readonly run: number
      readonly task: string
      readonly request_id: string
      readonly attempt: number
      readonly losses: number
      readonly tags?: readonly string[] | undefined
      readonly trace?: TraceContext | undefined
      readonly input: unknown
      readonly limit: PayloadLimit
    }
  | { readonly is: 'stop'; readonly run: number; readonly stopped: Stopped }
  /** The broker has taken all replies so far. */
  | { readonly is: 'drained'; readonly run: number; readonly limit: PayloadLimit }
  /** It is to end by itself. */
  | { readonly is: 'close' }

export type FromChild =
  | { readonly is: 'loaded'; readonly tasks: readonly string[] }
  | { readonly is: 'unloadable'; readonly reason: string }
  | { readonly is: 'begun'; readonly run: number }
  | { readonly is: 'reply'; readonly run: number; readonly fields: ReplyFields }
  | { readonly is: 'drain'; readonly run: number }
  | { readonly is: 'problem'; readonly run: number; readonly message: string; readonly error?: string | undefined }
  /** Thrown where nobody waits for it. */
  | { readonly is: 'uncaught'; readonly message: string; readonly stack?: string | undefined }
  | { readonly is: 'end'; readonly run: number; readonly end: RunEnd }

/** Reasons to stop a run, as numbers for the flag that code sees which does not yield. 0 is none. */
const numbers: Readonly<Record<Stopped['why'], number>> = {
  cancelled: 1,
  timed_out: 2,
  shutdown: 3,
  held_too_long: 4,
  paused: 5,
}
const reasons = new Map(Object.entries(numbers).map(([why, number]) => [number, why as Stopped['why']]))

/** The number of a reason to stop. */
export const stopNumber = (why: Stopped['why']): number => numbers[why]

/** @returns the reason of a number, `undefined` of 0 */
export const reasonOf = (number: number): Stopped['why'] | undefined => reasons.get(number)

/** A message as it travels: a task's code may send others by the same channel. */
export const wrapped = <T extends ToChild | FromChild>(message: T): { readonly drover: T } => ({ drover: message })

/** @returns the message, `undefined` where the value is none of ours */
export function unwrapped<T extends ToChild | FromChild>(value: unknown): T | undefined {
  const message = ownOf(value, 'drover')
  return typeof ownOf(message, 'is') === 'string' ? (message as T) : undefined
}

/** The code of a task may have given fields to all objects. */
function ownOf(value: unknown, field: string): unknown {
  const isObject = typeof value === 'object' && value !== null
  return isObject && Object.hasOwn(value, field) ? (value as Record<string, unknown>)[field] : undefined
}
