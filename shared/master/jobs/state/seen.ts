/**
 * Which `seq` of a worker's attempt were applied, as ranges: a reply is applied once (promise 3), and the memory
 * of that stays small, no matter which numbers a worker sends.
 */

/** Ascending, disjoint, not adjacent; both ends belong to it. */
export type Ranges = readonly (readonly [number, number])[]

/** Past this many ranges the two lowest become one: a reply between them would no longer be applied. */
const maxRanges = 64

export function hasSeen(ranges: Ranges, seq: number): boolean {
  for (let i = ranges.length - 1; i >= 0; i--) {
    const [from, to] = ranges[i]!
    if (seq > to) return false
    if (seq >= from) return true
  }
  return false
}

/** `ranges` with `seq` in it. Constant time for replies that come in order. */
export function see(ranges: Ranges, seq: number): Ranges {
  let i = ranges.length
  while (i > 0 && ranges[i - 1]![0] > seq) i--
  // ranges[i - 1] begins at or before seq, ranges[i] after it.
  const before = ranges[i - 1]
  if (before !== undefined && seq <= before[1]) return ranges
  const after = ranges[i]
  const joinsBefore = before !== undefined && before[1] === seq - 1
  const joinsAfter = after !== undefined && after[0] === seq + 1
  const joined = [joinsBefore ? before[0] : seq, joinsAfter ? after[1] : seq] as const
  const next = [...ranges.slice(0, joinsBefore ? i - 1 : i), joined, ...ranges.slice(joinsAfter ? i + 1 : i)]
  return next.length <= maxRanges ? next : [[next[0]![0], next[1]![1]], ...next.slice(2)]
}
