/**
 * The question of a link after its one job. The bridge writes all of it, so that nothing of the link's holder reaches a worker.
 * Design section 4.
 */
import { DroverError } from '../../shared/contract/errors.ts'
import { encodeFrame, type StompVersion, unescapeHeader } from '../../shared/frames/mod.ts'
import { destinationsOf, jobQueryDestination } from '../../shared/stomp/destinations.ts'
import { expiryHeaders, sendKind } from '../../shared/stomp/dialects/mod.ts'
import type { SessionPasses } from '../grants/passes.ts'
import type { Policy, SendRule } from '../grants/policy.ts'
import type { SendHead } from './headers/send-head.ts'
import type { SessionShare } from './shares/session-share.ts'
import { Throttle } from './shares/throttle.ts'

/** A session may ask so often at once, and then once in so long. */
const mostAtOnce = 10
const everyMs = 1_000
/** Nobody waits longer for an answer, and the broker's clock may be another. */
const answerMs = 300_000
const passMs = 3_600_000

export interface JobQueryPorts {
  readonly policy: Policy
  readonly version: StompVersion
  readonly passes: SessionPasses
  readonly share: Pick<SessionShare, 'now'>
  /** That the session reads; `undefined`: none. */
  readonly masterId: string | undefined
}

export class JobQueries {
  readonly #throttle: Throttle = new Throttle()

  /**
   * Writes the question as the broker gets it.
   * @throws {DroverError} `frame_invalid` for a SEND that says more than its receipt, or comes before the session reads the
   * answers; `too_many_attempts`
   */
  write(
    head: SendHead,
    { job, sender }: Extract<SendRule, { allow: 'job_query' }>,
    { policy, version, passes, share, masterId }: JobQueryPorts,
  ): Uint8Array {
    if (head.frame.body.length > 0 || head.transaction !== undefined) {
      throw wrong('has a body or a transaction; the bridge writes the question, so leave both out')
    }
    if (masterId === undefined) throw wrong('comes before a SUBSCRIBE to the reply queue; do that first')
    this.#spend(share.now)
    const now = passes.now()
    const { namespace, owner, dialect } = policy
    const to = destinationsOf(namespace)
    const destination = to.control(job.task)
    const replyTo = to.replyOf(owner, masterId)
    const pass = passes.write({ destination: to.topic(job.task), replyTo, sender }, job.request_id, now + passMs)
    const receipt = head.frame.header('receipt')
    const headers = {
      destination,
      ...sendKind(dialect, destination),
      'drover-sender': sender,
      'drover-pass': pass,
      'correlation-id': job.request_id,
      'reply-to': replyTo,
      ...expiryHeaders(dialect, now + answerMs, now),
      'content-type': 'application/json',
      persistent: 'false',
      ...(receipt === undefined ? {} : { receipt: unescapeHeader(receipt, version) }),
    }
    const question = JSON.stringify({ v: 1, type: 'state', request_id: job.request_id })
    return encodeFrame('SEND', Object.entries(headers), question, version)
  }

  /** @param now steady, in ms */
  #spend(now: number): void {
    if (this.#throttle.spend(1, 1_000 / everyMs, mostAtOnce * everyMs, now) <= 0) return
    throw new DroverError(
      'too_many_attempts',
      `A link asks ${mostAtOnce} times at once, and then once in ${everyMs} ms; ask less often`,
    )
  }
}

const wrong = (what: string): DroverError =>
  new DroverError('frame_invalid', `A SEND to ${jobQueryDestination} ${what}`)
