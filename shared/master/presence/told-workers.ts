/**
 * Workers that a bridge tells of, by task. The bridge says when one of them is gone, so its silence means nothing
 * here. Design section 5.11.
 */

export class ToldWorkers {
  /** By the watched task, or `*`. */
  readonly #workers = new Map<string, Set<string>>()

  /** Whether a bridge tells of it. */
  isTold(watched: string): boolean {
    return this.#workers.has(watched)
  }

  /** A bridge tells of all its workers from here on. @returns those of before that nobody tells of, until it does */
  begin(watched: string): readonly string[] {
    const before = this.#workers.get(watched) ?? []
    this.#workers.set(watched, new Set())
    return this.#without(before)
  }

  add(watched: string, workerId: string): void {
    this.#workers.get(watched)?.add(workerId)
  }

  /** Nobody tells of it any more. */
  remove(workerId: string): void {
    for (const ids of this.#workers.values()) ids.delete(workerId)
  }

  has(workerId: string): boolean {
    for (const ids of this.#workers.values()) if (ids.has(workerId)) return true
    return false
  }

  /** Nobody tells of it any more. @returns its workers that nobody tells of otherwise */
  end(watched: string): readonly string[] {
    const before = this.#workers.get(watched) ?? []
    this.#workers.delete(watched)
    return this.#without(before)
  }

  /** The connection is gone. @returns all */
  clear(): readonly string[] {
    const all = new Set([...this.#workers.values()].flatMap(ids => [...ids]))
    this.#workers.clear()
    return [...all]
  }

  #without(ids: Iterable<string>): readonly string[] {
    return [...ids].filter(id => !this.has(id))
  }
}
