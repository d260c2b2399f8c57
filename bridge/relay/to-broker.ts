/**
 * What a browser's frames become on their way to the broker: checked against the grants, stamped, rid of what only the
 * bridge may say. A refusal is thrown, before anything reaches the broker. Design section 4, promise 7.
 */
import { DroverError } from '../../shared/contract/errors.ts'
import { sendKind } from '../../shared/stomp/dialects/mod.ts'
import { checkIds, type ScannedFrame, type StompVersion } from '../frames/mod.ts'
import type { Policy } from '../grants/policy.ts'
import { readPlain } from '../headers/plain-frame.ts'
import { passedHeaders } from '../headers/rules.ts'
import { createStamp, type SendHead, SendReader, type Stamp } from '../headers/send-head.ts'
import { readSubscribe, writeSubscribe } from '../headers/subscribe.ts'
import { isUtf8 } from '../headers/utf8.ts'
import type { Limits } from '../limits.ts'
import { mayAnswer, type PassedJob, type Passes } from '../passes.ts'
import { RecentAcks, readAck } from './acks.ts'
import type { FirstVersion } from './first-version.ts'
import { HandedOut } from './handed-out.ts'

/** A SUBSCRIBE to a master's own replies: whoever read them before has to go first. */
export interface Claim {
  /** The reply queue. */
  readonly master: string
  readonly bytes: Uint8Array
}

export interface ToBrokerOptions {
  readonly policy: Policy
  /** Spoken to the broker. */
  readonly version: StompVersion
  /** Where the browser speaks another: turns its frames into that. */
  readonly firstVersion: FirstVersion | undefined
  readonly passes: Passes
  readonly limits: Limits
  /** Whether the broker takes only text. */
  readonly isTextOnly: boolean
}

const maxRememberedPasses = 256

export class ToBroker {
  /** Subscriptions to jobs, by id: each message of theirs gets a pass. */
  readonly jobSubscriptions: Map<string, string> = new Map()
  /** What the session may acknowledge. */
  readonly handedOut: HandedOut
  /** What the session acknowledged lately: an ERROR of the broker may be about one of them. */
  readonly recentAcks: RecentAcks = new RecentAcks()
  readonly #options: ToBrokerOptions
  readonly #ownStamps: Readonly<Record<'queue' | 'topic', Stamp>>
  readonly #sends: SendReader
  readonly #subscriptions: Set<string> = new Set()
  /** Whose replies this session reads, by subscription. */
  readonly #masterIds: Map<string, string> = new Map()
  readonly #transactions: Set<string> = new Set()
  readonly #passed: Map<string, PassedJob> = new Map()

  constructor(options: ToBrokerOptions) {
    this.#options = options
    this.handedOut = new HandedOut(options.version, options.limits.maxUnacknowledged)
    this.#sends = new SendReader(options.version, options.policy.dialect)
    this.#ownStamps = { queue: this.#ownStamp('/queue/'), topic: this.#ownStamp('/topic/') }
  }

  /**
   * @returns the frame for the broker
   * @throws {DroverError} `forbidden`, `frame_invalid` or `unsupported`: the session ends with it
   */
  check(frame: ScannedFrame): Uint8Array | Claim {
    const { firstVersion, version } = this.#options
    return this.#check(firstVersion ? firstVersion.toBroker(frame) : frame, version)
  }

  #check(frame: ScannedFrame, version: StompVersion): Uint8Array | Claim {
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
        this.#checkTransaction(frame.command, acknowledgement.transaction)
        this.handedOut.acknowledge(acknowledgement)
        this.recentAcks.add(acknowledgement.id)
        return bytes
      }
      default:
        if (Object.hasOwn(passedHeaders, frame.command)) return readPlain(frame, version).bytes
        throw new DroverError('frame_invalid', `A ${frame.command} frame is not one that a session may send now`)
    }
  }

  #ownStamp(destination: string): Stamp {
    const { policy, version } = this.#options
    return createStamp(
      [['drover-sender', policy.owner], ...Object.entries(sendKind(policy.dialect, destination))],
      version,
    )
  }

  #send(frame: ScannedFrame): Uint8Array {
    const { policy, limits, isTextOnly } = this.#options
    const head = this.#sends.read(frame)
    const { destination } = head
    if (destination === undefined) throw new DroverError('frame_invalid', 'A SEND has no destination')
    if (isTextOnly && !isUtf8(frame.body)) {
      throw new DroverError(
        'unsupported',
        `SEND to "${destination}" has a body that is not UTF-8, and this broker is reached over WebSocket, where it takes only text; connect the bridge by stomp:// for binary`,
      )
    }
    this.#checkTransaction('SEND', head.transaction)
    const rule = policy.send(destination)
    if ('refuse' in rule) throw new DroverError('forbidden', rule.refuse)
    const isJob = rule.allow === 'job'
    const mayDoWithout = isJob || (rule.allow === 'own_replies' && this.#reads(rule.masterId))
    if (rule.allow !== 'message' && (head.pass !== undefined || !mayDoWithout)) return this.#answer(head, destination)
    if ((isJob || head.replyTo !== undefined) && !policy.mayReplyTo(head.replyTo)) {
      throw new DroverError('forbidden', refusedReplyTo(destination, head.replyTo, policy))
    }
    checkDelay(head, destination, limits)
    return head.write(this.#ownStamps[destination.startsWith('/topic/') ? 'topic' : 'queue'], true, isJob)
  }

  #reads(masterId: string): boolean {
    for (const read of this.#masterIds.values()) if (read === masterId) return true
    return false
  }

  /** A worker's SEND about a job that it was handed: sender and `reply-to` stay as they were. */
  #answer(head: SendHead, destination: string): Uint8Array {
    const { policy, version, limits } = this.#options
    const job = this.#readPass(head)
    if (job === undefined) {
      const found = head.pass === undefined ? 'has none' : 'has one that is not for this session and correlation-id'
      throw new DroverError(
        'forbidden',
        `SEND to "${destination}" needs the drover-pass of a job that this session was handed, and ${found}`,
      )
    }
    if (!policy.mayWorkOn(job.destination) || !mayAnswer(job, destination, policy.namespace, policy.dialect)) {
      throw new DroverError('forbidden', `SEND to "${destination}" is not covered by its drover-pass`)
    }
    checkDelay(head, destination, limits)
    const isMoved = destination === job.destination || destination === `/queue/${policy.namespace}.dead`
    const headers = Object.entries(sendKind(policy.dialect, destination))
    if (job.sender !== '') headers.push(['drover-sender', job.sender])
    if (isMoved && job.replyTo !== '') headers.push(['reply-to', job.replyTo])
    return head.write(createStamp(headers, version), false, destination === job.destination)
  }

  #readPass(head: SendHead): PassedJob | undefined {
    const { pass, correlationId = '' } = head
    if (pass === undefined) return undefined
    // Every reply to a job brings the same pass. No header has a NUL, so that two of these never look like another two
    const key = `${pass}\0${correlationId}`
    const known = this.#passed.get(key)
    if (known !== undefined) return known
    const job = this.#options.passes.read(pass, correlationId, this.#options.policy.owner)
    if (job === undefined) return undefined
    if (this.#passed.size >= maxRememberedPasses) this.#passed.clear()
    this.#passed.set(key, job)
    return job
  }

  #subscribe(frame: ScannedFrame): Uint8Array | Claim {
    const { policy, version, limits } = this.#options
    const { id, destination, headers } = readSubscribe(frame, version, policy.dialect)
    const rule = policy.subscribe(destination)
    if ('refuse' in rule) throw new DroverError('forbidden', rule.refuse)
    if (this.#subscriptions.has(id)) {
      throw new DroverError('frame_invalid', `A SUBSCRIBE has the id "${id}" of one that is open; give it another`)
    }
    if (this.#subscriptions.size >= limits.maxSubscriptions) {
      throw new DroverError(
        'forbidden',
        `SUBSCRIBE to "${destination}" is one too many: a session may have ${limits.maxSubscriptions}`,
      )
    }
    const bytes = writeSubscribe(headers, rule, { dialect: policy.dialect, owner: policy.owner, limits, version })
    this.#subscriptions.add(id)
    this.handedOut.subscribed(id, headers.get('ack'))
    if (rule.allow === 'jobs') this.jobSubscriptions.set(id, destination)
    if (rule.allow === 'own_replies') this.#masterIds.set(id, rule.masterId)
    return rule.allow === 'own_replies' ? { master: destination, bytes } : bytes
  }

  #unsubscribe(frame: ScannedFrame): Uint8Array {
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
    this.jobSubscriptions.delete(id)
    this.#masterIds.delete(id)
    this.handedOut.unsubscribed(id)
    return bytes
  }

  #transaction(frame: ScannedFrame): Uint8Array {
    const { headers, bytes } = readPlain(frame, this.#options.version)
    const id = headers.get('transaction')
    if (!id) throw new DroverError('frame_invalid', `A ${frame.command} has no transaction`)
    if (frame.command !== 'BEGIN') {
      this.#checkTransaction(frame.command, id)
      this.#transactions.delete(id)
      this.handedOut.transactionEnded(id, frame.command === 'COMMIT')
      return bytes
    }
    if (this.#transactions.has(id)) {
      throw new DroverError('frame_invalid', `A BEGIN has the transaction ${shown(id)}, which is open; end it first`)
    }
    const { maxTransactions } = this.#options.limits
    if (this.#transactions.size >= maxTransactions) {
      throw new DroverError(
        'forbidden',
        `BEGIN of one transaction too many: a session may have ${maxTransactions} open`,
      )
    }
    this.#transactions.add(id)
    return bytes
  }

  #checkTransaction(command: string, id: string | undefined): void {
    if (id === undefined || this.#transactions.has(id)) return
    throw new DroverError(
      'frame_invalid',
      `A ${command} has the transaction ${shown(id)}, which is not open; BEGIN it first`,
    )
  }
}

const shown = (id: string): string => JSON.stringify(id.slice(0, 100))

function checkDelay({ delay }: SendHead, destination: string, { maxDelayMs }: Limits): void {
  if (delay === undefined || (/^[0-9]{1,12}$/.test(delay) && Number(delay) <= maxDelayMs)) return
  throw new DroverError(
    'forbidden',
    `SEND to "${destination}" has a delay of ${JSON.stringify(delay.slice(0, 40))}; expected 0 to ${maxDelayMs} ms`,
  )
}

function refusedReplyTo(destination: string, replyTo: string | undefined, { namespace, owner }: Policy): string {
  const own = `expected /queue/${namespace}.reply.${owner}.{master_id}`
  if (replyTo === undefined) return `SEND to "${destination}" has no reply-to; ${own}`
  return `SEND to "${destination}" has reply-to ${JSON.stringify(replyTo.slice(0, 300))}, which is not this session's own; ${own}`
}
