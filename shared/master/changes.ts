/** The changes that a master tells its listeners. */
import { callEach } from '../stomp/mod.ts'

/** Names the part that changed; ask the master how it is now. Many may come in one turn: merge them, by frame for instance. */
export type Change =
  | { readonly type: 'job'; readonly request_id: string }
  /** Workers, tasks, schemas or how many would answer. */
  | { readonly type: 'workers' }
  | { readonly type: 'connection' }
  | { readonly type: 'storage' }
  /** A message was counted among the discards. */
  | { readonly type: 'discards' }
  /** The keys that jobs are sealed to, or why there are none. */
  | { readonly type: 'seal' }

export class ChangeListeners {
  readonly #listeners = new Set<(change: Change) => void>()

  /** @returns how to stop */
  add(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  tell(change: Change): void {
    callEach(this.#listeners, change)
  }
}
