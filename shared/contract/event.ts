/** Events: how jobs went, without their payloads, for observers of a task. Design section 3. */
import * as z from 'zod/mini'
import { RequestId } from './names.ts'
import { checkShape, checkVersion, parseJson } from './read-message.ts'

export type EventType = 'accepted' | 'retrying' | 'requeued' | 'result' | 'error' | 'rejected' | 'cancelled'

export interface JobEvent {
  v: number
  request_id: string
  type: EventType
  worker_id: string
  attempt: number
  took_ms?: number | undefined
  /** The owner who dispatched the job, where a bridge vouched for one. */
  sender?: string | undefined
}

const types: readonly EventType[] = ['accepted', 'retrying', 'requeued', 'result', 'error', 'rejected', 'cancelled']
export const JobEvent: z.ZodMiniType<JobEvent> = z.toZod<JobEvent>()(
  z.object({
    v: z._default(z.int(), 1),
    request_id: RequestId,
    type: z.literal(types),
    worker_id: z.string(),
    attempt: z._default(z.int().check(z.positive()), 1),
    took_ms: z.optional(z.number().check(z.nonnegative())),
    sender: z.optional(z.string()),
  }),
)

/**
 * Reads an event.
 * @returns `undefined` for a type that this version does not know
 * @throws {DroverError} `message_invalid` or `unsupported_version`
 */
export function parseEvent(body: string): JobEvent | undefined {
  const json = parseJson(body, 'event')
  checkVersion(json, 'event')
  if (!types.includes(json.type as EventType)) return undefined
  return checkShape(JobEvent, json, 'event')
}
