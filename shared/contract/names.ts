/** Task names and identifiers: the only parts of a destination that come from users, so their alphabet is closed. */
import * as z from 'zod/mini'
import { DroverError } from './errors.ts'

/** Dot-separated parts of `[a-z0-9_-]+`, at most 200 characters. */
export const TaskName: z.ZodMiniType<string> = z
  .string()
  .check(
    z.maxLength(200),
    z.regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/, 'expected parts of a-z, 0-9, _ and - with dots between'),
  )

/** A job's identity. UUIDs of any version, as other languages make them. */
export const RequestId: z.ZodMiniType<string> = z
  .string()
  .check(z.regex(/^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/, 'expected a UUID'))

/** Whether two UUIDs are the same: some languages write them in capitals, also those that they read in small letters. */
export function isSameId(one: string, other: string): boolean {
  return one === other || one.toLowerCase() === other.toLowerCase()
}

/** A UUID as others may have written it, for who looks for it among such: RFC 9562, section 4. */
export const spellingsOf = (id: string): readonly string[] => [id, id.toLowerCase(), id.toUpperCase()]

/**
 * Gives back a task name that may stand in a destination.
 * @throws {DroverError} `task_invalid`
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { checkTaskName } from 'drover/contract'
 * assert.equal(checkTaskName('image.thumbnail'), 'image.thumbnail')
 * assert.throws(() => checkTaskName('image.>'), { code: 'task_invalid' })
 * ```
 */
export function checkTaskName(name: string): string {
  if (TaskName.safeParse(name).success) return name
  throw new DroverError(
    'task_invalid',
    `"${name.slice(0, 200)}" is not a task name: expected at most 200 characters, parts of a-z, 0-9, _ and - with dots between, such as "image.thumbnail"`,
  )
}

/**
 * Whether a grant's pattern covers a task: an exact name, a prefix ending in `.*`, or `*`.
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { patternCovers } from 'drover/contract'
 * assert.ok(patternCovers('image.*', 'image.thumbnail'))
 * assert.ok(!patternCovers('image.*', 'image'))
 * ```
 */
export function patternCovers(pattern: string, task: string): boolean {
  if (pattern === '*') return true
  return pattern.endsWith('.*')
    ? task.startsWith(pattern.slice(0, -1)) && task.length > pattern.length - 1
    : pattern === task
}
