/** Choices that look random and that a seed repeats: when a storm fails, its seed plays it again. */
export interface Random {
  /** A whole number, both ends included. */
  whole(from: number, to: number): number
  pick<T>(all: readonly T[]): T
}

/** @param seed any whole number */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const whole = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1))
  return { whole, pick: all => all[whole(0, all.length - 1)]! }
}
