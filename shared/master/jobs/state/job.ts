/** A job as its master knows it: plain data, stored as it is and shown as it is. Design sections 3 and 5. */
import type { OutcomeReply, Progress, Reply, WireError } from '../../../contract/mod.ts'
import type { SecretPath } from '../../../contract/secrets.ts'
import type { Outcome, OutcomeType, WorkerOutcome } from './outcome.ts'
import type { Ranges } from './seen.ts'

/** When a broadcast is done: with everyone on the roster, with that many outcomes, or at its timeout and not before. */
export type Until = 'everyone' | 'timeout' | { readonly count: number }

/** Where a job is. `since` and the other instants are ms since the epoch by this machine's clock, for people. */
export type Phase =
  /** Waits to be sent, or for its RECEIPT: `tried` when it may have left already. */
  | { readonly at: 'unsent'; readonly tried: boolean }
  /** With the broker; no worker has said anything yet. */
  | { readonly at: 'sent'; readonly since: number }
  | { readonly at: 'running'; readonly since: number }
  /** A run failed and the next has not begun. */
  | { readonly at: 'retrying'; readonly since: number; readonly error: WireError; readonly next_at?: number }
  /** `asked`: for so long that a worker that has the job would have said so. */
  | { readonly at: 'cancelling'; readonly since: number; readonly asked: boolean; readonly reason?: string }
  | { readonly at: 'ended'; readonly since: number; readonly outcome: Outcome }

/** One worker's part in a job: for a job to one worker, each that ran it; for a broadcast, each that answered. */
export interface WorkerPart {
  readonly worker_id: string
  readonly name?: string
  /**
   * `gone`: presence says that it is not there any more. `lost`: another worker took over the same attempt. `requeued`: it
   * stopped its run as it shut down, and gave the job back.
   */
  readonly at: 'running' | 'retrying' | 'requeued' | 'gone' | 'lost' | 'ended'
  readonly attempt: number
  /** By the id of a retry of the dead job, whose attempts start anew. */
  readonly retried?: string
  /** The run that it accepted last, with the losses that the job had by then. */
  readonly accepted?: { readonly attempt: number; readonly losses: number }
  /** That run is counted as lost. */
  readonly loss?: true
  /** The latest by attempt and `seq`. */
  readonly progress?: Progress
  readonly outcome?: WorkerOutcome
  /** The `seq` of the replies that were applied, by attempt. */
  readonly seen: Readonly<Record<number, Ranges>>
}

/** A member of the roster that a broadcast waits for. */
export interface Expected {
  readonly worker_id: string
  readonly name: string
  /** It went away without an outcome: missing, and no longer waited for. */
  readonly gone: boolean
}

/** A run was cut off: its worker is gone, or another took the job over. */
export interface Loss {
  readonly type: 'loss'
  readonly losses: number
  readonly at: number
}

/** News of the master's own about a job, between the replies. */
export type Notice =
  | Loss
  /** No worker of the task is there; `false` when one has come. */
  | { readonly type: 'unclaimed'; readonly unclaimed: boolean; readonly at: number }
  /** Why its `priority` may not count with this broker. */
  | { readonly type: 'priority'; readonly message: string; readonly at: number }
  /** Why it cannot be sealed yet, and waits. */
  | { readonly type: 'unsealed'; readonly message: string; readonly at: number }
  /** This reader was too slow, so that many log lines and partials were left out. */
  | { readonly type: 'missed'; readonly count: number; readonly at: number }

/** The news that a reader of the job is given, in time order. */
export type JobNews = Reply | Notice

/** A job's state, which `snapshot` shows. Each change makes a new one; parts that did not change are shared. */
export interface JobState {
  readonly request_id: string
  readonly task: string
  readonly mode: 'queue' | 'topic'
  /** With `••••••` in place of each secret. */
  readonly input: unknown
  /** Where these are, as keys from the whole input. */
  readonly secrets?: readonly SecretPath[]
  /** Input and replies travel sealed, and are stored so. */
  readonly sealed?: true
  /** The stored job as it was sealed, where it could not be opened. `input` is null then, and the replies are missing. */
  readonly unopened?: unknown
  /** From `created_at`, or from `starts_at`, to the outcome. */
  readonly timeout_ms: number
  /** No worker is to begin it before that instant, by this machine's clock. */
  readonly starts_at?: number
  /** How many runs may fail, where its sender said so. */
  readonly attempts?: number
  readonly priority?: number
  readonly traceparent?: string
  readonly tracestate?: string
  /** Its labels, for people. */
  readonly tags?: readonly string[]
  /** The name of the one worker that it is for. */
  readonly to?: string
  /** Of which its `request_id` was made. */
  readonly key?: string
  /** Of a broadcast. */
  readonly until?: Until
  readonly created_at: number
  readonly sent_at?: number
  /** The run of the broker that it was sent to, where that says so: another one has not got it. */
  readonly broker_run?: string
  /** It left more than once and may have arrived as often: two workers that run it need not mean that one was lost. */
  readonly resent?: true
  readonly phase: Phase
  /** 1 at first; one more for each run that failed. */
  readonly attempt: number
  /** Runs that were cut off. */
  readonly losses: number
  /** No worker of the task is there to take it. */
  readonly unclaimed: boolean
  /** The workers that have taken part, in the order in which they were first heard. */
  readonly workers: readonly WorkerPart[]
  /** The workers that a broadcast waits for; absent until the roster is known. */
  readonly expected?: readonly Expected[]
  /** The latest progress; of a broadcast, the latest of any worker. */
  readonly progress?: Progress
  /** In time order; of progress the latest of each worker, and of the rest the newest, as many as the host keeps. */
  readonly replies: readonly JobNews[]
  /** How many were let go of to keep `replies` short, apart from partials. */
  readonly dropped: number
  /** How many partials were, so that those that are left are not all of the result. */
  readonly dropped_partials?: number
  /** Outcomes that came after the one that counts. */
  readonly late: readonly OutcomeReply[]
}

/** A job's state in one word, as counts and filters have it. */
export type JobStatus = Exclude<Phase['at'], 'ended'> | OutcomeType

/** @returns the phase, or the outcome's type once there is one */
export function statusOf(state: JobState): JobStatus {
  return state.phase.at === 'ended' ? state.phase.outcome.type : state.phase.at
}

/** Whether somebody may have it. */
export const mayHaveLeft = ({ phase }: Pick<JobState, 'phase'>): boolean => phase.at !== 'unsent' || phase.tried

interface RepeatOptions {
  readonly timeoutMs: number
  readonly attempts: number | undefined
  readonly priority: number | undefined
  readonly tags: readonly string[] | undefined
  readonly to: string | undefined
  readonly until: Until | undefined
}

/** The fields that a new job is given. */
export type NewJob = Pick<JobState, 'request_id' | 'task' | 'mode' | 'input' | 'timeout_ms' | 'created_at'> & {
  readonly secrets?: readonly SecretPath[] | undefined
  readonly sealed?: true | undefined
  readonly starts_at?: number | undefined
  readonly attempts?: number | undefined
  readonly priority?: number | undefined
  readonly traceparent?: string | undefined
  readonly tracestate?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly to?: string | undefined
  readonly key?: string | undefined
  readonly until?: Until | undefined
}

/** The options to dispatch it again with, at once. */
export const optionsOf = ({ timeout_ms, attempts, priority, tags, to, until }: JobState): RepeatOptions => ({
  timeoutMs: timeout_ms,
  attempts,
  priority,
  tags,
  to,
  until,
})

export function newJobState(given: NewJob): JobState {
  const { secrets, sealed, starts_at, attempts, priority, traceparent, tracestate, tags, to, key, until, ...job } =
    given
  return {
    ...job,
    ...(starts_at === undefined ? {} : { starts_at }),
    ...(attempts === undefined ? {} : { attempts }),
    ...(secrets === undefined ? {} : { secrets }),
    ...(sealed === undefined ? {} : { sealed }),
    ...(priority === undefined ? {} : { priority }),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(tracestate === undefined ? {} : { tracestate }),
    ...(tags === undefined ? {} : { tags }),
    ...(to === undefined ? {} : { to }),
    ...(key === undefined ? {} : { key }),
    ...(job.mode === 'topic' ? { until: until ?? 'everyone' } : {}),
    phase: { at: 'unsent', tried: false },
    attempt: 1,
    losses: 0,
    unclaimed: false,
    workers: [],
    replies: [],
    dropped: 0,
    late: [],
  }
}
