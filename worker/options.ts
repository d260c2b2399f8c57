/// <reference lib="esnext.disposable" preserve="true" />
/** The options and ports that a worker is started with, and the events that it tells while it works. */
import type { Clock } from '../shared/clock.ts'
import { DroverError, type EventType, type WireError } from '../shared/contract/mod.ts'
import type { SealOptions } from '../shared/seal/mod.ts'
import type { ConnectOptions, Stomp, StompState, TlsOptions } from '../shared/stomp/mod.ts'
import type { Tracing } from '../shared/tracing/port.ts'
import type { Implementation } from './implement.ts'
import type { StartChild } from './isolate/port.ts'
import type { StateDisk } from './settle/state-disk.ts'

export interface WorkerOptions {
  /** `stomp:`, `stomp+ssl:`, `ws:` or `wss:`; its userinfo is login and passcode where none are given. */
  readonly url: string | URL
  readonly tasks: readonly Implementation[]
  /**
   * Stable over restarts, shown to people. A worker that is given one takes jobs that are for this name (`to`), too. Default: the
   * host's name and the runtime's, such as `box-node`, to which no job is sent.
   */
  readonly name?: string | undefined
  /** How many jobs run at once, over all tasks. Default 1. */
  readonly concurrency?: number | undefined
  /** TLS beyond that of the runtime, for `stomp+ssl:` and `wss:`: an authority, a certificate of its own, another name. */
  readonly tls?: TlsOptions | undefined
  /** Called at every connect, and before a token ends; sent as passcode. A running job outlives its token by that. */
  readonly token?: (() => string | Promise<string>) | undefined
  readonly login?: string | undefined
  readonly passcode?: string | undefined
  /** Default `myapp`, or the namespace that the bridge says. */
  readonly namespace?: string | undefined
  /** How long running jobs may take after `drain` before they are told to stop. Default 30 000. */
  readonly drainTimeoutMs?: number | undefined
  /** How often it says that it is there. Default 5 000. */
  readonly presenceIntervalMs?: number | undefined
  readonly limits?: Partial<WorkerLimits> | undefined
  /** Whether SIGTERM and SIGINT drain it. Default true. */
  readonly signals?: boolean | undefined
  /**
   * Whether an error that a task's code throws where nobody waits for it, as in a timer or a promise of its own, is told as a
   * problem and does not end the process. Default true.
   */
  readonly surviveUncaughtErrors?: boolean | undefined
  /** Opens sealed jobs and answers them sealed. docs/security.md. Default: it passes them on to workers that can. */
  readonly seal?: SealOptions | undefined
  /**
   * A file in which it keeps its memory of ended jobs for its next start. It is of one worker at a time, and of one broker and
   * namespace. docs/promises.md, section 5. Default: it remembers in memory alone.
   */
  readonly state?: string | undefined
  /** Spans of the jobs that it runs. Default: by OpenTelemetry, where its SDK is started before. */
  readonly tracing?: Tracing | undefined
  /** Default: the runtime's. */
  readonly clock?: Clock | undefined
  /** From 0 up to, not including, 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined
  /**
   * Told each event. An error that it throws is ignored. Default: a log by LogTape, under `drover` and `worker`, which a program
   * reads once it configures LogTape (`createWorkerLog`).
   */
  readonly onEvent?: ((event: WorkerEvent) => void) | undefined
}

export interface WorkerLimits {
  /** Largest outcome in bytes where the broker did not say how much it takes. Default 4 MiB less 64 KiB for headers. */
  readonly maxOutcomeBytes: number
  /**
   * How long a run may go on after its signal aborted before its job is reported as cancelled, and its slot is free. One in a thread
   * or process is ended then. Default 2 000.
   */
  readonly stopGraceMs: number
  /** How many outcomes, and how many cancelled ids, are remembered. Default 10 000. */
  readonly rememberedJobs: number
  /** Characters of all remembered outcomes. Default 64 Mi. */
  readonly rememberedCharacters: number
  /**
   * How long this worker may hold a job unacknowledged at its broker, in ms: RabbitMQ's `consumer_timeout`. A job that takes longer
   * is ended before that, with an error `held_too_long`. Default: not known until the broker takes a job back.
   */
  readonly maxUnackedMs?: number | undefined
  /** The longest that an ended job is remembered, in ms. Default 7 days. */
  readonly rememberedMs: number
  /** How many runs may go on without a slot after their jobs have ended, since their code heeds no signal. Default 10. */
  readonly stuckRuns: number
  /** How many broadcast jobs wait for a slot; more are answered with an error `queue_full`. Default 1 000. */
  readonly waitingBroadcasts: number
  /**
   * How many jobs that may not begin yet (a retry, a delayed dispatch) it holds meanwhile, where the broker does not keep them
   * back by itself. More go to the end of their queue. Default 1 000, and at most 200 through a bridge.
   */
  readonly restingJobs: number
  /**
   * How long it holds such a job unacknowledged before it publishes it again, with the rest of its wait. Default 900 000, and at
   * most half of the time after which the broker takes a message back, as far as that is known.
   */
  readonly longestRestMs: number
}

export const defaultWorkerLimits: WorkerLimits = {
  maxOutcomeBytes: 4 * 1024 * 1024 - 64 * 1024,
  stopGraceMs: 2_000,
  rememberedJobs: 10_000,
  rememberedCharacters: 64 * 1024 * 1024,
  rememberedMs: 7 * 24 * 3_600_000,
  stuckRuns: 10,
  waitingBroadcasts: 1_000,
  restingJobs: 1_000,
  longestRestMs: 900_000,
}

/** An event, for logs. */
export type WorkerEvent =
  | { readonly type: 'connection'; readonly state: StompState }
  | {
      readonly type: 'job'
      /** An event as on the wire, or another end of a delivery. */
      readonly what:
        | EventType
        | 'cannot_open'
        | 'resting'
        | 'lost'
        | 'dead'
        | 'given_back'
        | 'repeated'
        | 'taken_over'
        | 'dropped'
      readonly task: string
      readonly request_id: string
      readonly attempt: number
      readonly took_ms?: number | undefined
      readonly error?: WireError | undefined
      readonly reason?: string | undefined
    }
  | { readonly type: 'draining'; readonly running: number }
  /** It takes no jobs of the task for now, or takes them again. */
  | { readonly type: 'paused' | 'resumed'; readonly task: string; readonly by: string | undefined }
  | {
      readonly type: 'problem'
      readonly message: string
      readonly error?: unknown
      /** Of the job that it is about, if it is about one. */
      readonly request_id?: string | undefined
    }

export interface WorkerStats {
  readonly active: number
  readonly waiting: number
  /** Jobs in hand that may not begin yet. */
  readonly resting: number
  /** Runs whose jobs have ended, and whose code goes on. */
  readonly stuck: number
  readonly processed: number
  readonly failed: number
  /**
   * How many messages were let go of. `onEvent` tells these as problems:
   * - control messages and broadcasts that cannot be read,
   * - replies that could not be sent,
   * - outcomes and dead letters whose stand-in found no room either, since nobody reads where they go.
   *
   * It does not tell these:
   * - control messages of an unknown type, and broadcasts by them without the right to broadcast,
   * - progress, log lines and partials that waited for a connection until too many did, or whose pass counts no longer.
   */
  readonly dropped: number
}

/** A started worker. Disposing drains it. */
export interface Worker extends AsyncDisposable {
  /** New at every start. */
  readonly worker_id: string
  readonly name: string
  /**
   * Resolves once it has drained and said goodbye; rejects when its connection was refused for good: its runs are then
   * aborted, and the broker hands it out again. Never unhandled.
   */
  readonly closed: Promise<void>
  readonly stats: WorkerStats
  /** Stops taking jobs, ends its runs, gives the rest back, says gone, disconnects. Idempotent. */
  drain(): Promise<void>
}

/** The ports of one runtime. */
export interface WorkerRuntime {
  readonly host: string
  /** Such as `node 24.21.0`. */
  readonly version: string
  connect(options: ConnectOptions & { readonly tls?: TlsOptions | undefined }): Stomp
  /** Unless options name another. */
  readonly clock: Clock
  /** Reads a file of keys. Absent where there are no files. */
  readText?(path: string): Promise<string>
  /** Opens the file of a state. Absent where there are no files. */
  openState?(file: string): Promise<StateDisk>
  /** A UUID that nobody has. */
  newId(): string
  /** From 0 up to, not including, 1; unless options name another. */
  random(): number
  /** Calls `stop` when the process is told to end. @returns how to stop listening */
  onShutdown(stop: () => void): () => void
  /** Resolves once the messages sent before are written to their socket, which each runtime puts off for a moment. */
  written(): Promise<void>
  /** Keeps the process alive when something is thrown where nobody waits for it. @returns how to stop that */
  onUncaughtError(tell: (thrown: unknown) => void): () => void
  /** Finds a tool for spans that is there already. */
  findTracing?(): Tracing | undefined
  /** Starts a thread or process for isolated tasks. Absent where there are none. */
  readonly startChild?: StartChild | undefined
}

/**
 * Checks options for all that can be wrong with them.
 * @returns the implementation of each task, by its name
 * @throws {DroverError} `config_invalid`
 */
export function checkOptions({
  tasks,
  concurrency,
  presenceIntervalMs,
  drainTimeoutMs,
  limits,
}: WorkerOptions): ReadonlyMap<string, Implementation> {
  const implementations = new Map<string, Implementation>()
  for (const implementation of tasks) {
    const { name } = implementation.task
    if (implementations.has(name)) {
      throw new DroverError('config_invalid', `Task "${name}" is implemented twice; a worker runs each task once`)
    }
    implementations.set(name, implementation)
  }
  if (implementations.size === 0) {
    throw new DroverError('config_invalid', 'A worker without tasks has nothing to do; pass at least one in "tasks"')
  }
  for (const [option, value, least] of [
    ['concurrency', concurrency, 1],
    ['presenceIntervalMs', presenceIntervalMs, 100],
    ['drainTimeoutMs', drainTimeoutMs, 0],
    ['limits.maxUnackedMs', limits?.maxUnackedMs, 1_000],
  ] as const) {
    if (value === undefined || (Number.isInteger(value) && value >= least)) continue
    throw new DroverError('config_invalid', `${option} is ${value}; expected a whole number from ${least}`)
  }
  return implementations
}
