/** The dead letters of a namespace, as operators see them. docs/failed-jobs.md. */
import type { HistoryEntry } from '../../contract/history.ts'
import type { Retried } from '../../contract/retried.ts'

/** A message in the dead queue: a job that was given up, or anything else that came there. */
export interface DeadLetter {
  /** Names it: a UUID of its content, the same for each reader. Letters with the same content are one, with `copies`. */
  readonly id: string
  /** How often it stands there. */
  readonly copies: number
  /** Absent where it is no job. */
  readonly request_id?: string | undefined
  readonly task?: string | undefined
  /** Why it was given up. */
  readonly error?: { readonly code: string; readonly message: string } | undefined
  /** When, ms since the epoch, by the clock of the worker. */
  readonly at?: number | undefined
  readonly worker_id?: string | undefined
  readonly attempt?: number | undefined
  readonly losses?: number | undefined
  /** Its failed runs, losses and retries, the oldest first; empty where an older version gave it up. */
  readonly history: readonly HistoryEntry[]
  /** The retry that it died of. */
  readonly retried?: Retried | undefined
  /** Who dispatched it, where a bridge says so. */
  readonly sender?: string | undefined
  readonly reply_to?: string | undefined
  readonly timeout_ms?: number | undefined
  /** The name of the worker that it is for, where it is for one. */
  readonly to?: string | undefined
  /** Absent where it is sealed, was too large to be kept, or is no job. */
  readonly input?: unknown
  readonly sealed: boolean
  /** When its seal ends, ms since the epoch: no worker opens it later. */
  readonly sealed_until?: number | undefined
  /** Why it cannot be sent again; absent where it can. */
  readonly problem?: string | undefined
  /** The message as it is. */
  readonly body: string
}

/** Which letters are meant: those that fit each of these. */
export interface DeadFilter {
  /** A `request_id` or a letter's own id, or several. */
  readonly id?: string | readonly string[] | undefined
  /** A task, `prefix.*` or `*`; letters that are no job have none. */
  readonly task?: string | undefined
  /** The code of the error, or a part of its message. */
  readonly error?: string | undefined
  /** Given up at least so long ago, in ms. One that does not say when is older than anything. */
  readonly olderThanMs?: number | undefined
  /** Given up at most so long ago, in ms. */
  readonly newerThanMs?: number | undefined
}

export interface DeadList {
  /** The oldest first, at most `limit`. */
  readonly letters: readonly DeadLetter[]
  /** How many fit the filter. */
  readonly matched: number
  /** How many were seen in all. */
  readonly total: number
  /** The broker showed no more: there may be others behind these. */
  readonly isCut: boolean
}

export interface DeadListOptions {
  /** Default 100. */
  readonly limit?: number | undefined
}

export interface DropOptions {
  /** So many at most, the oldest first. Default 100. */
  readonly limit?: number | undefined
}

export interface RetryOptions extends DropOptions {
  /** Who asks, as its history and the replies say it. Default: the owner of the session. Behind a bridge that says it. */
  readonly by?: string | undefined
  /** How long each may take from now. Default: the timeout that the job had. */
  readonly timeoutMs?: number | undefined
  /** Where the outcome goes, in place of where the letter says; not through a bridge. */
  readonly replyTo?: string | undefined
  /** Told of each before it is sent. */
  readonly onSend?: ((letter: DeadLetter) => void) | undefined
}

export interface DeadResult {
  /** Those that were sent again, or dropped. */
  readonly done: readonly DeadLetter[]
  /** Those that stay, with why. */
  readonly left: readonly { readonly letter: DeadLetter; readonly why: string }[]
  /** How many fit the filter and are beyond `limit`. */
  readonly beyond: number
  /** As of `DeadList`. */
  readonly isCut: boolean
}

/**
 * The dead letters. Each call reads the queue by a connection of its own, and gives back all that it does not take, so that
 * reading loses none.
 * While one reads, others may see none of them (only Classic can be looked at without taking anything).
 */
export interface DeadLetters {
  /** @throws {DroverError} `forbidden` without the grant `dead`; as the connection fails */
  list(filter?: DeadFilter, options?: DeadListOptions): Promise<DeadList>
  /** @returns `undefined` where there is none of that id @throws as `list` */
  show(id: string): Promise<DeadLetter | undefined>
  /**
   * Sends jobs again under their `request_id`, with attempts and losses counted anew, and takes their letters off the queue, in one
   * transaction each. All letters of one job are one retry.
   * @throws {DroverError} as `list`; `forbidden` without `operate`, `unsupported` where the bridge is older
   */
  retry(filter: DeadFilter, options?: RetryOptions): Promise<DeadResult>
  /** Takes letters off the queue for good. @throws as `list` */
  drop(filter: DeadFilter, options?: DropOptions): Promise<DeadResult>
}
