/** A double-ended queue on a ring: both ends cost the same however long it is, which `Array.shift` does not promise. */
export class Deque<T> {
  #ring: (T | undefined)[] = []
  #first = 0
  #length = 0

  constructor(items: readonly T[] = []) {
    this.#fill(items)
  }

  get length(): number {
    return this.#length
  }

  get first(): T | undefined {
    return this.#length > 0 ? this.#ring[this.#first] : undefined
  }

  push(item: T): void {
    if (this.#length === this.#ring.length) this.#resize(this.#length * 2)
    this.#ring[(this.#first + this.#length++) & (this.#ring.length - 1)] = item
  }

  unshift(item: T): void {
    if (this.#length === this.#ring.length) this.#resize(this.#length * 2)
    this.#first = (this.#first - 1) & (this.#ring.length - 1)
    this.#ring[this.#first] = item
    this.#length++
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined
    const item = this.#ring[this.#first]
    this.#ring[this.#first] = undefined
    this.#first = (this.#first + 1) & (this.#ring.length - 1)
    this.#length--
    // A burst's memory goes back once it is over
    if (this.#ring.length > 1024 && this.#length < this.#ring.length / 8) this.#resize(this.#ring.length / 2)
    return item
  }

  *[Symbol.iterator](): Generator<T> {
    for (let at = 0; at < this.#length; at++) yield this.#ring[(this.#first + at) & (this.#ring.length - 1)]!
  }

  /** Keeps, in order, the items for which `isKept` holds. */
  keep(isKept: (item: T) => boolean): void {
    this.#fill([...this].filter(isKept))
  }

  #fill(items: readonly T[]): void {
    this.#ring = new Array(Math.max(16, 2 ** Math.ceil(Math.log2(items.length + 1))))
    this.#first = 0
    this.#length = items.length
    for (const [at, item] of items.entries()) this.#ring[at] = item
  }

  #resize(capacity: number): void {
    const ring = new Array<T | undefined>(capacity)
    for (let at = 0; at < this.#length; at++) ring[at] = this.#ring[(this.#first + at) & (this.#ring.length - 1)]
    this.#ring = ring
    this.#first = 0
  }
}
