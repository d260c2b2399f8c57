/**
 * Destinations as the embedded broker reads them: `/queue/a.b`, `/topic/a.b`, `/temp-queue/x`; names are parts with dots
 * between. In a subscription, and in a user's rights, `*` stands for one part and a last `>` for any number, none included.
 */
import { DroverError } from '../shared/contract/errors.ts'

export interface Destination {
  readonly kind: 'queue' | 'topic' | 'temp-queue'
  readonly name: string
  /** As it was written. */
  readonly text: string
  readonly hasWildcard: boolean
}

const shape = /^\/(queue|topic|temp-queue)\/([^\s,\0]{1,500})$/

/**
 * Reads a destination.
 * @throws {DroverError} `frame_invalid` for anything else, a list with commas included
 */
export function parseDestination(text: string): Destination {
  const found = shape.exec(text)
  if (!found) {
    throw new DroverError(
      'frame_invalid',
      `The destination "${text.slice(0, 200)}" is none; write /queue/name, /topic/name or /temp-queue/name, one only, without blanks`,
    )
  }
  const name = found[2]!
  const hasWildcard = /[*>]/.test(name)
  if (hasWildcard && !isPattern(name)) {
    throw new DroverError(
      'frame_invalid',
      `The destination "${text.slice(0, 200)}" misuses a wildcard; * is a whole part, and > the whole last part`,
    )
  }
  return { kind: found[1] as Destination['kind'], name, text, hasWildcard }
}

const isPattern = (name: string): boolean => {
  const parts = name.split('.')
  return parts.every((part, at) => part === '*' || (part === '>' && at === parts.length - 1) || !/[*>]/.test(part))
}

/**
 * Whether every name that `inner` stands for is one that `outer` stands for; `inner` may be a plain name.
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { covers } from 'drover/broker'
 * assert.equal(covers('myapp.>', 'myapp.tasks.*'), true)
 * assert.equal(covers('myapp.*', 'myapp.>'), false)
 * ```
 */
export function covers(outer: string, inner: string): boolean {
  const outerParts = outer.split('.')
  const innerParts = inner.split('.')
  for (const [at, part] of outerParts.entries()) {
    if (part === '>') return at <= innerParts.length
    const other = innerParts[at]
    if (other === undefined || other === '>') return false
    if (part !== '*' && part !== other) return false
  }
  return outerParts.length === innerParts.length
}
