/** Errors as they travel. User code may throw anything at all, and looking at it must not throw again. */
import type { WireError } from '../../shared/contract/mod.ts'

const maxMessageCharacters = 4_000

/**
 * Turns anything that was thrown into the error that a master gets: never a stack or a cause.
 * @param thrown anything: an error, a string, `undefined`, an object whose getters throw
 * @returns `retryable` unless the error says `retryable: false`
 */
export function toWireError(thrown: unknown): WireError {
  return {
    name: text(thrown, 'name') ?? 'Error',
    code: text(thrown, 'code') ?? 'task_failed',
    message: (text(thrown, 'message') ?? say(thrown)).slice(0, maxMessageCharacters),
    retryable: read(thrown, 'retryable') !== false,
  }
}

function text(thrown: unknown, field: string): string | undefined {
  const value = read(thrown, field)
  return typeof value === 'string' && value !== '' ? value.slice(0, maxMessageCharacters) : undefined
}

function read(thrown: unknown, field: string): unknown {
  if (typeof thrown !== 'object' || thrown === null) return undefined
  try {
    return (thrown as Record<string, unknown>)[field]
  } catch {
    return undefined
  }
}

function say(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown
  // An object without a message is not shown: it may hold a stack, or anything else.
  const isObject = (typeof thrown === 'object' && thrown !== null) || typeof thrown === 'function'
  return `The task threw ${isObject ? 'something that is not an error' : String(thrown)}`
}
