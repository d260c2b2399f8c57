/** Which dead letters a command means. */
import type { DeadFilter, DeadLetter } from 'drover/master'

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

/** The ids that were named, and none of these letters has. */
export function namedInVain(
  named: readonly string[],
  found: readonly Pick<DeadLetter, 'id' | 'request_id'>[],
): readonly string[] {
  const ids = new Set(found.flatMap(({ id, request_id }) => [id, request_id?.toLowerCase()]))
  return named.filter(one => !ids.has(one.toLowerCase()))
}
