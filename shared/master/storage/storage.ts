/** A master keeps its jobs in this, as a port. Promise 1: a job is stored before it is sent, a reply before its ACK. */
import type { SealKey } from '../../seal/mod.ts'
import type { LetGo } from '../jobs/ended.ts'
import type { JobState } from '../jobs/state/job.ts'

/** The contents of a storage at the start. */
export interface Stored {
  /** The id that the master had, so that it reads the same reply queue again. */
  readonly master_id?: string
  /** In the order in which they were first put. */
  readonly jobs: readonly JobState[]
  /** How many were let go of before. */
  readonly let_go?: LetGo
  /** Entries that are no job that this version can go on with: they stay as they are, and stop nothing else. */
  readonly unread?: readonly Unread[]
}

/** An entry that could not be read. */
export interface Unread {
  /** Where it was found, such as `line 7 of /home/ada/jobs.log`. */
  readonly where: string
  /** Where that can be told: putting or removing this job replaces the entry. */
  readonly request_id?: string
  /** The fault, and the form that was expected. */
  readonly reason: string
}

/** The changes since the last write, each job at most once. */
export interface Changes {
  readonly master_id?: string
  readonly let_go?: LetGo
  readonly put: readonly JobState[]
  readonly remove: readonly string[]
}

/** A job that could not be stored, while the rest of the write was. */
export interface Unstored {
  readonly request_id: string
  readonly cause: unknown
}

/** Jobs are plain JSON data: a storage may clone or write them, and changes nothing in them. */
export interface JobStorage {
  /**
   * Called once, before anything else.
   * @throws {DroverError} `storage_failed` when the storage cannot be read at all: no part of it is guessed
   */
  load(): Promise<Stored>
  /**
   * Called again only when the call before has settled.
   * @returns resolves once the changes will survive as long as this storage is meant to, with the jobs that could not be
   * stored: each of them comes again by itself
   * @throws {DroverError} `storage_failed` when nothing could be stored; the same changes, or later ones, come again then
   */
  write(changes: Changes): Promise<readonly Unstored[]> | Promise<void>
  /**
   * A key (AES-KW) that cannot leave this storage and lasts as long as its jobs, by which they are sealed. Absent where there is
   * none such.
   * @returns the same each time; `undefined` where the browser keeps none
   * @throws {DroverError} `storage_failed`
   */
  storageKey?(): Promise<SealKey | undefined>
  /**
   * Lets go of all that is kept for this master, and, where the storage knows of owners, of all that other masters of the
   * same owner left. Nothing is written afterwards. Default: the jobs that this master knows are removed.
   * @throws {DroverError} `storage_failed`
   */
  erase?(): Promise<void>
  close(): Promise<void>
}
