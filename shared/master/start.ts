/// <reference lib="esnext.disposable" preserve="true" />
/** The master as its users see it. Design section 8. */
import { v4 } from 'uuid'
import { systemClock } from '../clock.ts'
import { DroverError } from '../contract/errors.ts'
import { connectStomp, type StompState } from '../stomp/mod.ts'
import type { Change } from './changes.ts'
import { Core } from './core.ts'
import { checkRepeatable } from './dispatch/secrets.ts'
import type { InputFor, OutputFor, TaskRef } from './dispatch/task-ref.ts'
import { readTaskRef } from './dispatch/task-ref.ts'
import { JobError } from './errors.ts'
import type { FleetHandle } from './jobs/broadcast-handle.ts'
import type { LetGo } from './jobs/ended.ts'
import type { JobHandle } from './jobs/job-handle.ts'
import type { JobCounts } from './jobs/job-index.ts'
import type { JobState } from './jobs/state/job.ts'
import { maxKept, maxPartials } from './jobs/state/retention.ts'
import { type BroadcastOptions, checkKeeps, type JobOptions, type MasterOptions } from './options.ts'
import type { TaskInfo } from './presence/roster.ts'
import type { WorkerInfo } from './presence/worker-info.ts'
import type { Strays } from './replies/reply-reader.ts'
import { memoryStorage } from './storage/memory.ts'

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
  ): FleetHandle<OutputFor<Tasks, Ref>>

  /** Every job that is known, oldest first: open ones, and those that ended last. Live, and each state plain data. */
  readonly jobs: ReadonlyMap<string, JobState>
  readonly counts: JobCounts
  /** How many ended jobs this master has let go of, since it keeps no more than `keepEnded`. */
  readonly letGo: LetGo
  /** The handle of a known job, the same each time; after a restart, too. */
  job(requestId: string): JobHandle | FleetHandle | undefined
  /** Dispatches a known job's task and input again, as a new job. @throws {DroverError} `config_invalid` for an unknown one, `input_invalid` where its input held a secret */
  again(requestId: string): JobHandle | FleetHandle
  cancel(requestId: string, reason?: string): void
  /** Lets go of an ended job, in storage too. @throws {DroverError} `config_invalid` while it has no outcome */
  forget(requestId: string): void
  /**
   * Lets go of every job, open ones too, and of who this master was, in storage too, with what other masters of the same
   * owner left there; then disposes of this one. For whoever leaves a machine that others use: what runs goes on, and its
   * replies find nobody.
   * @throws {DroverError} `storage_failed` when storage cannot be emptied, `closed` after this master was disposed of
   */
  forgetAll(): Promise<void>

  /** Reads the presence of a task; of every task with `*`, where the grant allows it. Dispatching a task watches it. */
  watch(task: string): void
  /** Workers of watched tasks by their id, those that are gone included for five minutes. Live. */
  readonly workers: ReadonlyMap<string, WorkerInfo>
  /** Watched and announced tasks, with their input's JSON Schema and how many workers would answer. */
  readonly tasks: readonly TaskInfo[]

  /** Calls `listener` at each change, many in one turn. Returns how to stop. */
  onChange(listener: (change: Change) => void): () => void
  readonly connection: StompState
  /** Resolves when jobs can leave for the first time; rejects when they never will. Never unhandled. */
  readonly ready: Promise<void>
  /** How many jobs wait to be sent, or for the broker's RECEIPT. */
  readonly outboxSize: number
  /** Why storage does not work at present. */
  readonly storageProblem: Error | undefined
  /** Messages that changed nothing, by why. */
  readonly strays: Strays
  /** Names the reply queue; absent until storage was read. */
  readonly masterId: string | undefined
}

export interface StartOptions extends MasterOptions {
  /** How long `startMaster` waits for the broker at most, in ms. Default 30 000. */
  readonly startTimeoutMs?: number | undefined
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Makes a master that connects in the background: jobs may be dispatched before it has, and wait.
 * @throws {DroverError} `config_invalid`
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { createMaster } from 'drover/master'
 * await using master = createMaster({ url: 'ws://127.0.0.1:9/stomp' }) // nobody is there
 * const job = master.dispatch('host.facts', {}, { timeoutMs: 20 })
 * assert.equal(master.outboxSize, 1)
 * assert.deepEqual(await job.outcome, { type: 'timed_out', timeout_ms: 20 })
 * ```
 */
export function createMaster<Tasks = unknown>(options: MasterOptions): Master<Tasks> {
  const { clock = systemClock, stomp, url } = options
  if (stomp === undefined && url === undefined) {
    throw new DroverError(
      'config_invalid',
      'A master needs a url, such as "wss://jobs.example/stomp", or a stomp connection',
    )
  }
  checkKeeps(options)
  const { keepEnded = 1000, keepReplies = maxKept, keepPartials = maxPartials } = options
  const core = new Core({
    stomp: stomp ?? connectStomp({ wakes: true, ...options, url: url!, clock }),
    ownsStomp: stomp === undefined,
    storage: options.storage ?? memoryStorage(),
    clock,
    newId: options.newId ?? v4,
    masterId: options.masterId,
    replyQueue: options.replyQueue ?? 'own',
    keepEnded,
    keepOfEach: { replies: keepReplies, partials: keepPartials },
    awayGraceMs: options.awayGraceMs ?? 30_000,
  })
  const start = (mode: JobState['mode'], ref: TaskRef<unknown>, input: unknown, jobOptions: BroadcastOptions = {}) => {
    const { name, task } = readTaskRef(ref)
    return core.start(mode, name, task, input, jobOptions)
  }
  const master: Master = {
    async run(task, input, jobOptions) {
      const job = master.dispatch(task, input, jobOptions)
      const outcome = await job.outcome
      if (outcome.type === 'result') return outcome.output
      throw new JobError(job.task, job.request_id, outcome)
    },
    dispatch: (task, input, jobOptions) => start('queue', task, input, jobOptions) as JobHandle<never>,
    broadcast: (task, input, jobOptions) => start('topic', task, input, jobOptions) as FleetHandle<never>,
    jobs: core.jobs.book.jobs,
    get counts() {
      return core.jobs.book.counts
    },
    get letGo() {
      return core.jobs.book.letGo
    },
    job: requestId => core.jobs.handleOf(requestId),
    again(requestId) {
      const job = core.jobs.book.jobs.get(requestId)
      if (job === undefined) throw new DroverError('config_invalid', `There is no job ${requestId} to dispatch again`)
      checkRepeatable(job)
      const { timeout_ms, priority, until } = job
      return start(job.mode, job.task, job.input, { timeoutMs: timeout_ms, priority, until })
    },
    cancel: (requestId, reason) => core.cancel(requestId, reason),
    forget: requestId => core.jobs.forget(requestId),
    forgetAll: () => core.forgetAll(),
    watch: task => core.roster.watch(task),
    workers: core.roster.workers,
    get tasks() {
      return core.roster.tasks()
    },
    onChange: listener => core.onChange(listener),
    get connection() {
      return core.connection
    },
    ready: core.ready,
    get outboxSize() {
      return core.jobs.book.counts.unsent
    },
    get storageProblem() {
      return core.jobs.journal.problem
    },
    get strays() {
      return { ...core.strays.counts }
    },
    get masterId() {
      return core.masterId
    },
    [Symbol.asyncDispose]: () => core.dispose(),
  }
  return master as Master<Tasks>
}

/**
 * Makes a master and waits until it can send.
 * @throws {DroverError} `broker_unreachable` when it cannot within `startTimeoutMs`; `not_authenticated`, `forbidden` or
 * `storage_failed` when it never will
 * @example
 * ```ts ignore
 * await using master = await startMaster({ url: 'wss://jobs.example/stomp', token: () => fetchToken() })
 * const { data_url } = await master.run(thumbnail, { path: 'cat.png', width: 320 })
 * const { outcomes, missing } = await master.broadcast(hostFacts, {}, { timeoutMs: 5_000 }).done
 * ```
 */
export async function startMaster<Tasks = unknown>(options: StartOptions): Promise<Master<Tasks>> {
  const { startTimeoutMs = 30_000, signal, clock = systemClock } = options
  signal?.throwIfAborted()
  const master = createMaster<Tasks>(options)
  const { promise: givenUp, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal?.reason)
  const stop = clock.timer(startTimeoutMs, () => reject(unreachable(options.url, startTimeoutMs, master.connection)))
  signal?.addEventListener('abort', onAbort)
  try {
    await Promise.race([master.ready, givenUp])
    return master
  } catch (error) {
    await master[Symbol.asyncDispose]()
    throw error
  } finally {
    stop()
    signal?.removeEventListener('abort', onAbort)
  }
}

function unreachable(url: string | URL | undefined, ms: number, state: StompState): DroverError {
  const cause = state.at === 'waiting' ? state.reason : undefined
  const where = url === undefined ? 'the broker' : new URL(url).host
  const why = cause === undefined ? 'it gave no answer' : cause.message
  return new DroverError('broker_unreachable', `Cannot reach ${where} within ${ms} ms: ${why}`, { cause })
}
