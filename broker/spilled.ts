/**
 * Messages of one queue and priority that wait far behind, in order. Of one that the store has, memory keeps numbers alone: 37 bytes.
 * One that is not written yet, or never is, is kept as it is until it is.
 */
import type { Entry } from './entry.ts'

const chunkLength = 1_024
const [rows, sequences, expiries, sizes] = [0, 1, 2, 3].map(n => n * chunkLength) as [number, number, number, number]

/** Numbers of so many messages: their row, sequence, expiry and bytes, each in an area of its own. */
class Chunk {
  readonly numbers = new Float64Array(4 * chunkLength)
  readonly payers = new Uint32Array(chunkLength)
  readonly marks = new Uint8Array(chunkLength)
}

const redelivered = 1
const gone = 2

export class Spilled {
  length = 0
  readonly #priority: number
  #chunks: Chunk[] = []
  // Places count on from the first message that was ever here; the first chunk begins at a multiple of its length
  #first = 0
  #end = 0
  #lastSequence = -1
  // Restored behind others that came later
  #late: Entry[] = []
  readonly #held = new Map<number, Entry>()
  #walk: Iterator<[number, Entry]> = this.#held.entries()
  #payers: string[] = []
  readonly #numbersOfPayers = new Map<string, number>()

  constructor(priority: number) {
    this.#priority = priority
  }

  push(entry: Entry): void {
    if (this.length === 0) this.#clear()
    const place = this.#end++
    if (place % chunkLength === 0) this.#chunks.push(new Chunk())
    const { numbers, payers, marks } = this.#chunks.at(-1)!
    const at = place % chunkLength
    numbers[rows + at] = entry.row
    numbers[sequences + at] = entry.sequence
    numbers[expiries + at] = entry.expiresAt
    numbers[sizes + at] = entry.bytes
    payers[at] = this.#numberOf(entry.payer)
    marks[at] = entry.isRedelivered ? redelivered : 0
    if (!isOnDisk(entry)) this.#held.set(place, entry)
    this.#lastSequence = entry.sequence
    this.length++
    this.#letGo()
  }

  shift(): Entry | undefined {
    while (this.#first < this.#end) {
      const entry = this.#take(this.#first)
      if (++this.#first % chunkLength === 0) this.#chunks.shift()
      if (entry) return entry
    }
    return undefined
  }

  /** Takes in one that an earlier process kept, in any order until `sorted`. */
  restore(entry: Entry): void {
    if (entry.sequence >= this.#lastSequence) this.push(entry)
    else this.#late.push(entry)
  }

  /** All in order. */
  sorted(): Spilled {
    if (this.#late.length === 0) return this
    const all = new Spilled(this.#priority)
    const late = this.#late.sort((a, b) => b.sequence - a.sequence)
    for (let next = this.shift(); next; next = this.shift()) {
      while (late.length > 0 && late.at(-1)!.sequence < next.sequence) all.push(late.pop()!)
      all.push(next)
    }
    return all
  }

  dropExpired(now: number, dropped: Entry[]): void {
    for (let place = this.#first; place < this.#end; place++) {
      if (this.#expiryAt(place) > now) continue
      const entry = this.#take(place)
      if (entry) dropped.push(entry)
    }
  }

  earliestExpiry(): number {
    let earliest = Number.POSITIVE_INFINITY
    for (let place = this.#first; place < this.#end; place++) {
      const expiresAt = this.#expiryAt(place)
      if (expiresAt < earliest && this.#chunkAt(place).marks[place % chunkLength] !== gone) earliest = expiresAt
    }
    return earliest
  }

  #expiryAt(place: number): number {
    return this.#chunkAt(place).numbers[expiries + (place % chunkLength)]!
  }

  #chunkAt(place: number): Chunk {
    return this.#chunks[Math.floor(place / chunkLength) - Math.floor(this.#first / chunkLength)]!
  }

  /** Takes one out of its place; `undefined` when it was before. */
  #take(place: number): Entry | undefined {
    const at = place % chunkLength
    const { numbers, payers, marks } = this.#chunkAt(place)
    if (marks[at] === gone) return undefined
    const isRedelivered = marks[at] === redelivered
    marks[at] = gone
    this.length--
    const held = this.#held.get(place)
    if (held) {
      this.#held.delete(place)
      return held
    }
    return {
      message: undefined,
      priority: this.#priority,
      expiresAt: numbers[expiries + at]!,
      bytes: numbers[sizes + at]!,
      payer: this.#payers[payers[at]!]!,
      sequence: numbers[sequences + at]!,
      isRedelivered,
      refusedBy: undefined,
      row: numbers[rows + at]!,
      changes: 0,
    }
  }

  /** Of those that are kept as they are, looks at the next two: each push makes one at the most. */
  #letGo(): void {
    for (let looks = 0; looks < 2 && this.#held.size > 0; looks++) {
      const { value, done } = this.#walk.next()
      if (done) this.#walk = this.#held.entries()
      else if (isOnDisk(value[1])) this.#held.delete(value[0])
    }
  }

  #numberOf(payer: string): number {
    const known = this.#numbersOfPayers.get(payer)
    if (known !== undefined) return known
    this.#numbersOfPayers.set(payer, this.#payers.length)
    return this.#payers.push(payer) - 1
  }

  #clear(): void {
    this.#chunks = []
    this.#first = 0
    this.#end = 0
    this.#lastSequence = -1
    this.#payers = []
    this.#numbersOfPayers.clear()
  }
}

/** Whether all of it can be read again. Who refused it is in memory alone, and no RECEIPT of before it is owed by then. */
const isOnDisk = ({ row, message, refusedBy }: Entry): boolean =>
  row !== 0 && message?.content === undefined && refusedBy === undefined
