/** The replies of one worker about one attempt at one job: numbered from 0, in order, with the job's pass. Promise 3. */
import { type Reply, wireVersion } from '../shared/contract/mod.ts'
import type { Outgoing, Session } from '../shared/stomp/mod.ts'
import { type JobOrigin, replyHeaders } from './job-headers.ts'
import type { Outbox } from './outbox.ts'

type FieldsOf<T> = T extends Reply ? Omit<T, 'v' | 'request_id' | 'worker_id' | 'seq' | 'at' | 'attempt'> : never
/** A reply's type and what belongs to the type. */
export type ReplyFields = FieldsOf<Reply>

export interface RepliesOptions {
  readonly origin: JobOrigin
  readonly attempt: number
  readonly workerId: string
  readonly outbox: Outbox
  session(): Session
  now(): number
}

export class Replies {
  readonly #options: RepliesOptions
  #seq = 0

  constructor(options: RepliesOptions) {
    this.#options = options
  }

  /** Makes a reply with the next `seq`, for whoever sends it. */
  make(fields: ReplyFields, persistent: boolean): Outgoing {
    const { origin, attempt, workerId: worker_id, now } = this.#options
    const at = now()
    const base = { v: wireVersion, request_id: origin.requestId, worker_id, seq: this.#seq, at, attempt }
    const body = JSON.stringify({ ...base, ...fields })
    this.#seq++
    return { destination: origin.replyTo, headers: replyHeaders(origin, this.#options.session(), persistent, at), body }
  }

  /** Makes another reply in the place of the last one. */
  remake(fields: ReplyFields, persistent: boolean): Outgoing {
    this.#seq--
    return this.make(fields, persistent)
  }

  /** Sends a reply that may be lost; it waits while there is no connection. @returns what is sent */
  send(fields: ReplyFields): Outgoing {
    const mergeKey = fields.type === 'progress' ? this.#options.origin.requestId : undefined
    const message = this.make(fields, false)
    this.#options.outbox.send(message, mergeKey)
    return message
  }
}
