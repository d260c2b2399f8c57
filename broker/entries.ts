/** The messages of one queue that wait for a reader, in the order in which they are handed out. */
import { Deque } from './deque.ts'
import type { Message } from './message.ts'

/** A message's place in one queue. */
export interface Entry {
  readonly message: Message
  /** Order of arrival in the queue. */
  sequence: number
  isRedelivered: boolean
  /** The last reader to NACK it, which is only compared: it is offered to others first. */
  refusedBy: object | undefined
  /** Its number in the store; 0 where it is not kept. */
  row: number
}

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
  /** In the order in which they are handed out. */
  values(): Iterable<Entry>
  /** Puts entries back in the places that their sequence gives them. */
  putBack(entries: readonly Entry[]): void
  /** Drops expired messages, and gives them. */
  dropExpired(now: number): Entry[]
  /** ms since the epoch; `Infinity` when nothing that waits expires */
  earliestExpiry(): number
}

export function createEntries(): Entries {
  const levels: (Deque<Entry> | undefined)[] = new Array(10)
  let length = 0
  const top = (): Deque<Entry> | undefined => {
    if (length === 0) return undefined
    for (let priority = 9; priority >= 0; priority--) {
      const level = levels[priority]
      if (level && level.length > 0) return level
    }
    return undefined
  }
  const levelOf = (entry: Entry): Deque<Entry> => (levels[entry.message.priority] ??= new Deque())
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
      const isMeant = (level: Deque<Entry> | undefined) => level?.first !== undefined && level.first.sequence < sequence
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
    *values() {
      for (const level of levels.toReversed()) yield* level ?? []
    },
    putBack(entries) {
      const backByLevel = new Map<Deque<Entry>, Entry[]>()
      for (const entry of entries) {
        const level = levelOf(entry)
        const back = backByLevel.get(level)
        if (back) back.push(entry)
        else backByLevel.set(level, [entry])
      }
      for (const [level, back] of backByLevel) {
        // Messages that were put back before can be earlier. One pass merges all, so that readers who leave in turn cost no square
        const latest = back.reduce((most, { sequence }) => Math.max(most, sequence), 0)
        const merged = back
        while (level.first && level.first.sequence < latest) merged.push(level.shift()!)
        merged.sort((a, b) => b.sequence - a.sequence)
        for (const entry of merged) level.unshift(entry)
      }
      length += entries.length
    },
    dropExpired(now) {
      const dropped: Entry[] = []
      for (const level of levels) {
        level?.keep(entry => {
          if (entry.message.expiresAt > now) return true
          dropped.push(entry)
          return false
        })
      }
      length -= dropped.length
      return dropped
    },
    earliestExpiry() {
      let earliest = Number.POSITIVE_INFINITY
      for (const level of levels) {
        for (const { message } of level ?? []) if (message.expiresAt < earliest) earliest = message.expiresAt
      }
      return earliest
    },
  }
}
