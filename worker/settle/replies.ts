/** The replies of one worker about one attempt at one job: numbered from 0, in order, each to every master that waits. Promise 3. */
import type { Clock } from '../../shared/clock.ts'
import { type Reply, wireVersion } from '../../shared/contract/mod.ts'
import type { BrokerSession, Outgoing } from '../../shared/stomp/mod.ts'
import type { Copy } from '../job-copy.ts'
import { type JobOrigin, replyHeaders } from './job-headers.ts'
import type { Answer } from './job-memory.ts'
import { deliveryId } from './marks.ts'
import type { ReplyBuffer } from './reply-buffer.ts'

type FieldsOf<T> = T extends Reply ? Omit<T, 'v' | 'request_id' | 'worker_id' | 'seq' | 'at' | 'attempt'> : never
/** A reply's type and what belongs to the type. */
export type ReplyFields = FieldsOf<Reply>

export interface RepliesOptions {
  readonly requestId: string
  /** Where they go, at present. */
  copies(): readonly Copy[]
  /** Whether the bridge honours a copy's pass no longer. */
  isStale(copy: Copy): boolean
  /** Told of each reply that is let go of for that. */
  onDropped(): void
  readonly attempt: number
  readonly workerId: string
  /** The worker's. */
  readonly name: string
  readonly replyBuffer: ReplyBuffer
  session(): BrokerSession
  readonly clock: Clock
  /** A UUID. */
  newId(): string
}

export class Replies {
  readonly #options: RepliesOptions
  #seq = 0

  constructor(options: RepliesOptions) {
    this.#options = options
  }

  /** The replies of the next attempt. */
  nextAttempt(): Replies {
    return new Replies({ ...this.#options, attempt: this.#options.attempt + 1 })
  }

  /** Says that the job begins, or once more that it has begun. */
  accepted(losses: number): void {
    this.send({ type: 'accepted', name: this.#options.name, losses })
  }

  /** Makes an outcome with the next `seq`, for whoever sends it: one for each master, all with the same body. */
  outcome(fields: ReplyFields): { readonly body: string; readonly answers: readonly Answer[] } {
    const { copies, session, clock, newId } = this.#options
    const body = this.#body(fields)
    const answers = copies().map(({ origin, delivery, connection }) => {
      const once = deliveryId(session(), delivery) ?? newId()
      return { message: { ...addressed(origin, body, session(), true, clock.steady()), once }, connection }
    })
    return { body, answers }
  }

  /** Makes a reply that is to arrive, for whoever sends it. Unlike an outcome it bears no mark, which would settle its job. */
  notice(fields: ReplyFields): Outgoing[] {
    const { copies, session, clock, newId } = this.#options
    const body = this.#body(fields)
    return copies().map(({ origin }) => {
      return { ...addressed(origin, body, session(), true, clock.steady()), once: newId() }
    })
  }

  /** Makes another outcome in the place of the last one. */
  insteadOf(fields: ReplyFields): { readonly body: string; readonly answers: readonly Answer[] } {
    this.#seq--
    return this.outcome(fields)
  }

  /** Sends a reply that may be lost; it waits while there is no connection. @returns what is sent */
  send(fields: ReplyFields): readonly Outgoing[] {
    const { copies, isStale, onDropped, replyBuffer, session, clock } = this.#options
    const body = this.#body(fields)
    const sent: Outgoing[] = []
    for (const copy of copies()) {
      const { origin } = copy
      const mergeKey = fields.type === 'progress' ? `${origin.requestId} ${origin.replyTo}` : undefined
      if (isStale(copy)) onDropped()
      else {
        const message = addressed(origin, body, session(), false, clock.steady())
        replyBuffer.send(message, mergeKey)
        sent.push(message)
      }
    }
    return sent
  }

  #body(fields: ReplyFields): string {
    const { requestId: request_id, attempt, workerId: worker_id, clock } = this.#options
    const base = { v: wireVersion, request_id, worker_id, seq: this.#seq++, at: clock.now(), attempt }
    return JSON.stringify({ ...base, ...fields })
  }
}

/**
 * A reply on its way to one master.
 * @param persistent true for what is to arrive
 */
export function addressed(
  origin: JobOrigin,
  body: string,
  session: BrokerSession,
  persistent: boolean,
  now: number,
): Outgoing {
  return { destination: origin.replyTo, headers: replyHeaders(origin, session, persistent, now), body }
}
