/**
 * Every deadline of a master on one timer: ten thousand open jobs cost one `setTimeout`, and a reply that does not end
 * its job does not touch it. A binary heap; an entry that is taken out stays in it as a hole until it comes up or holes prevail.
 */

import { type Clock, longestTimerMs } from '../clock.ts'
import { callApart } from '../stomp/mod.ts'

interface Entry {
  readonly key: string
  readonly at: number
  fire: (() => void) | undefined
}

/** A timer that comes so much later than asked for tells that this side stood still: asleep, frozen, or very busy. */
const stoodStillMs = 1000

export class Timeouts {
  readonly #clock: Clock
  readonly #onStoodStill: () => void
  readonly #heap: Entry[] = []
  readonly #live = new Map<string, Entry>()
  #stop: (() => void) | undefined
  /** Whether the latest turn began with `onStoodStill`. */
  #isTold = false
  #armedFor = Number.POSITIVE_INFINITY

  /** @param onStoodStill told before anything that came due meanwhile, and may set that anew */
  constructor(clock: Clock, onStoodStill: () => void = () => {}) {
    this.#clock = clock
    this.#onStoodStill = onStoodStill
  }

  get size(): number {
    return this.#live.size
  }

  /** Calls `fire` after `ms`, in place of an earlier deadline of `key`. */
  set(key: string, ms: number, fire: () => void): void {
    this.delete(key)
    const entry: Entry = { key, at: this.#clock.steady() + ms, fire }
    this.#live.set(key, entry)
    this.#push(entry)
    this.#arm()
  }

  has(key: string): boolean {
    return this.#live.has(key)
  }

  /** ms until `key` is due; `undefined` when it has no deadline. */
  remaining(key: string): number | undefined {
    const entry = this.#live.get(key)
    return entry === undefined ? undefined : Math.max(0, entry.at - this.#clock.steady())
  }

  delete(key: string): void {
    const entry = this.#live.get(key)
    if (entry === undefined) return
    entry.fire = undefined
    this.#live.delete(key)
    if (this.#heap.length > 64 && this.#heap.length > this.#live.size * 2) this.#compact()
  }

  /** Stops the timer and forgets every deadline. */
  clear(): void {
    this.#live.clear()
    this.#heap.length = 0
    this.#disarm()
  }

  #arm(): void {
    while (this.#heap[0] !== undefined && this.#heap[0].fire === undefined) this.#pop()
    const first = this.#heap[0]
    if (first?.at === this.#armedFor) return
    this.#disarm()
    if (first === undefined) return
    this.#armedFor = first.at
    // Later deadlines are looked at again then
    const ms = Math.min(longestTimerMs, Math.max(0, Math.ceil(first.at - this.#clock.steady())))
    this.#stop = this.#clock.timer(ms, () => this.#due())
  }

  #disarm(): void {
    this.#stop?.()
    this.#stop = undefined
    this.#armedFor = Number.POSITIVE_INFINITY
  }

  #due(): void {
    const now = this.#clock.steady()
    const lateMs = now - this.#armedFor
    this.#disarm()
    // A hidden page's timers are late twice in a row, and messages between them were read: else nothing would ever be due.
    this.#isTold = lateMs > stoodStillMs && !this.#isTold
    if (this.#isTold) callApart(this.#onStoodStill)
    // Collected first: a deadline that `fire` sets for now waits for the next turn, so that this loop ends.
    const due: Entry[] = []
    while (this.#heap[0] !== undefined && (this.#heap[0].fire === undefined || this.#heap[0].at <= now)) {
      const entry = this.#pop()
      if (entry.fire !== undefined) due.push(entry)
    }
    for (const entry of due) {
      const { fire } = entry
      if (fire === undefined) continue
      entry.fire = undefined
      this.#live.delete(entry.key)
      callApart(fire)
    }
    this.#arm()
  }

  #compact(): void {
    const live = this.#heap.filter(entry => entry.fire !== undefined)
    this.#heap.length = 0
    for (const entry of live) this.#push(entry)
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let i = heap.length
    heap.push(entry)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (heap[parent]!.at <= entry.at) break
      heap[i] = heap[parent]!
      i = parent
    }
    heap[i] = entry
  }

  #pop(): Entry {
    const heap = this.#heap
    const top = heap[0]!
    const last = heap.pop()!
    if (heap.length === 0) return top
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++
      if (heap[child]!.at >= last.at) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = last
    return top
  }
}
