/** Reads the messages of the reply queue: it applies those that it can, and discards the rest. No message stops the master. */
import { isSameId, parseReply, type Reply } from '../../contract/mod.ts'
import { spellingsOf } from '../../contract/names.ts'
import { salvageReply } from '../../contract/unreadable-reply.ts'
import type { Incoming } from '../../stomp/mod.ts'
import type { Span, Tracing } from '../../tracing/port.ts'
import type { JobIndex } from '../jobs/job-index.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { JobState } from '../jobs/state/job.ts'
import type { Roster } from '../presence/roster.ts'
import type { Recovery } from '../recovery/recovery.ts'
import { isUnsealed } from '../sealing/is-unsealed.ts'
import type { JobSeals } from '../sealing/job-seals.ts'
import type { Current } from './current.ts'
import type { Discard, DiscardCounter } from './discards.ts'

export interface ReplyReaderPorts {
  readonly index: JobIndex
  readonly jobs: Pick<Jobs, 'receive'>
  readonly roster: Pick<Roster, 'accepted' | 'workers'>
  readonly current: Pick<Current, 'heard'>
  readonly recovery: Pick<Recovery, 'replied'>
  readonly discards: DiscardCounter
  /** Absent: nobody wants to see the way of a job. */
  readonly tracing: Tracing | undefined
  /** Absent: nothing is opened. */
  readonly seals?: Pick<JobSeals, 'open'> | undefined
}

export class ReplyReader {
  readonly #ports: ReplyReaderPorts
  #isStopped = false
  /** Resolves once all that came so far is applied; absent when it is. */
  #turn: Promise<void> | undefined

  constructor(ports: ReplyReaderPorts) {
    this.#ports = ports
  }

  /** Messages that come from now on are left to the next reader of the queue. */
  stop(): void {
    this.#isStopped = true
  }

  /** Messages are applied in the order in which they come, however long one takes to open. */
  read(message: Incoming): void {
    const opening = this.#opening(message)
    if (opening === undefined && this.#turn === undefined) {
      this.#apply(message)
      return
    }
    const turn = this.#inTurn(this.#turn, message, opening).finally(() => {
      if (this.#turn === turn) this.#turn = undefined
    })
    this.#turn = turn
  }

  async #inTurn(
    before: Promise<void> | undefined,
    message: Incoming,
    opening: Promise<ReadReply | Discard> | undefined,
  ): Promise<void> {
    await before
    this.#apply(message, await opening)
  }

  /** @returns `undefined` for a message in the open */
  #opening(message: Incoming): Promise<ReadReply | Discard> | undefined {
    const { index, seals } = this.#ports
    if (seals === undefined || !message.body.includes('"sealed"')) return undefined
    const read = readReply(message, id => index.shown.has(id))
    if (typeof read === 'string' || read.reply.sealed === undefined) return undefined
    const job = index.shown.get(read.reply.request_id)
    if (job?.sealed === undefined) return undefined
    return seals.open(read.reply, job).then(
      (reply): ReadReply => ({ ...read, reply, isOpened: true }),
      () => 'unsealed' as const,
    )
  }

  #apply(message: Incoming, opened?: ReadReply | Discard): void {
    const { index, jobs, roster, current, recovery, discards, seals } = this.#ports
    if (this.#isStopped || current.heard(message)) return
    const read = opened ?? readReply(message, id => index.shown.has(id))
    if (typeof read === 'string') {
      discards.discard(message, read)
      return
    }
    const { reply, otherwise, isOpened } = read
    const { type, request_id, worker_id } = reply
    const job = index.shown.get(request_id)
    // A sealed one that is not open here hides that it is sealed, as `\u0073ealed` for instance
    const isHidden = seals !== undefined && reply.sealed !== undefined
    if (job?.sealed !== undefined && isOpened !== true && (isHidden || isUnsealed(reply))) {
      discards.discard(message, 'unsealed')
      return
    }
    const name = worker_id === undefined ? undefined : roster.workers.get(worker_id)?.name
    const span = job && this.#span(job, message, reply)
    const became = jobs.receive(reply, name, () => {
      span?.end(type === 'result' ? undefined : reply.type === 'error' && !isOpened ? reply.error.code : type)
      message.ack()
    })
    if (became === 'repeated') discards.count('repeated')
    recovery.replied(reply)
    if (became === 'unknown') discards.discard(message, otherwise)
    else if (type === 'accepted' && worker_id !== undefined)
      roster.accepted(index.shown.get(request_id)!.task, worker_id, reply.name)
  }

  /** Of an outcome, whose worker sends its trace along. */
  #span({ task, request_id }: JobState, { headers, destination }: Incoming, { worker_id }: Reply): Span | undefined {
    const { traceparent, tracestate } = headers
    if (traceparent === undefined) return undefined
    return this.#ports.tracing?.start(
      'outcome',
      { task, request_id, destination, worker_id },
      { traceparent, tracestate },
    )
  }
}

export interface ReadReply {
  readonly reply: Reply
  /** Why it is discarded where this master does not know its job. */
  readonly otherwise: Discard
  /** It came sealed. */
  readonly isOpened?: true
}

/**
 * @param isHere whether this master has a job of that id
 * @returns the reply, as far as it can be read, under the id that its job has here; or why it is about no job
 */
export function readReply(
  { headers, body }: Pick<Incoming, 'headers' | 'body'>,
  isHere: (requestId: string) => boolean,
): ReadReply | Discard {
  const said = headers['correlation-id'] || undefined // an empty one says as much as none
  const reply = strictly(body)
  if (reply !== undefined && (said === undefined || isSameId(said, reply.request_id)))
    return { reply: asHere(reply, isHere), otherwise: 'unknown_job' }
  const salvaged = salvageReply(body, said)
  if (typeof salvaged === 'string') return salvaged
  return { reply: asHere(salvaged.reply, isHere), otherwise: salvaged.isMismatched ? 'mismatched' : 'unknown_job' }
}

function asHere(reply: Reply, isHere: (requestId: string) => boolean): Reply {
  const { request_id } = reply
  if (isHere(request_id)) return reply
  const own = spellingsOf(request_id).find(isHere)
  return own === undefined ? reply : { ...reply, request_id: own }
}

function strictly(body: string): Reply | undefined {
  try {
    return parseReply(body)
  } catch {
    return undefined
  }
}
