/// <reference lib="esnext.disposable" preserve="true" />
/** The master as its users see it. Design section 8. */
import type { Clock } from '../clock.ts'
import type { StompState } from '../stomp/mod.ts'
import type { Change } from './changes.ts'
import type { DeadLetters } from './dead/api.ts'
import type { BroadcastOptions, JobOptions } from './dispatch/dispatcher.ts'
import type { InputFor, OutputFor, TaskRef } from './dispatch/task-ref.ts'
import type { BroadcastHandle } from './jobs/broadcast-handle.ts'
import type { LetGo } from './jobs/ended.ts'
import type { JobHandle } from './jobs/job-handle.ts'
import type { JobCounts } from './jobs/job-index.ts'
import type { JobState } from './jobs/state/job.ts'
import type { MasterOptions } from './options.ts'
import type { PauseOptions } from './presence/pausing.ts'
import type { TaskInfo } from './presence/task-roster.ts'
import type { WorkerInfo } from './presence/worker-info.ts'
import type { Discards } from './replies/discards.ts'

/** @typeParam Tasks an array, object or module of tasks, by whose names `run` and the others know their types */
export interface Master<Tasks = unknown> extends AsyncDisposable {
  /**
   * Has one worker run a task.
   * @param task a task, or its name; from a task with an output schema, the output is parsed
   * @returns the output
   * @throws {JobError} when the job ends otherwise
   * @throws {DroverError} `input_invalid`, `config_invalid`, `task_invalid`, `closed` before anything is sent
   */
  run<const Ref extends TaskRef<Tasks>>(
    task: Ref,
    input: InputFor<Tasks, Ref>,
    options?: JobOptions,
  ): Promise<OutputFor<Tasks, Ref>>
  /**
   * Gives a job to one worker, and returns at once.
   * @throws {DroverError} as `run`, before anything is sent
   */
  dispatch<const Ref extends TaskRef<Tasks>>(
    task: Ref,
    input: InputFor<Tasks, Ref>,
    options?: JobOptions,
  ): JobHandle<OutputFor<Tasks, Ref>>
  /**
   * Gives a job to every worker of the task, and returns at once.
   * @throws {DroverError} as `run`, before anything is sent
   */
  broadcast<const Ref extends TaskRef<Tasks>>(
    task: Ref,
    input: InputFor<Tasks, Ref>,
    options?: BroadcastOptions,
  ): BroadcastHandle<OutputFor<Tasks, Ref>>

  /** Every job that is known, oldest first: open ones, and those that ended last. Live, and each state plain data. */
  readonly jobs: ReadonlyMap<string, JobState>
  readonly counts: JobCounts
  /** How many ended jobs this master has let go of, since it keeps no more than `keepEnded`. */
  readonly letGo: LetGo
  /** The handle of a known job, the same each time; after a restart, too. */
  job(requestId: string): JobHandle | BroadcastHandle | undefined
  /**
   * Dispatches a known job's task and input again, as a new job.
   * @throws {DroverError} `config_invalid` for an unknown one, `input_invalid` where its input held a secret
   */
  again(requestId: string): JobHandle | BroadcastHandle
  cancel(requestId: string, reason?: string): void
  /** Lets go of an ended job, in storage too. @throws {DroverError} `config_invalid` while it has no outcome */
  forget(requestId: string): void
  /**
   * Lets go of every job, open ones too, and of this master's id, in storage too, with everything that other masters of the
   * same owner left there; then disposes of this one. For a user who leaves a machine that others use: jobs that run go on,
   * and their replies find nobody.
   * @throws {DroverError} `storage_failed` when storage cannot be emptied, `closed` after this master was disposed of
   */
  forgetAll(): Promise<void>

  /**
   * The dead letters of the namespace, for operators: behind a bridge by the grant `dead`, and to send some again also by `operate`.
   * Each call opens a connection of its own by this master's options.
   */
  readonly dead: DeadLetters

  /** Reads the presence of a task; of every task with `*`, where the grant allows it. Dispatching a task watches it. */
  watch(task: string): void
  /**
   * Has workers of a task take no more jobs of it: those that have not begun go to others, and those that run go on. A paused
   * worker stays so until it is resumed or its process ends, and presence says so.
   * @returns resolves once the broker has it
   * @throws {DroverError} `forbidden` without the grant to operate the task, `task_invalid`; the reason why there is no connection
   */
  pause(task: string, options?: PauseOptions): Promise<void>
  /** Has paused workers of a task take jobs of it again; as `pause`. */
  resume(task: string, options?: PauseOptions): Promise<void>
  /** Workers of watched tasks by their id, those that are gone included for five minutes. Live. */
  readonly workers: ReadonlyMap<string, WorkerInfo>
  /** Watched and announced tasks, with their input's JSON Schema and how many workers would answer. */
  readonly tasks: readonly TaskInfo[]

  /** Calls `listener` at each change, many in one turn. Returns how to stop. */
  onChange(listener: (change: Change) => void): () => void
  readonly connection: StompState
  /** Resolves when jobs can leave for the first time; rejects when they never will. Never unhandled. */
  readonly ready: Promise<void>
  /** It waits by this clock, and takes the times of its jobs from it. */
  readonly clock: Clock
  /** How many jobs wait to be sent, or for the broker's RECEIPT. */
  readonly outboxSize: number
  /** Why storage does not work at present. */
  readonly storageProblem: Error | undefined
  /** To which keys jobs are sealed; absent where they travel in the open. */
  readonly seal: SealInfo | undefined
  /** Messages that changed nothing, by why. */
  readonly discards: Discards
  /** Names the reply queue; absent until storage was read. */
  readonly masterId: string | undefined
}

export interface SealInfo {
  /** The `kid` of each key that jobs are sealed to now; empty until they were read. */
  readonly recipients: readonly string[]
  /** Why no keys are there, so that jobs wait, or why they stay as they were. */
  readonly problem: Error | undefined
  /** Whether jobs that are stored show as sealed after a restart, since the storage keeps no key and the set has no private one. */
  readonly isUnkept: boolean
}

export interface StartOptions extends MasterOptions {
  /** How long `startMaster` waits for the broker at most, in ms. Default 30 000. */
  readonly startTimeoutMs?: number | undefined
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined
}
