/** The changes that the next write takes, each row's as they come to in the end. */
import type { Changes, KeptDurable, NewRow, RowState } from './port.ts'

export class Batch implements Changes {
  readonly added: Map<number, NewRow> = new Map()
  readonly moved: Map<number, RowState> = new Map()
  readonly removed: Set<number> = new Set()
  readonly durables: Map<string, KeptDurable | undefined> = new Map()
  /** Told once it is on disk, or why it is not. */
  readonly waiting: ((error: Error | undefined) => void)[] = []
  // Of a write that failed nobody knows that nothing of it is there
  readonly #maybeThere: ReadonlySet<number>

  /** @param failed the batch before, where it could not be written: this one has its changes too */
  constructor(failed?: Changes) {
    this.#maybeThere = new Set(failed?.added.keys())
    if (failed) this.follow(failed)
  }

  get isEmpty(): boolean {
    return this.added.size + this.moved.size + this.removed.size + this.durables.size === 0
  }

  add(one: NewRow): void {
    this.added.set(one.row, one)
  }

  move(row: number, state: RowState): void {
    const one = this.added.get(row)
    if (one) this.added.set(row, { ...one, ...state })
    else this.moved.set(row, state)
  }

  /** A row that was never written needs no removal. */
  remove(row: number): void {
    const isNew = this.added.delete(row) && !this.#maybeThere.has(row)
    this.moved.delete(row)
    if (!isNew) this.removed.add(row)
  }

  /** Takes in the changes that came later. */
  follow(later: Changes): void {
    for (const one of later.added.values()) this.add(one)
    for (const [row, state] of later.moved) this.move(row, state)
    for (const row of later.removed) this.remove(row)
    for (const [name, durable] of later.durables) this.durables.set(name, durable)
  }
}
