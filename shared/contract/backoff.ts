/** How long a task waits between a run that failed and its next attempt. */
import { DroverError } from './errors.ts'
import type { WireError } from './reply.ts'

/**
 * A rule for the wait: `fixed` is the same each time, `exponential` doubles with each attempt.
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import * as z from 'zod'
 * import { type BackoffRule, defineTask } from 'drover/contract'
 * const backoff: BackoffRule = { type: 'exponential', delayMs: 500, maxMs: 3_000, jitter: 0.5 }
 * const send = defineTask('letters.send', { input: z.string(), attempts: 5, backoff })
 * assert.equal(send.backoff, backoff)
 * ```
 */
export interface BackoffRule {
  readonly type: 'fixed' | 'exponential'
  /** The wait after the first attempt. */
  readonly delayMs: number
  /** The longest wait of `exponential`. Default 60 000, or `delayMs` where that is more. */
  readonly maxMs?: number | undefined
  /** Which part of the wait is left to chance, from 0 to 1: with 0.5 it is between half of it and all. Default 0. */
  readonly jitter?: number | undefined
}

/** From the attempt that failed and its error to ms. Where it throws, or gives no number from 0, the wait is the default. */
export type BackoffFunction = (attempt: number, error: WireError) => number

export type TaskBackoff = BackoffRule | BackoffFunction

const ordinary: BackoffRule = { type: 'exponential', delayMs: 1_000 }
const longestMs = 60_000

/**
 * The wait of a rule. Pure.
 * @param rule absent means the default: 1 s, doubling, at most 60 s
 * @param attempt that failed, from 1
 * @param random from 0 up to, not including, 1
 * @returns whole ms
 */
export function retryWaitMs(rule: BackoffRule = ordinary, attempt: number, random: () => number): number {
  const { type, delayMs, maxMs = Math.max(longestMs, delayMs), jitter = 0 } = rule
  // Past 2^1023 it is no number that could be compared
  const whole = type === 'fixed' ? delayMs : Math.min(maxMs, delayMs * 2 ** Math.min(attempt - 1, 50))
  return Math.round(jitter > 0 ? whole * (1 - jitter * random()) : whole)
}

/**
 * Checks the `backoff` of a task.
 * @throws {DroverError} `task_invalid`
 */
export function checkBackoff(task: string, backoff: TaskBackoff | undefined): void {
  if (backoff === undefined || typeof backoff === 'function') return
  const fail = (what: string, value: unknown, expected: string): never => {
    const found = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value)
    throw new DroverError('task_invalid', `Task "${task}": ${what} is ${found.slice(0, 100)}; expected ${expected}`)
  }
  if (typeof backoff !== 'object' || backoff === null) {
    fail('backoff', backoff, "{ type: 'fixed' | 'exponential', delayMs, … } or a function")
  }
  const { type, delayMs, maxMs, jitter } = backoff
  if (type !== 'fixed' && type !== 'exponential') fail('backoff.type', type, "'fixed' or 'exponential'")
  if (!isWhole(delayMs)) fail('backoff.delayMs', delayMs, 'a whole number from 0')
  if (maxMs !== undefined && !(isWhole(maxMs) && maxMs >= delayMs)) {
    fail('backoff.maxMs', maxMs, `a whole number from ${delayMs}, its delayMs`)
  }
  if (jitter !== undefined && !(typeof jitter === 'number' && jitter >= 0 && jitter <= 1)) {
    fail('backoff.jitter', jitter, 'a number from 0 to 1')
  }
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
