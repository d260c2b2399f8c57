/** Control: messages of a master to the workers of a task. Design section 3. */
import * as z from 'zod/mini'
import { RequestId } from './names.ts'
import { checkShape, checkVersion, parseJson } from './read-message.ts'

/** Ends a job, wherever it is. */
export interface Cancel {
  v: number
  type: 'cancel'
  request_id: string
  reason?: string | undefined
  /** For how long the job may still come, where that is known. A worker remembers its id for so long, and for an hour at least. */
  keep_ms?: number | undefined
  /** From a worker from which the broker took the job back: as in `Limit`. */
  max_unacked_ms?: number | undefined
}
/** From a worker: the broker lets nobody have a job unacknowledged for longer. */
interface Limit {
  v: number
  type: 'limit'
  max_unacked_ms: number
}
/** Asks the worker that runs or ended the job to say so: `accepted`, the last progress, or the outcome again. */
export interface State {
  v: number
  type: 'state'
  request_id: string
}
/** Asks every worker of the task to announce itself. */
export interface Ping {
  v: number
  type: 'ping'
}
/** An operator tells workers of the task to take no more of its jobs, or to take them again. */
export interface Pausing {
  v: number
  type: 'pause' | 'resume'
  /** Of the workers; absent: all of them. */
  names?: string[] | undefined
}
/** A broadcast again, for those who were cut off when it was sent. The members of a job stand beside these. */
interface AgainFor {
  v: number
  type: 'job'
  request_id: string
  worker_ids: string[]
}
export type Control = Cancel | State | Ping | Limit | Pausing | AgainFor

const v = z._default(z.int(), 1)
const pausing = z.toZod<Pausing>()(
  z.object({ v, type: z.literal(['pause', 'resume']), names: z.optional(z.array(z.string())) }),
)
const schemas = {
  pause: pausing,
  resume: pausing,
  cancel: z.toZod<Cancel>()(
    z.object({
      v,
      type: z.literal('cancel'),
      request_id: RequestId,
      reason: z.optional(z.string().check(z.maxLength(500))),
      keep_ms: z.optional(z.int().check(z.nonnegative())),
      max_unacked_ms: z.optional(z.int().check(z.positive())),
    }),
  ),
  state: z.toZod<State>()(z.object({ v, type: z.literal('state'), request_id: RequestId })),
  ping: z.toZod<Ping>()(z.object({ v, type: z.literal('ping') })),
  limit: z.toZod<Limit>()(z.object({ v, type: z.literal('limit'), max_unacked_ms: z.int().check(z.positive()) })),
  job: z.toZod<AgainFor>()(
    z.object({ v, type: z.literal('job'), request_id: RequestId, worker_ids: z.array(z.string()) }),
  ),
}

/**
 * Reads a control message.
 * @returns `undefined` for a type that this version does not know
 * @throws {DroverError} `message_invalid` or `unsupported_version`
 */
export function parseControl(body: string): Control | undefined {
  const json = parseJson(body, 'control message')
  checkVersion(json, 'control message')
  const { type } = json
  if (typeof type !== 'string' || !Object.hasOwn(schemas, type)) return undefined
  return checkShape<Control>(schemas[type as Control['type']] as z.ZodMiniType<Control>, json, `${type} message`)
}
