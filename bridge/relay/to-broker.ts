/**
 * A browser's frames on their way to the broker: checked against the grants, stamped, rid of headers that only the bridge
 * may write. A refusal is thrown, before anything reaches the broker. Design section 4, promise 7.
 */
import { DroverError } from '../../shared/contract/errors.ts'
import { checkIds, type ScannedFrame, type StompVersion } from '../../shared/frames/mod.ts'
import { isUtf8 } from '../../shared/frames/text.ts'
import { LazyMap } from '../../shared/lazy-collections.ts'
import { sendKind } from '../../shared/stomp/dialects/mod.ts'
import { passEnd, type SessionPasses } from '../grants/passes.ts'
import { mayAnswer, type Policy } from '../grants/policy.ts'
import { LimitReached } from '../limit-reached.ts'
import type { Limits } from '../limits.ts'
import type { Dispatches } from '../metrics/dispatches.ts'
import { asksForChanges, type SessionPresence } from '../presence/session-presence.ts'
import { RecentAcks, readAck } from './acks.ts'
import type { Checked } from './checked.ts'
import { passedHeaders } from './headers/allowed-headers.ts'
import { OwnStamps } from './headers/own-stamps.ts'
import { readPlain } from './headers/plain-frame.ts'
import { type SendHead, SendReader } from './headers/send-head.ts'
import { readSubscribe, writeSubscribe } from './headers/subscribe.ts'
import { createStamp, type Stamp, stampWith, type Written, writeSend } from './headers/write-send.ts'
import { InFlight } from './in-flight.ts'
import { JobQueries } from './job-queries.ts'
import { isOfLetters, JobSubscriptions, sourceOf } from './job-subscriptions.ts'
import type { Misfits } from './misfits.ts'
import type { RelaySpans } from './relay-spans.ts'
import { type RenewalRequest, readRenewal } from './renewal.ts'
import { writeRetry } from './retries.ts'
import { checkDelay, jobIn, readCorrelationId, readPass, refusedReplyTo } from './sent-jobs.ts'
import type { SessionShare } from './shares/session-share.ts'
import type { Stomp10 } from './stomp-1-0.ts'
import { Transactions } from './transactions.ts'

export interface ToBrokerOptions {
  /** Until `renew`. */
  readonly policy: Policy
  /** Spoken to the broker. */
  readonly version: StompVersion
  /** Where the browser speaks another: turns its frames into that. */
  readonly stomp10: Stomp10 | undefined
  readonly passes: SessionPasses
  readonly misfits: Pick<Misfits, 'settledElsewhere'>
  readonly dispatches: Pick<Dispatches, 'sent' | 'sentAgain' | 'answered'>
  /** Absent: nobody traces. */
  readonly spans: Pick<RelaySpans, 'begin'> | undefined
  readonly limits: Limits
  readonly share: SessionShare
  /** Absent where the session reads presence from the broker. */
  readonly createPresence: (() => SessionPresence) | undefined
  /** Whether the broker takes only text. */
  readonly isTextOnly: boolean
}

export class ToBroker {
  /** Subscriptions to jobs, by id: each message of theirs has a pass. By those to control only some are jobs. */
  readonly jobSubscriptions: JobSubscriptions = new JobSubscriptions()
  /** The messages that the session may acknowledge. */
  readonly inFlight: InFlight
  /** The ids that the session acknowledged lately: an ERROR of the broker may be about one of them. */
  readonly recentAcks: RecentAcks = new RecentAcks()
  /** Answers subscriptions to presence; absent until one asks for that. */
  presence: SessionPresence | undefined
  readonly #options: ToBrokerOptions
  readonly #ownStamps: OwnStamps
  readonly #sends: SendReader
  #policy: Policy
  /** Their destinations, by id. */
  readonly #subscriptions: LazyMap<string, string> = new LazyMap()
  /** Whose replies this session reads, by subscription. */
  readonly #masterIds: LazyMap<string, string> = new LazyMap()
  readonly #transactions: Transactions
  /** Of a link to one job. */
  #jobQueries: JobQueries | undefined

  constructor(options: ToBrokerOptions) {
    this.#options = options
    this.#policy = options.policy
    this.inFlight = new InFlight(options.version, options.limits.maxUnacknowledged)
    this.#transactions = new Transactions(options.limits.maxTransactions, options.share)
    this.#ownStamps = new OwnStamps(options.policy, options.version)
    this.#sends = new SendReader(options.version, options.policy.dialect, options.isTextOnly)
  }

  /**
   * Goes on by the rights of a new token, of the same owner and namespace.
   * @throws {DroverError} `forbidden` when a subscription is not granted any more
   */
  renew(policy: Policy): void {
    for (const [id, destination] of this.#subscriptions) {
      const rule = policy.subscribe(destination)
      if ('refuse' in rule) {
        throw new DroverError('forbidden', `The new token does not grant all that this session reads: ${rule.refuse}`)
      }
      if (isOfLetters(rule)) this.inFlight.letters.opened(id)
    }
    this.#policy = policy
  }

  /**
   * @throws {DroverError} `forbidden`, `frame_invalid` or `unsupported`: the session ends with it
   */
  check(frame: ScannedFrame): Checked {
    const { stomp10, version } = this.#options
    return this.#check(stomp10 ? stomp10.toBroker(frame) : frame, version)
  }

  #check(frame: ScannedFrame, version: StompVersion): Checked {
    checkIds(frame)
    switch (frame.command) {
      case 'SEND':
        return this.#send(frame)
      case 'SUBSCRIBE':
        return this.#subscribe(frame)
      case 'UNSUBSCRIBE':
        return this.#unsubscribe(frame)
      case 'BEGIN':
      case 'COMMIT':
      case 'ABORT':
        return this.#transaction(frame)
      case 'ACK':
      case 'NACK': {
        const { headers, bytes } = readPlain(frame, version)
        const acknowledgement = readAck(frame.command, headers, version)
        this.#transactions.add(frame.command, acknowledgement.transaction, bytes.length)
        const upTo = this.inFlight.acknowledge(acknowledgement)
        if (upTo !== undefined) this.#options.misfits.settledElsewhere(upTo)
        this.recentAcks.add(acknowledgement.id)
        return bytes
      }
      default:
        if (Object.hasOwn(passedHeaders, frame.command)) return readPlain(frame, version).bytes
        throw new DroverError('frame_invalid', `A ${frame.command} frame is not one that a session may send now`)
    }
  }

  #send(frame: ScannedFrame): Written | RenewalRequest {
    const policy = this.#policy
    const { limits, isTextOnly, dispatches, spans } = this.#options
    const head = this.#sends.read(frame)
    const { destination } = head
    if (destination === undefined) throw new DroverError('frame_invalid', 'A SEND has no destination')
    if (isTextOnly && !isUtf8(frame.body)) {
      throw new DroverError(
        'unsupported',
        `SEND to "${destination}" has a body that is not UTF-8, and this broker is reached over WebSocket, where it takes only text; connect the bridge by stomp:// for binary`,
      )
    }
    this.#transactions.add('SEND', head.transaction, frame.length)
    const { letter } = head
    if (letter !== undefined) {
      const { letters } = this.inFlight
      const bytes = writeRetry(head, destination, letter, { ...this.#options, policy, letters })
      dispatches.sentAgain(destination, head)
      return bytes
    }
    const rule = policy.send(destination)
    if ('refuse' in rule) throw new DroverError('forbidden', rule.refuse)
    if (rule.allow === 'renewal') return readRenewal(frame)
    if (rule.allow === 'job_query') {
      const [masterId] = this.#masterIds.values()
      this.#jobQueries ??= new JobQueries()
      return this.#jobQueries.write(head, rule, { ...this.#options, policy, masterId })
    }
    const job = jobIn(rule, destination, head)
    const isJob = job !== undefined
    const mayDoWithout = isJob || (rule.allow === 'own_replies' && this.#reads(rule.masterId))
    // A new job may not bring a pass: only one that this session was handed, and sends on, has it still
    const { pass } = head
    const isAbout = pass !== undefined && !(isJob && !this.inFlight.republishQuota.holds(pass))
    const mayBeAnswer = rule.allow !== 'message' && rule.allow !== 'control'
    if (mayBeAnswer && (isAbout || !mayDoWithout)) return this.#answer(head, destination, pass)
    if ((isJob || head.replyTo !== undefined) && !policy.mayReplyTo(head.replyTo)) {
      throw new DroverError('forbidden', refusedReplyTo(destination, head.replyTo, policy))
    }
    checkDelay(head, destination, limits)
    const isOperator = rule.allow === 'control' && rule.isOperator
    const stamp = this.#ownStamps.of(destination, isOperator)
    if (job === undefined) return writeSend(head, stamp, true, false)
    const stamped = this.#jobStamp(head, job, stamp)
    const bytes = writeSend(head, spans?.begin(job, head, stamped) ?? stamped, true, true)
    dispatches.sent(job, head)
    return bytes
  }

  /** The stamp of a job has its pass. @param destination where it lies, or lay at first */
  #jobStamp(head: SendHead, destination: string, stamp: Stamp): Stamp {
    const { passes, policy } = this.#options
    const correlationId = readCorrelationId(head, destination)
    const now = passes.now()
    const endsAt = passEnd(now, { expires: head.expires, ttlMs: head.ttl, delayMs: Number(head.delay ?? 0) })
    const job = { destination, replyTo: head.replyTo ?? '', sender: policy.owner }
    return stampWith(stamp, 'drover-pass', passes.write(job, correlationId, endsAt))
  }

  #reads(masterId: string): boolean {
    for (const read of this.#masterIds.values()) if (read === masterId) return true
    return false
  }

  /** A worker's SEND about a job that it was handed: sender and `reply-to` stay as they were. */
  #answer(head: SendHead, destination: string, brought: string | undefined): Written {
    const policy = this.#policy
    const { version, limits, dispatches } = this.#options
    const { pass, text } = readPass(this.#options.passes, head, destination, brought)
    const { job, kind } = pass
    if (!policy.mayWorkOn(job.destination) || !mayAnswer(job, destination, policy.namespace, policy.dialect)) {
      throw new DroverError('forbidden', `SEND to "${destination}" is not covered by its drover-pass`)
    }
    checkDelay(head, destination, limits)
    const isBack = destination === job.destination
    const isMoved = isBack || destination === `/queue/${policy.namespace}.dead`
    if (isMoved && !this.inFlight.republishQuota.use(text, head.transaction)) {
      throw new DroverError(
        'forbidden',
        `SEND to "${destination}" is of a job that does not wait for an ACK of this session, or was sent on already; each that it is handed, with ack:client-individual, may be sent on once`,
      )
    }
    const headers = Object.entries(sendKind(policy.dialect, destination))
    if (job.sender !== '') headers.push(['drover-sender', job.sender])
    if (isMoved && job.replyTo !== '') headers.push(['reply-to', job.replyTo])
    // One that was written goes on with the job, and with its dead letter, which may be sent again.
    // One that was made at delivery stays here: in a message it would vouch for unproved headers
    if (isMoved && kind === 'written') headers.push(['drover-pass', text])
    const bytes = writeSend(head, createStamp(headers, version), false, isBack)
    dispatches.answered(job.destination, isBack ? 'again' : isMoved ? 'dead' : head.isTransient ? 'report' : 'outcome')
    return bytes
  }

  #subscribe(frame: ScannedFrame): Checked {
    const policy = this.#policy
    const { version, limits, createPresence, share } = this.#options
    const { id, destination, headers, receipt } = readSubscribe(frame, version, policy.dialect)
    const rule = policy.subscribe(destination)
    if ('refuse' in rule) throw new DroverError('forbidden', rule.refuse)
    if (this.#subscriptions.has(id)) {
      throw new DroverError('frame_invalid', `A SUBSCRIBE has the id "${id}" of one that is open; give it another`)
    }
    if (this.#subscriptions.size >= limits.maxSubscriptions) {
      throw new LimitReached(
        'maxSubscriptions',
        'forbidden',
        `SUBSCRIBE to "${destination}" is one too many: a session may have ${limits.maxSubscriptions}`,
      )
    }
    const bytes = writeSubscribe(headers, rule, { dialect: policy.dialect, owner: policy.owner, limits, version })
    share.take('subscriptions', 1)
    this.#subscriptions.set(id, destination)
    this.inFlight.subscribed(id, headers.get('ack'))
    if (isOfLetters(rule)) this.inFlight.letters.opened(id)
    this.jobSubscriptions.opened(id, sourceOf(rule, destination))
    if (rule.allow === 'own_replies') this.#masterIds.set(id, rule.masterId)
    if (createPresence !== undefined && asksForChanges(rule, headers)) {
      this.presence ??= createPresence()
      return this.presence.subscribe({ id, destination, receipt, bytes })
    }
    return rule.allow === 'own_replies' ? { replyQueue: destination, bytes } : bytes
  }

  #unsubscribe(frame: ScannedFrame): Uint8Array | undefined {
    const { headers, bytes } = readPlain(frame, this.#options.version)
    const id = headers.get('id')
    if (id === undefined) {
      throw new DroverError('frame_invalid', 'An UNSUBSCRIBE has no id; give that of its SUBSCRIBE')
    }
    if (!this.#subscriptions.delete(id)) {
      throw new DroverError(
        'frame_invalid',
        `An UNSUBSCRIBE has the id ${shown(id)}, which no open subscription of this session has; end each once`,
      )
    }
    this.#options.share.give('subscriptions', 1)
    this.#masterIds.delete(id)
    this.jobSubscriptions.ended(id, this.inFlight.unsubscribed(id) ? 'goes back' : 'is sent')
    this.#options.misfits.settledElsewhere(id)
    return this.presence?.unsubscribe(id, headers.get('receipt')) ? undefined : bytes
  }

  #transaction(frame: ScannedFrame): Uint8Array {
    const { headers, bytes } = readPlain(frame, this.#options.version)
    const id = headers.get('transaction')
    if (!id) throw new DroverError('frame_invalid', `This ${frame.command} names no transaction; give it one`)
    if (frame.command === 'BEGIN') {
      this.#transactions.begin(id)
    } else {
      this.#transactions.end(frame.command, id)
      this.inFlight.transactionEnded(id, frame.command === 'COMMIT')
    }
    return bytes
  }
}

const shown = (id: string): string => JSON.stringify(id.slice(0, 100))
