/**
 * The RECEIPTs of one connection that wait for the disk. A worker is handed a job before it is on disk, so its reply may be there
 * before the job is. A master that heard it would take the job for kept, and a loss of power would take job and reply away. So a
 * reply goes to no connection that is still owed a RECEIPT of before it.
 */
export class Awaited {
  /** The one that the connection's newest change to the store is in; 0 for none. */
  lastBatch = 0
  /** How many for each batch, the oldest first, and when the first of them came: by the count of changes. */
  readonly #batches = new Map<number, { count: number; readonly since: number }>()
  #isHolding = false

  add(batch: number, changes: number): void {
    const others = this.#batches.get(batch)
    if (others) others.count++
    else this.#batches.set(batch, { count: 1, since: changes })
  }

  /**
   * One of them was answered.
   * @returns whether it was the last of its batch, and messages were held back
   */
  answered(batch: number): boolean {
    const others = this.#batches.get(batch)
    if (others && --others.count > 0) return false
    this.#batches.delete(batch)
    const wasHolding = this.#isHolding
    this.#isHolding = false
    return wasHolding
  }

  /** @param changes how many there were when the message came */
  mayHear(changes: number): boolean {
    const oldest = this.#batches.values().next()
    if (oldest.done || oldest.value.since > changes) return true
    this.#isHolding = true
    return false
  }
}
