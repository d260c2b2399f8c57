/**
 * The replies of one worker about one attempt at one job: numbered from 0, in order, each to every master that waits. Each of
 * them is written here, by `writeReply`. Promise 3.
 */
import type { Clock } from '../../shared/clock.ts'
import {
  type OutcomeReply,
  payloadOf,
  type Reply,
  type Retried,
  type WireError,
  wireVersion,
} from '../../shared/contract/mod.ts'
import { type BrokerSession, destinationsOf, type Headers, Largest, type Outgoing } from '../../shared/stomp/mod.ts'
import type { TraceContext } from '../../shared/tracing/port.ts'
import { traceIn } from '../../shared/tracing/trace-context.ts'
import { deliveryId } from '../delivery.ts'
import { type Copy, expiryHeaders, type JobOrigin } from '../job-copy.ts'
import type { CopySeal } from '../sealing/copy-seal.ts'
import type { Answer } from './job-memory.ts'
import type { ReplyBuffer } from './reply-buffer.ts'
import { outputTooLarge, type SizeLimit } from './too-large.ts'

type FieldsOf<T> = T extends Reply ? Omit<T, keyof Envelope> : never
/** A reply's type and the fields that belong to the type. */
export type ReplyFields = FieldsOf<Reply>
export type OutcomeFields = Extract<ReplyFields, { type: OutcomeReply['type'] }>
/** The fields that every reply has. */
type Envelope = Pick<Reply, 'v' | 'request_id' | 'worker_id' | 'seq' | 'at' | 'attempt' | 'retried'>

export interface RepliesPorts {
  readonly workerId: string
  /** The worker's. */
  readonly name: string
  readonly replyBuffer: Pick<ReplyBuffer, 'send'>
  session(): BrokerSession
  /** Whether the bridge honours the passes that this connection brought no longer. */
  isStale(connection: number): boolean
  /** Told of each reply that is let go of for that. */
  dropped(message?: string, error?: unknown): void
  readonly clock: Clock
  /** A UUID. */
  newId(): string
}

/** Its `copies` name the masters that wait at present. */
interface RepliedJob {
  readonly requestId: string
  readonly job?: { readonly retried?: Retried | undefined } | undefined
  readonly copies: readonly Copy[]
  /** Absent where it came in the open. */
  readonly seal?: CopySeal | undefined
  /** Of its run, where somebody traces. */
  readonly trace?: TraceContext | undefined
}

/** A reply that settles its job, to each master. */
interface Settling {
  readonly body: string
  readonly answers: readonly Answer[]
}

export class Replies {
  readonly #ports: RepliesPorts
  readonly #job: RepliedJob
  readonly #attempt: number
  #seq = 0
  /** Resolves once all replies so far are on their way; absent when they are. */
  #turn: Promise<void> | undefined
  /** Of outcomes that are sealed already. */
  readonly #envelopes = new WeakMap<OutcomeFields, Envelope>()
  /** The largest partial that was sent. */
  readonly largestPartial: Largest = new Largest()

  constructor(ports: RepliesPorts, job: RepliedJob, attempt: number) {
    this.#ports = ports
    this.#job = job
    this.#attempt = attempt
  }

  /** The replies of the next attempt. */
  nextAttempt(): Replies {
    return new Replies(this.#ports, this.#job, this.#attempt + 1)
  }

  /** Says that the job begins, or once more that it has begun. */
  accepted(losses: number): void {
    this.send({ type: 'accepted', name: this.#ports.name, losses })
  }

  /** Sends a reply that may be lost; it waits while there is no connection. */
  send(fields: ReplyFields): void {
    const envelope = this.#envelope()
    const sealing = this.#seal(envelope, fields)
    if (sealing === undefined && this.#turn === undefined) {
      this.#send(envelope, fields)
      return
    }
    const turn = this.#inTurn(this.#turn, envelope, sealing ?? Promise.resolve(fields)).finally(() => {
      if (this.#turn === turn) this.#turn = undefined
    })
    this.#turn = turn
  }

  async #inTurn(before: Promise<void> | undefined, envelope: Envelope, sealing: Promise<ReplyFields>): Promise<void> {
    await before
    try {
      this.#send(envelope, await sealing)
    } catch (error) {
      this.#ports.dropped(`A reply about job ${envelope.request_id} could not be sealed`, error)
    }
  }

  #send(envelope: Envelope, fields: ReplyFields): void {
    const { isStale, dropped, replyBuffer, session, clock } = this.#ports
    const body = writeReply(envelope, fields)
    for (const { origin, connection } of this.#job.copies) {
      const mergeKey = fields.type === 'progress' ? `${origin.requestId} ${origin.replyTo}` : undefined
      if (isStale(connection)) dropped()
      else {
        const message = addressed(origin, body, session(), false, clock.steady())
        replyBuffer.send(message, mergeKey)
        if (fields.type === 'partial') this.largestPartial.add(message)
      }
    }
  }

  /** The body of a reply for somebody beside the masters. It is in the open, and does not count in `seq`. */
  aside(fields: ReplyFields): string {
    const { seq: _, ...envelope } = this.#envelope(0)
    return JSON.stringify({ ...envelope, ...fields })
  }

  /** Whether payloads are sealed. */
  get isSealed(): boolean {
    return this.#job.seal !== undefined
  }

  /** Resolves once all replies so far are on their way. */
  async sent(): Promise<void> {
    await this.#turn
  }

  /**
   * Seals an outcome, for `outcome`, after the replies before it.
   * @returns its fields with placeholders for the payload; as they are where the job came in the open
   */
  async sealed(wanted: OutcomeFields): Promise<OutcomeFields> {
    const envelope = this.#envelope()
    for (;;) {
      const { copies } = this.#job
      const fields = ((await this.#seal(envelope, wanted)) ?? wanted) as OutcomeFields
      await this.#turn
      if (copies !== this.#job.copies) continue // one more master waits
      this.#envelopes.set(fields, envelope)
      return fields
    }
  }

  /** @returns `undefined` for fields that travel in the open */
  #seal(envelope: Envelope, fields: ReplyFields): Promise<ReplyFields> | undefined {
    const { copies, seal } = this.#job
    const parts = seal === undefined ? undefined : payloadOf(fields)
    if (seal === undefined || parts === undefined) return undefined
    const { open, payload } = parts
    const others = copies.map(copy => copy.seal)
    return seal.sealReply({ ...envelope, type: fields.type }, payload, others).then(sealed => ({ ...open, sealed }))
  }

  /** Makes the outcome, which the settler sends. One that is too large for the broker becomes an error that says so. */
  outcome(wanted: OutcomeFields, { bytes: limit, why }: SizeLimit): Settling & { readonly fields: OutcomeFields } {
    const envelope = this.#envelopes.get(wanted) ?? this.#envelope()
    const body = writeReply(envelope, wanted)
    const bytes = bytesIn(body, limit)
    if (bytes <= limit) return { fields: wanted, ...this.#answers(body) }
    const found = `The outcome is ${bytes} bytes long and the limit here ${limit}; return less, or yield it in pieces`
    const error = outputTooLarge(why ? `${found}: ${why}` : found)
    const took = 'took_ms' in wanted ? { took_ms: wanted.took_ms } : {}
    const fields: OutcomeFields = { type: 'error', error, ...took }
    return { fields, ...this.#answers(writeReply(envelope, fields)) }
  }

  /** Makes a small reply that settles the job, which the settler sends. */
  settling(fields: ReplyFields): Settling {
    return this.#answers(writeReply(this.#envelope(), fields))
  }

  /** Makes a reply that is to arrive, which the caller sends. Unlike an outcome it bears no mark, which would settle its job. */
  notice(wanted: ReplyFields): Outgoing[] | Promise<Outgoing[]> {
    const envelope = this.#envelope()
    const sealing = this.#seal(envelope, wanted)
    return sealing === undefined
      ? this.#notice(envelope, wanted)
      : sealing.then(fields => this.#notice(envelope, fields))
  }

  #notice(envelope: Envelope, fields: ReplyFields): Outgoing[] {
    const { session, clock, newId } = this.#ports
    const body = writeReply(envelope, fields)
    return this.#job.copies.map(({ origin }) => {
      return { ...addressed(origin, body, session(), true, clock.steady(), this.#job.trace), once: newId() }
    })
  }

  /** @param seq default: the next */
  #envelope(seq: number = this.#seq++): Envelope {
    const { workerId: worker_id, clock } = this.#ports
    const { requestId: request_id, job } = this.#job
    const envelope = { v: wireVersion, request_id, worker_id, seq, at: clock.now(), attempt: this.#attempt }
    if (job?.retried === undefined) return envelope
    const { bound_attempt: _, ...retried } = job.retried
    return { ...envelope, retried }
  }

  #answers(body: string): Settling {
    const { session, clock, newId } = this.#ports
    const answers = this.#job.copies.map(({ origin, delivery, connection }) => {
      const once = deliveryId(session(), delivery) ?? newId()
      const message = addressed(origin, body, session(), true, clock.steady(), this.#job.trace)
      return { message: { ...message, once }, connection }
    })
    return { body, answers }
  }
}

/** For a page that comes back. */
const replyKeptMs = 3_600_000

const writeReply = (envelope: Envelope, fields: ReplyFields): string => JSON.stringify({ ...envelope, ...fields })

/** The body of an outcome as an error in its place, with the `seq` that it had. The same again for the same body. */
export function errorInstead(body: string, error: WireError): string {
  const { v, request_id, worker_id, seq, at, attempt, retried, took_ms } = JSON.parse(body) as Envelope & {
    took_ms?: number
  }
  return writeReply({ v, request_id, worker_id, seq, at, attempt, retried }, { type: 'error', error, took_ms })
}

/**
 * A reply on its way to one master.
 * @param persistent true for one that is to arrive
 * @param trace of the run. Default: the job's own
 * @param keptMs how long past the job's deadline it is kept, in a queue of one master's own
 */
export function addressed(
  origin: JobOrigin,
  body: string,
  session: BrokerSession,
  persistent: boolean,
  now: number,
  trace?: TraceContext,
  keptMs?: number,
): Outgoing {
  return { destination: origin.replyTo, headers: replyHeaders(origin, session, persistent, now, trace, keptMs), body }
}

/**
 * Headers of a reply.
 * @param persistent true for outcomes
 */
export function replyHeaders(
  origin: JobOrigin,
  session: BrokerSession,
  persistent: boolean,
  now: number,
  trace: TraceContext | undefined = persistent ? traceIn(origin.headers) : undefined,
  keptMs: number = replyKeptMs,
): Headers {
  const pass = origin.headers['drover-pass']
  const isShared = origin.replyTo === destinationsOf(session.namespace).reply
  return {
    'content-type': 'application/json',
    'correlation-id': origin.headers['correlation-id'] || origin.requestId,
    persistent: String(persistent),
    ...(pass === undefined ? {} : { 'drover-pass': pass }),
    ...(trace === undefined ? {} : { traceparent: trace.traceparent }),
    ...(trace?.tracestate === undefined ? {} : { tracestate: trace.tracestate }),
    ...(isShared ? {} : expiryHeaders(origin, session, now, keptMs)),
  }
}

function bytesIn(text: string, limit: number): number {
  return text.length * 3 <= limit ? text.length : new TextEncoder().encode(text).length
}
