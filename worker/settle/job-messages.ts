/** A job as a message that goes on from here: published again, for this worker or another, or its dead letter. */
import type { Clock } from '../../shared/clock.ts'
import { deadLetterBody } from '../../shared/contract/dead-letter.ts'
import { keptHeaders } from '../../shared/contract/job.ts'
import { withMembers } from '../../shared/contract/json-members.ts'
import { type WireError, withoutMark } from '../../shared/contract/mod.ts'
import type { Sealed } from '../../shared/seal/mod.ts'
import {
  type BrokerSession,
  destinationsOf,
  type Headers,
  type Incoming,
  keptBack,
  type Outgoing,
} from '../../shared/stomp/mod.ts'
import { queueOf } from '../consume/source.ts'
import { type HeldJob, newestOf } from '../held-job.ts'
import { expiryHeaders, type JobOrigin } from '../job-copy.ts'
import type { SizeLimit } from './too-large.ts'

/** The members of a body that change; one that is there and `undefined` is taken out. */
export interface JobChanges {
  readonly attempt?: number | undefined
  readonly losses?: number | undefined
  readonly alone?: number | undefined
  readonly handed_back?: true | undefined
  readonly wait_ms?: number | undefined
}

/** A job that was sealed again, by copy; empty where it goes on in the open. */
export type Resealed = readonly Sealed[]

/** How often a job lost its worker. */
export interface LossCount {
  readonly losses: number
  /** How often while nothing else ran there; absent until it is to run so. */
  readonly alone?: number
}

/**
 * The job's body, the bytes as they came, with other members of its own. Fields that this version does not know stay. Only for
 * bodies that were read as jobs.
 */
export function changedJob(body: string, changed: JobChanges & { readonly sealed?: Sealed }): string {
  return withMembers(withoutMark(body), { ...changed })
}

export interface JobMessagesPorts {
  readonly workerId: string
  /** Of the worker, as its own queues have it. */
  readonly queueName: string
  readonly clock: Clock
  session(): BrokerSession
  /** The limit of a body that may be sent now. */
  sizeLimit(): SizeLimit
}

export class JobMessages {
  readonly #ports: JobMessagesPorts

  constructor(ports: JobMessagesPorts) {
    this.#ports = ports
  }

  /**
   * The job for the queue that it came by, one for each master that waits.
   * @param delayMs how long it may not begin; absent: as long as it says
   */
  again(
    { copies, task }: Pick<HeldJob, 'copies' | 'task'>,
    changed: JobChanges = {},
    delayMs?: number,
    resealed: Resealed = [],
  ): Outgoing[] {
    const { clock, queueName } = this.#ports
    const session = this.#ports.session()
    const kept = delayMs === undefined ? undefined : keptBack(session, delayMs)
    const members = kept === undefined ? changed : { ...changed, wait_ms: kept.wait_ms }
    const isChanged = Object.keys(members).length > 0
    return copies.map(({ origin, body }, at) => {
      const sealed = resealed[at]
      const headers = jobHeaders(origin, session, clock.steady())
      return {
        destination: queueOf(origin.source ?? task, session.namespace, queueName),
        headers: { ...headers, ...kept?.headers },
        body: isChanged ? changedJob(body, sealed === undefined ? members : { ...members, sealed }) : body,
      }
    })
  }

  /** The dead letter of a job that is held. */
  deadLetterOf(held: Pick<HeldJob, 'copies'>, error: WireError, changed: JobChanges = {}): Outgoing {
    const { origin, body } = newestOf(held)
    return this.deadLetter({ headers: origin.headers, body }, error, changed)
  }

  /** The dead letter of any message that came as a job. */
  deadLetter(
    { headers, body }: Pick<Incoming, 'headers' | 'body'>,
    error: WireError,
    changed: JobChanges = {},
  ): Outgoing {
    const { workerId: worker_id, clock, sizeLimit } = this.#ports
    const session = this.#ports.session()
    return {
      destination: destinationsOf(session.namespace).dead,
      headers: sentOnHeaders(headers, session),
      body: deadLetterBody(body, { ...changed, error, worker_id, at: clock.now() }, sizeLimit().bytes / 3),
    }
  }
}

/** Headers of a job that is published again: as it came. */
function jobHeaders(origin: JobOrigin, session: BrokerSession, now: number): Headers {
  return { ...sentOnHeaders(origin.headers, session), ...expiryHeaders(origin, session, now, 0) }
}

/** The headers of a job that go on with it: all that a dead letter has, for that does not expire. */
export function sentOnHeaders(headers: Headers, session: BrokerSession): Headers {
  const kept = [...keptHeaders, 'reply-to', 'drover-pass']
  // Behind a bridge the pass says who sent it, and forging it is refused.
  if (!session.bridged) kept.push('drover-sender')
  const copied = kept.flatMap(name => {
    const value = headers[name]
    return value === undefined || (name === 'priority' && !isPriority(value)) ? [] : [[name, value] as const]
  })
  return { 'content-type': 'application/json', persistent: 'true', ...Object.fromEntries(copied) }
}

/**
 * A plain program may send another priority, which some brokers pass on. A bridge refuses it, and Artemis confirms it and hands it
 * to nobody.
 */
const isPriority = (text: string): boolean => /^\s*[0-9]\s*$/.test(text)
