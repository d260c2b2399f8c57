/** A refusal over one of the bridge's limits. It knows which one, so that it can be counted by it. */
import { DroverError, type ErrorCode } from '../shared/contract/errors.ts'
import type { Limits } from './limits.ts'

export class LimitReached extends DroverError {
  readonly limit: keyof Limits

  constructor(limit: keyof Limits, code: ErrorCode, message: string) {
    super(code, message)
    this.limit = limit
  }
}

/** A limit's name in a file of settings and in metrics: `maxOwnerSessions` is `max_owner_sessions`. */
export const settingOf = (limit: string): string => limit.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)

/** The part of an event that says which limit was reached. */
export const limitIn = (error: DroverError): { readonly limit?: string } =>
  error instanceof LimitReached ? { limit: settingOf(error.limit) } : {}
