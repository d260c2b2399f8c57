/** Messages with `AMQ_SCHEDULED_DELAY`: a heap by due time, and one timer for its top. */
import type { Clock } from '../shared/clock.ts'
import type { Message } from './message.ts'

export interface Delayed {
  /** By the steady clock. */
  readonly dueAt: number
  readonly sequence: number
  /** Absent while only the store has it. */
  message: Message | undefined
  /** Its number in the store; 0 where it is not kept. */
  readonly row: number
  /** Where it goes. */
  readonly route: string
}

/** A message as it is given to wait, and given back. */
export type Waiting = Pick<Delayed, 'message' | 'row' | 'route'>

const isBefore = (a: Delayed, b: Delayed): boolean =>
  a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.sequence < b.sequence)

export class Delays {
  readonly #clock: Clock
  readonly #onDue: (due: Waiting) => void
  #heap: Delayed[] = []
  #sequence = 0
  #lookedAt = 0
  #stopTimer: (() => void) | undefined

  constructor(clock: Clock, onDue: (due: Waiting) => void) {
    this.#clock = clock
    this.#onDue = onDue
  }

  get length(): number {
    return this.#heap.length
  }

  /** @param delayMs from now on */
  add({ message, row, route }: Waiting, delayMs: number): void {
    const heap = this.#heap
    let at = heap.length
    heap.push({ dueAt: this.#clock.steady() + delayMs, sequence: this.#sequence++, message, row, route })
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(heap[at]!, heap[parent]!)) break
      this.#swap(at, parent)
      at = parent
    }
    if (at === 0) this.#arm()
    this.#letGo()
  }

  /** In no order. */
  values(): Iterable<Delayed> {
    return this.#heap
  }

  /** Takes out those of the routes for which it holds, as many as `most`, and gives them. */
  takeOut(isMeant: (route: string) => boolean, most: number = Number.POSITIVE_INFINITY): Delayed[] {
    const [kept, out]: [Delayed[], Delayed[]] = [[], []]
    for (const delayed of this.#heap) {
      if (out.length < most && isMeant(delayed.route)) out.push(delayed)
      else kept.push(delayed)
    }
    // A sorted list is a heap
    this.#heap = kept.sort((a, b) => (isBefore(a, b) ? -1 : 1))
    this.#arm()
    return out
  }

  /** Looks at the next two, each addition being one at the most: the store has all of a message whose bytes it alone has. */
  #letGo(): void {
    for (let looks = 0; looks < 2; looks++) {
      const delayed = this.#heap[this.#lookedAt++ % this.#heap.length]!
      if (delayed.row !== 0 && delayed.message?.content === undefined) delayed.message = undefined
    }
  }

  close(): void {
    this.#stopTimer?.()
    this.#heap.length = 0
  }

  #arm(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
    const first = this.#heap[0]
    if (first) this.#stopTimer = this.#clock.timer(Math.max(0, first.dueAt - this.#clock.steady()), () => this.#run())
  }

  #run(): void {
    const now = this.#clock.steady()
    while (this.#heap.length > 0 && this.#heap[0]!.dueAt <= now) {
      this.#onDue(this.#shift())
    }
    this.#arm()
  }

  #shift(): Delayed {
    const heap = this.#heap
    const first = heap[0]!
    const last = heap.pop()!
    if (heap.length > 0) {
      heap[0] = last
      for (let at = 0; ; ) {
        const left = at * 2 + 1
        const right = left + 1
        let least = at
        if (left < heap.length && isBefore(heap[left]!, heap[least]!)) least = left
        if (right < heap.length && isBefore(heap[right]!, heap[least]!)) least = right
        if (least === at) break
        this.#swap(at, least)
        at = least
      }
    }
    return first
  }

  #swap(a: number, b: number): void {
    const item = this.#heap[a]!
    this.#heap[a] = this.#heap[b]!
    this.#heap[b] = item
  }
}
