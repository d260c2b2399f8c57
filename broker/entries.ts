/** The messages of one queue that wait for a reader, in the order in which they are handed out. */
import { Deque } from './deque.ts'
import type { Entry } from './entry.ts'
import { Spilled } from './spilled.ts'

export interface Entries {
  readonly length: number
  /** The next one out: the highest priority, then the earliest. */
  readonly first: Entry | undefined
  push(entry: Entry): void
  shift(): Entry | undefined
  /** Of those that came before `sequence`, the next one out. */
  shiftBefore(sequence: number): Entry | undefined
  /** The one that came first. */
  readonly oldest: Entry | undefined
  /** The next ones out, which stay. */
  peek(most: number): Entry[]
  /** Puts entries back in the places that their sequence gives them. */
  putBack(entries: readonly Entry[]): void
  /** Takes in one that an earlier process kept; they may come in any order until `sort`. */
  restore(entry: Entry): void
  sort(): void
  /** Drops expired messages, and gives them. */
  dropExpired(now: number): Entry[]
  /** ms since the epoch; `Infinity` when nothing that waits expires */
  earliestExpiry(): number
}

/** So many at the front of each priority are there as they are; of those behind them only numbers, once the store has them. */
const headLength = 1_024

/** @param isKept whether a store has the messages as well, so that memory need not have them */
export function createEntries(isKept = false): Entries {
  const levels: (Level | undefined)[] = new Array(10)
  let length = 0
  const top = (): Level | undefined => {
    if (length === 0) return undefined
    for (let priority = 9; priority >= 0; priority--) {
      const level = levels[priority]
      if (level && level.length > 0) return level
    }
    return undefined
  }
  const levelOf = ({ priority }: Entry): Level => (levels[priority] ??= new Level(isKept, priority))
  return {
    get length() {
      return length
    },
    get first() {
      return top()?.first
    },
    push(entry) {
      levelOf(entry).push(entry)
      length++
    },
    shift() {
      const entry = top()?.shift()
      if (entry) length--
      return entry
    },
    shiftBefore(sequence) {
      const isMeant = (level: Level | undefined) => level?.first !== undefined && level.first.sequence < sequence
      const entry = levels.findLast(isMeant)?.shift()
      if (entry) length--
      return entry
    },
    get oldest() {
      let oldest: Entry | undefined
      for (const level of levels) {
        if (level?.first && level.first.sequence < (oldest?.sequence ?? Number.POSITIVE_INFINITY)) oldest = level.first
      }
      return oldest
    },
    peek(most) {
      const found: Entry[] = []
      for (const level of levels.toReversed()) {
        const taken: Entry[] = []
        for (let free = most - found.length; level && free > 0 && level.length > 0; free--) taken.push(level.shift()!)
        level?.putBack([...taken])
        found.push(...taken)
      }
      return found
    },
    putBack(entries) {
      const backByLevel = new Map<Level, Entry[]>()
      for (const entry of entries) {
        const level = levelOf(entry)
        const back = backByLevel.get(level)
        if (back) back.push(entry)
        else backByLevel.set(level, [entry])
      }
      for (const [level, back] of backByLevel) level.putBack(back)
      length += entries.length
    },
    restore(entry) {
      levelOf(entry).spilled.restore(entry)
      length++
    },
    sort() {
      for (const level of levels) if (level) level.spilled = level.spilled.sorted()
    },
    dropExpired(now) {
      const dropped: Entry[] = []
      for (const level of levels) level?.dropExpired(now, dropped)
      length -= dropped.length
      return dropped
    },
    earliestExpiry() {
      let earliest = Number.POSITIVE_INFINITY
      for (const level of levels) if (level) earliest = Math.min(earliest, level.earliestExpiry())
      return earliest
    },
  }
}

/** Those of one priority: a head, and behind it those of which memory has only numbers. */
class Level {
  readonly #head = new Deque<Entry>()
  spilled: Spilled
  readonly #isKept: boolean

  constructor(isKept: boolean, priority: number) {
    this.#isKept = isKept
    this.spilled = new Spilled(priority)
  }

  get length(): number {
    return this.#head.length + this.spilled.length
  }

  get first(): Entry | undefined {
    this.#fill()
    return this.#head.first
  }

  push(entry: Entry): void {
    const isBehind = this.#isKept && (this.spilled.length > 0 || this.#head.length >= headLength)
    if (isBehind) this.spilled.push(entry)
    else this.#head.push(entry)
  }

  shift(): Entry | undefined {
    this.#fill()
    return this.#head.shift()
  }

  /** Those that come back are earlier than all that are spilled, which came behind them. */
  putBack(back: Entry[]): void {
    const head = this.#head
    // Messages that were put back before can be earlier. One pass merges all, so that readers who leave in turn cost no square
    const latest = back.reduce((most, { sequence }) => Math.max(most, sequence), 0)
    while (head.first && head.first.sequence < latest) back.push(head.shift()!)
    back.sort((a, b) => b.sequence - a.sequence)
    for (const entry of back) head.unshift(entry)
  }

  dropExpired(now: number, dropped: Entry[]): void {
    this.#head.keep(entry => {
      if (entry.expiresAt > now) return true
      dropped.push(entry)
      return false
    })
    this.spilled.dropExpired(now, dropped)
  }

  earliestExpiry(): number {
    let earliest = this.spilled.earliestExpiry()
    for (const { expiresAt } of this.#head) if (expiresAt < earliest) earliest = expiresAt
    return earliest
  }

  #fill(): void {
    if (this.#head.length > 0) return
    const next = this.spilled.shift()
    if (next) this.#head.push(next)
  }
}
