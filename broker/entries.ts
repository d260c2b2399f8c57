/** The messages of one queue that wait for a reader, in the order in which they are handed out. */
import { Deque } from './deque.ts'
import type { Message } from './message.ts'
import { Spilled } from './spilled.ts'

/** A message's place in one queue. */
export interface Entry {
  /** Absent while only the store has it. */
  message: Message | undefined
  readonly priority: number
  /** ms since the epoch; `Infinity` for never */
  readonly expiresAt: number
  readonly bytes: number
  readonly payer: string
  /** Order of arrival in the queue. */
  sequence: number
  isRedelivered: boolean
  /** The last reader to NACK it, which is only compared: it is offered to others first. */
  refusedBy: object | undefined
  /** Its number in the store; 0 where it is not kept. */
  row: number
  /** Of a reply, how many changes the store had when it came; else 0. */
  readonly changes: number
}

/** One whose message is in memory. */
export type LoadedEntry = Entry & { readonly message: Message }

export interface Entries {
  readonly length: number
  /** The next one out: the highest priority, then the earliest. */
  readonly first: Entry | undefined
  push(entry: Entry): void
  shift(): Entry | undefined
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

/** @param isKept whether a store has what waits here, so that memory needs not */
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

  /** All that was handed out is earlier than what is spilled, which came behind it. */
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
