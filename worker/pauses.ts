/** The tasks that this worker takes no jobs of for now, since an operator said so. They are known as long as its process lives. */
export class Pauses {
  readonly #tasks = new Set<string>()

  has(task: string): boolean {
    return this.#tasks.has(task)
  }

  /** @returns whether that is a change */
  set(task: string, isPaused: boolean): boolean {
    if (this.has(task) === isPaused) return false
    if (isPaused) this.#tasks.add(task)
    else this.#tasks.delete(task)
    return true
  }
}
