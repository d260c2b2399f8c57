/**
 * How deep a job may be nested to be kept. Cloning and writing JSON call themselves once a level, so that a value some
 * thousand levels deep fails in one place and not in another; this bound is the same in all of them.
 */
import { isDeeperThan } from '../../contract/nesting.ts'

/** Messages are read up to half of that. */
export const maxDepth = 200

/** Parts of jobs that were looked at: a state shares its unchanged parts with the one before. */
const flat = new WeakSet<object>()

export function isTooDeep(job: object): boolean {
  for (const value of Object.values(job)) {
    for (const part of Array.isArray(value) ? value : [value]) {
      if (typeof part !== 'object' || part === null || flat.has(part)) continue
      if (isDeeperThan(part, maxDepth - 1)) return true
      flat.add(part)
    }
  }
  return false
}
