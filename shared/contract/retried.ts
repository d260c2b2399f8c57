import { isObject, numberIn, textIn } from './json-values.ts'

/** A retry of a dead letter, as the job's body and each reply about it have it. */
export interface Retried {
  /** Names the letter that was sent again: two retries of one letter have the same. */
  readonly id: string
  /** ms since the epoch. */
  readonly at?: number | undefined
  /** Who asked for it. */
  readonly by?: string | undefined
  /** The attempt that a sealed body is still bound to. */
  readonly bound_attempt?: number | undefined
}

/** @returns `undefined` for anything else, such as the word of a program that means something of its own by it */
export function readRetried(json: unknown): Retried | undefined {
  if (!isObject(json)) return undefined
  const { id, at, by, bound_attempt } = json
  if (typeof id !== 'string' || id === '' || id.length > 100) return undefined
  return { id, at: numberIn(at), by: textIn(by, 200), bound_attempt: numberIn(bound_attempt) }
}
