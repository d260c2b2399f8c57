/** Which dead letters a command means. */
import type { DeadFilter } from 'drover/master'

export interface FilterOptions {
  task?: string
  error?: string
  olderThan?: number
  newerThan?: number
  limit?: string
  all?: boolean
}

export function filterOf(named: readonly string[], { task, error, olderThan, newerThan }: FilterOptions): DeadFilter {
  return {
    id: named.length === 0 ? undefined : named,
    task,
    error,
    olderThanMs: olderThan,
    newerThanMs: newerThan,
  }
}

/** Whether each letter is named, so that a person has seen it. */
export const isNarrow = (named: readonly string[], { all }: FilterOptions): boolean => named.length > 0 && all !== true
