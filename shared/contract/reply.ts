/** Replies: every message that a worker sends about a job. Design section 3. */
import * as z from 'zod/mini'
import { RequestId } from './names.ts'
import { checkShape, checkVersion, type Issue, parseJson } from './read-message.ts'
import { type Retried, readRetried } from './retried.ts'
import { payloadFields, withoutPayload } from './sealed-payload.ts'

/** An error as it travels: never with a stack or a cause. */
export interface WireError {
  name: string
  code: string
  message: string
  /** Whether running the job again could end differently. */
  retryable: boolean
}

/** The members of every reply. The least reply is `request_id, type`; a program of the original kind sends no more. */
export interface ReplyBase {
  v: number
  request_id: string
  /** New at every start of a worker; absent from the least reply. */
  worker_id?: string | undefined
  /** Orders one worker's replies about one attempt; a repeated outcome keeps its own. */
  seq?: number | undefined
  /** When the worker sent it, by the worker's clock. */
  at?: number | undefined
  attempt: number
  /** It is about a retry of the dead job, which an operator asked for. */
  retried?: Retried | undefined
  /** The payload, where it is sealed and was not opened here: in its place the reply has nothing, or words that say so. */
  sealed?: unknown
}

export interface Accepted extends ReplyBase {
  type: 'accepted'
  /** The worker's stable name. */
  name?: string | undefined
  /** The job's count of workers lost so far, so that a master can show a loss. */
  losses?: number | undefined
}
export interface Progress extends ReplyBase {
  type: 'progress'
  percent?: number | undefined
  message?: string | undefined
  data?: unknown
}
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export interface Log extends ReplyBase {
  type: 'log'
  level: LogLevel
  message: string
  data?: unknown
}
export interface Partial extends ReplyBase {
  type: 'partial'
  data: unknown
}
/** A run failed and the job goes out again: not an outcome. */
export interface Retrying extends ReplyBase {
  type: 'retrying'
  error: WireError
  /** When the next attempt may begin; absent: at once. */
  next_at?: number | undefined
}
/** A run was stopped since its worker shuts down, and the job goes out again as it was: not an outcome, and no loss. */
interface Requeued extends ReplyBase {
  type: 'requeued'
  reason?: string | undefined
}
/** A worker has none of the keys that a sealed job is for, and the job goes out again as it was: not an outcome, and no attempt. */
interface CannotOpen extends ReplyBase {
  type: 'cannot_open'
  /** The worker's stable name. */
  name?: string | undefined
  /** Of the keys that it would need, one. */
  kids?: string[] | undefined
}
export interface Result extends ReplyBase {
  type: 'result'
  output?: unknown
  took_ms?: number | undefined
}
export interface Failed extends ReplyBase {
  type: 'error'
  error: WireError
  /** Of a job that is given up since its workers went away: how often they did. */
  losses?: number | undefined
  took_ms?: number | undefined
}
export interface Rejected extends ReplyBase {
  type: 'rejected'
  issues: Issue[]
}
/** The reason by which a worker says that the job's own time was over, and nobody cancelled it. */
export const timedOutReason = 'timed out'

export interface Cancelled extends ReplyBase {
  type: 'cancelled'
  reason?: string | undefined
}

/** The replies that end a job. */
export type OutcomeReply = Result | Failed | Rejected | Cancelled
export type Reply = Accepted | Progress | Log | Partial | Retrying | Requeued | CannotOpen | OutcomeReply
export type ReplyType = Reply['type']
/** Of the replies that end a job. */
export const outcomeTypes: readonly ReplyType[] = [
  'result',
  'error',
  'rejected',
  'cancelled',
] satisfies OutcomeReply['type'][]

const base = {
  v: z._default(z.int(), 1),
  request_id: RequestId,
  worker_id: z.optional(z.string().check(z.maxLength(200))),
  seq: z.optional(z.int().check(z.nonnegative())),
  at: z.optional(z.number()),
  attempt: z._default(z.int().check(z.positive()), 1),
  sealed: z.optional(z.unknown()),
  retried: z.optional(z.unknown() as unknown as z.ZodMiniType<Retried>), // read below
}
const duration = z.optional(z.number().check(z.nonnegative()))
const text = z.string()

export const WireError: z.ZodMiniType<WireError> = z.toZod<WireError>()(
  z.object({
    name: z._default(text, 'Error'),
    code: z._default(text, 'task_failed'),
    message: z._default(text, ''),
    retryable: z._default(z.boolean(), false),
  }),
)
const IssueShape = z.object({ path: z._default(text, ''), message: text })

/** A schema for each type, so that an unknown type can be told from a malformed one. */
const schemas: { readonly [T in ReplyType]: z.ZodMiniType<Extract<Reply, { type: T }>> } = {
  accepted: z.toZod<Accepted>()(
    z.object({
      ...base,
      type: z.literal('accepted'),
      name: z.optional(text),
      losses: z.optional(z.int().check(z.nonnegative())),
    }),
  ),
  progress: z.toZod<Progress>()(
    z.object({
      ...base,
      type: z.literal('progress'),
      percent: z.optional(z.number().check(z.minimum(0), z.maximum(100))),
      message: z.optional(text),
      data: z.optional(z.unknown()),
    }),
  ),
  log: z.toZod<Log>()(
    z.object({
      ...base,
      type: z.literal('log'),
      level: z._default(z.literal(['debug', 'info', 'warn', 'error']), 'info'),
      message: text,
      data: z.optional(z.unknown()),
    }),
  ),
  partial: z.toZod<Partial>()(z.object({ ...base, type: z.literal('partial'), data: z.unknown() })),
  retrying: z.toZod<Retrying>()(
    z.object({ ...base, type: z.literal('retrying'), error: WireError, next_at: z.optional(z.number()) }),
  ),
  requeued: z.toZod<Requeued>()(z.object({ ...base, type: z.literal('requeued'), reason: z.optional(text) })),
  cannot_open: z.toZod<CannotOpen>()(
    z.object({ ...base, type: z.literal('cannot_open'), name: z.optional(text), kids: z.optional(z.array(text)) }),
  ),
  result: z.toZod<Result>()(
    z.object({ ...base, type: z.literal('result'), output: z.optional(z.unknown()), took_ms: duration }),
  ),
  error: z.toZod<Failed>()(
    z.object({
      ...base,
      type: z.literal('error'),
      error: WireError,
      took_ms: duration,
      losses: z.optional(z.int().check(z.nonnegative())),
    }),
  ),
  rejected: z.toZod<Rejected>()(z.object({ ...base, type: z.literal('rejected'), issues: z.array(IssueShape) })),
  cancelled: z.toZod<Cancelled>()(z.object({ ...base, type: z.literal('cancelled'), reason: z.optional(text) })),
}

/**
 * Reads a reply's body.
 * @returns the reply, or `undefined` for a type that this version does not know: to be counted and dropped
 * @throws {DroverError} `message_invalid` or `unsupported_version`
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { parseReply } from 'drover/contract'
 * const id = '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11'
 * assert.equal(parseReply(`{"request_id":"${id}","type":"result","output":7}`)?.type, 'result')
 * assert.equal(parseReply(`{"request_id":"${id}","type":"paused"}`), undefined)
 * ```
 */
export function parseReply(body: string): Reply | undefined {
  const json = parseJson(body, 'reply')
  checkVersion(json, 'reply')
  const { type } = json
  if (typeof type !== 'string' || !Object.hasOwn(schemas, type)) return undefined
  const whole = json.sealed === undefined ? json : withoutPayload(type, json)
  return checkReply(type as ReplyType, whole)
}

/**
 * A sealed reply with its payload, once that is open.
 * @throws {DroverError} `message_invalid` when that is none of this type's
 */
export function openedReply({ sealed: _, ...reply }: Reply, payload: Readonly<Record<string, unknown>>): Reply {
  return checkReply(reply.type, { ...reply, ...payloadFields(reply.type, payload) })
}

function checkReply(type: ReplyType, json: unknown): Reply {
  const { retried: said, ...reply } = checkShape<Reply>(schemas[type] as z.ZodMiniType<Reply>, json, `${type} reply`)
  const retried = said === undefined ? undefined : readRetried(said)
  return retried === undefined ? reply : { ...reply, retried }
}

/** Whether a reply ends its job (for a broadcast: its worker's part). */
export function isOutcome(reply: Reply): reply is OutcomeReply {
  return outcomeTypes.includes(reply.type)
}
