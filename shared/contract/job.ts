/** The job: one dispatched request to run a task. Design section 3. */
import * as z from 'zod/mini'
import { type HistoryEntry, readHistory } from './history.ts'
import { RequestId, TaskName } from './names.ts'
import { checkShape, checkVersion, parseJson } from './read-message.ts'
import { type Retried, readRetried } from './retried.ts'
import { Tags } from './tags.ts'

export interface Job {
  v: number
  request_id: string
  task: string
  /** The schema's input side: the worker parses it, so transforms run once. */
  input: unknown
  /** In the place of `input`, which is null then. */
  sealed?: unknown
  /** By the sender's clock, for people only: nothing is decided by it. */
  issued_at?: number | undefined
  /** How long the job may take from being sent to its outcome. */
  timeout_ms?: number | undefined
  /**
   * Not to be begun before so long from being published, in ms. The worker that is handed it waits for so long, and publishes it
   * without.
   */
  wait_ms?: number | undefined
  /** 1 at first; one more for each run that failed. */
  attempt: number
  /** How many runs may fail, in the place of the task's own number. */
  attempts?: number | undefined
  /** How often its worker went away. Whether it had begun is not known: the first two of them are doubts. */
  losses: number
  /** Of these, how often it did so while nothing else ran there. Once it is there, the job runs by itself. */
  alone?: number | undefined
  /** The worker that published it again had not begun it. If it comes `redelivered`, no run is lost. */
  handed_back?: boolean | undefined
  /** Its failed runs, losses and retries, the oldest first; for people. */
  history?: readonly HistoryEntry[] | undefined
  /** It was dead, and somebody had it sent again. */
  retried?: Retried | undefined
  /** Its sender's labels, for people. Not sealed. */
  tags?: string[] | undefined
  /** The name of the one worker that it is for. Its queue has brought it there. */
  to?: string | undefined
}

const count = z.int().check(z.nonnegative())

export const Job: z.ZodMiniType<Job> = z.toZod<Job>()(
  z.object({
    v: z._default(z.int(), 1),
    request_id: RequestId,
    task: TaskName,
    input: z.unknown(),
    sealed: z.optional(z.unknown()),
    issued_at: z.optional(z.number()),
    timeout_ms: z.optional(z.int().check(z.positive())),
    wait_ms: z.optional(count),
    attempt: z._default(z.int().check(z.positive()), 1),
    attempts: z.optional(z.int().check(z.positive())),
    losses: z._default(count, 0),
    alone: z.optional(count),
    handed_back: z.optional(z.boolean()),
    history: z.optional(z.unknown() as unknown as z.ZodMiniType<readonly HistoryEntry[]>), // both are read below
    retried: z.optional(z.unknown() as unknown as z.ZodMiniType<Retried>),
    tags: z.optional(Tags),
    to: z.optional(z.string().check(z.maxLength(200))),
  }),
)

/**
 * Reads a job's body. The least job is `request_id, task, input`. Of a sealed one `input` is `null`.
 * @throws {DroverError} `message_invalid` or `unsupported_version`
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { parseJob } from 'drover/contract'
 * const job = parseJob('{"request_id":"3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11","task":"host.facts","input":{}}')
 * assert.deepEqual([job.v, job.attempt, job.losses], [1, 1, 0])
 * ```
 */
export function parseJob(text: string): Job {
  const json = parseJson(text, 'job')
  checkVersion(json, 'job')
  // A sealed job comes without input, and one in the open beside the seal is nobody's word
  const { history, retried, ...job } = checkShape(
    Job,
    json.sealed === undefined ? json : { ...json, input: null },
    'job',
  )
  const again = retried === undefined ? undefined : readRetried(retried)
  return {
    ...job,
    ...(history === undefined ? {} : { history: readHistory(history) }),
    ...(again === undefined ? {} : { retried: again }),
  }
}

/** Headers of a job that its sender writes and nobody has to vouch for: each copy of it has them, in `{ns}.dead` too. */
export const keptHeaders = ['correlation-id', 'priority', 'traceparent', 'tracestate'] as const
