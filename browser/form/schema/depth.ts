/** What is nested too deep for the stack to walk, which JSON of a few kilobytes can be. */

/** No schema that people wrote is nested as deep, counting every object and array in it. */
export const maxNesting = 100

/** @returns whether objects and arrays are nested in more than `levels` levels; also of what contains itself */
export function isDeeperThan(value: unknown, levels: number): boolean {
  let level: object[] = isHolder(value) ? [value] : []
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > levels) return true
    const next: object[] = []
    for (const one of level) for (const inner of Object.values(one)) if (isHolder(inner)) next.push(inner)
    // What is shared in many places is many things here: more than a schema has.
    if (next.length > 100_000) return true
    level = next
  }
  return false
}

const isHolder = (value: unknown): value is object => typeof value === 'object' && value !== null
