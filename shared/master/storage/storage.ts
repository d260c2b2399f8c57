/** What a master keeps its jobs in, as a port. Promise 1: a job is stored before it is sent, a reply before its ACK. */
import type { JobState } from '../state/job.ts'

/** What was found at the start. */
export interface Stored {
  /** Who the master was, so that it reads the same reply queue again. */
  readonly master_id?: string
  /** In the order in which they were first put. */
  readonly jobs: readonly JobState[]
}

/** What happened since the last write, each job at most once. */
export interface Changes {
  readonly master_id?: string
  readonly put: readonly JobState[]
  readonly remove: readonly string[]
}

/** Jobs are plain JSON data: a storage may clone or write them, and changes nothing in them. */
export interface JobStorage {
  /**
   * Called once, before anything else.
   * @throws {DroverError} `storage_failed` when what is there cannot be read: nothing is guessed around
   */
  load(): Promise<Stored>
  /**
   * Called again only when the call before has settled.
   * @returns resolves once the changes survive whatever this storage is meant to survive
   * @throws {DroverError} `storage_failed`; the same changes, or later ones, come again then
   */
  write(changes: Changes): Promise<void>
  close(): Promise<void>
}
