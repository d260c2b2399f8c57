/** The name that a misspelled one was meant to be. */

/**
 * Finds the nearest of some names. Blanks between words count for nothing: `maxSessions` and `max-sessions` are `max_sessions`.
 * @returns `undefined` where more than a third of it would have to change
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * assert.equal(nearestName('prot', ['host', 'port']), 'port')
 * ```
 */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  if (given.length > 100) return undefined
  const wrong = plain(given)
  const [best] = names
    .map(name => ({ name, steps: steps(wrong, plain(name)) }))
    .sort((one, other) => one.steps - other.steps)
  return best !== undefined && best.steps <= Math.max(wrong.length, best.name.length) / 3 ? best.name : undefined
}

const plain = (name: string): string => name.replace(/[_-]/g, '').toLowerCase()

/** How many letters to insert, leave out, change or swap with their neighbour. */
function steps(one: string, other: string): number {
  let before: number[] = []
  let above = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let row = 1; row <= one.length; row++) {
    const here = [row]
    for (let at = 1; at <= other.length; at++) {
      const isSame = one[row - 1] === other[at - 1]
      const isSwapped = row > 1 && at > 1 && one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1]
      here[at] = Math.min(
        above[at]! + 1,
        here[at - 1]! + 1,
        above[at - 1]! + (isSame ? 0 : 1),
        isSwapped ? before[at - 2]! + 1 : Number.POSITIVE_INFINITY,
      )
    }
    before = above
    above = here
  }
  return above[other.length]!
}
