/**
 * Grants, compiled at connect into rules for the SENDs and SUBSCRIBEs of a session; all else is refused. Design sections 2
 * and 4. A destination is read exactly or not at all: another spelling, a list, a wildcard is nobody's right, except the
 * wildcard subscriptions to presence that a grant covers wholly, and a worker's list of queues each of which it may read.
 */

import { type Grants, grantCovers } from '../../shared/contract/grants.ts'
import type { LinkedJob } from '../../shared/contract/linked-job.ts'
import { LazyMap } from '../../shared/lazy-collections.ts'
import { destinationsOf, type Purpose, readDestination, renewDestination } from '../../shared/stomp/destinations.ts'
import type { Dialect } from '../../shared/stomp/dialects/mod.ts'
import type { PassedJob } from './passes.ts'
import { mayCommand, mayWatch } from './watching.ts'

export type SendRule =
  /** A new job: its `reply-to` must be the sender's own. */
  | { readonly allow: 'job' }
  /** Presence, events. */
  | { readonly allow: 'message' }
  /**
   * Control. With a `reply-to` it is a broadcast again, for some workers, and needs the right to send `broadcast`. Of an
   * operator it says so, and workers are paused by it.
   */
  | { readonly allow: 'control'; readonly broadcast: string | undefined; readonly isOperator: boolean }
  /** To its own reply queue: a fence, by which a master knows that it has read all that was there. */
  | { readonly allow: 'own_replies'; readonly masterId: string }
  /** Only about a job that this session was handed. */
  | { readonly allow: 'with_pass' }
  /** A new token of this session, for the bridge itself. */
  | { readonly allow: 'renewal' }
  /** Of a link to one job, for the bridge itself: how the job is. `sender`: whose it is, encoded. */
  | { readonly allow: 'job_query'; readonly job: LinkedJob; readonly sender: string }
  | { readonly refuse: string }

export type SubscribeRule =
  /** Jobs to work on: each gets a pass. */
  | {
      readonly allow: 'jobs'
      readonly isTopic: boolean
      /** Each that it reads. */
      readonly destinations: readonly string[]
    }
  | { readonly allow: 'own_replies'; readonly masterId: string }
  /** A message with a pass is a broadcast again, and has to fit as one that comes by the topic `broadcast`. */
  | { readonly allow: 'control'; readonly isTopic: true; readonly broadcast: string }
  /** `isLetters`: dead ones, by a session that may send some again. `isPresence`: of workers. */
  | {
      readonly allow: 'messages'
      readonly isTopic: boolean
      readonly isLetters?: boolean
      readonly isPresence?: boolean
    }
  | { readonly refuse: string }

/** The rights of a session. */
export interface Policy {
  readonly namespace: string
  /** Encoded. */
  readonly owner: string
  readonly dialect: Dialect
  /** @param destination of a SEND, unescaped */
  send(destination: string): SendRule
  /** @param destination of a SUBSCRIBE, unescaped */
  subscribe(destination: string): SubscribeRule
  /** Whether a job of this session may ask to be answered there; `undefined`: it does not say where. */
  mayReplyTo(destination: string | undefined): boolean
  /** Whether this session may send dead letters again to there. */
  mayRetry(destination: string): boolean
  /** Whether this session may work on the jobs of a destination. */
  mayWorkOn(destination: string): boolean
}

export interface PolicyOptions {
  readonly grants: Grants
  /** Encoded, as it stands in destinations. */
  readonly owner: string
  /** Whether this is a user of the bridge's own configuration, who may read `{ns}.reply` too. */
  readonly isConfiguredUser: boolean
  readonly dialect: Dialect
}

/** Rules that are remembered for a session: destinations repeat, and a peer cannot make this grow. */
const maxRemembered = 256

/** Compiles grants. */
export const compilePolicy = (options: PolicyOptions): Policy => new GrantedPolicy(options)

/** A class, and no closures: each session has one. */
class GrantedPolicy implements Policy {
  readonly #options: PolicyOptions
  readonly #sends = new LazyMap<string, SendRule>()
  readonly #repliesTo = new LazyMap<string, boolean>()
  readonly #workOn = new LazyMap<string, boolean>()

  constructor(options: PolicyOptions) {
    this.#options = options
  }

  get namespace(): string {
    return this.#options.grants.ns
  }

  get owner(): string {
    return this.#options.owner
  }

  get dialect(): Dialect {
    return this.#options.dialect
  }

  send(destination: string): SendRule {
    return this.#sends.get(destination) ?? remember(this.#sends, destination, this.#send(destination))
  }

  mayReplyTo(destination: string | undefined): boolean {
    if (destination === undefined) return this.#options.isConfiguredUser
    const known = this.#repliesTo
    return known.get(destination) ?? remember(known, destination, this.#mayReplyTo(destination))
  }

  mayWorkOn(destination: string): boolean {
    return this.#workOn.get(destination) ?? remember(this.#workOn, destination, this.#mayWorkOn(destination))
  }

  mayRetry(destination: string): boolean {
    const { grants } = this.#options
    const purpose = readDestination(grants.ns, destination)
    const isQueue = purpose?.kind === 'job' && purpose.mode === 'queue'
    return isQueue && grants.dead && grantCovers(grants.operate, purpose.task)
  }

  #mayReplyTo(destination: string): boolean {
    const { grants, owner, isConfiguredUser } = this.#options
    const purpose = readDestination(grants.ns, destination)
    if (purpose?.kind !== 'reply') return false
    return purpose.masterId === undefined ? isConfiguredUser : purpose.owner === owner
  }

  #mayWorkOn(destination: string): boolean {
    const { grants } = this.#options
    const purpose = readDestination(grants.ns, destination)
    return purpose?.kind === 'job' && grantCovers(grants.work, purpose.task)
  }

  #send(destination: string): SendRule {
    const { grants, owner, dialect } = this.#options
    const { ns } = grants
    const purpose = readSendable(ns, destination, dialect)
    switch (purpose?.kind) {
      case 'job': {
        if (grantCovers(purpose.mode === 'queue' ? grants.dispatch : grants.broadcast, purpose.task)) {
          return { allow: 'job' }
        }
        const isBackToQueue = purpose.mode === 'queue' && grantCovers(grants.work, purpose.task)
        return isBackToQueue ? { allow: 'with_pass' } : refuseSend(destination)
      }
      case 'control': {
        if (!mayCommand(grants, purpose.task)) return refuseSend(destination)
        return {
          allow: 'control',
          broadcast: grantCovers(grants.broadcast, purpose.task) ? destinationsOf(ns).topic(purpose.task) : undefined,
          isOperator: grantCovers(grants.operate, purpose.task),
        }
      }
      case 'presence':
      case 'events':
        return grantCovers(grants.work, purpose.task) ? { allow: 'message' } : refuseSend(destination)
      case 'reply':
        // Another spelling would make the queue, and not as its reader needs it
        if (
          purpose.owner === owner &&
          purpose.masterId !== undefined &&
          destination.startsWith(dialect.replySendPrefix)
        ) {
          return { allow: 'own_replies', masterId: purpose.masterId }
        }
        return grants.work.length > 0 ? { allow: 'with_pass' } : refuseSend(destination)
      case 'dead':
        return grants.work.length > 0 ? { allow: 'with_pass' } : refuseSend(destination)
      default:
        return destination === renewDestination ? { allow: 'renewal' } : refuseSend(destination)
    }
  }

  subscribe(destination: string): SubscribeRule {
    const { grants, owner, isConfiguredUser, dialect } = this.#options
    const { ns } = grants
    const purpose = readDestination(ns, destination)
    switch (purpose?.kind) {
      case 'job':
        return grantCovers(grants.work, purpose.task)
          ? { allow: 'jobs', isTopic: purpose.mode === 'topic', destinations: [destination] }
          : refuseSubscribe(destination)
      case 'control':
        return grantCovers(grants.work, purpose.task)
          ? { allow: 'control', isTopic: true, broadcast: destinationsOf(ns).topic(purpose.task) }
          : refuseSubscribe(destination)
      case 'presence':
        return grants.workers || mayCommand(grants, purpose.task) ? presence : refuseSubscribe(destination)
      case 'events':
        return grantCovers(grants.observe, purpose.task) ? topic : refuseSubscribe(destination)
      case 'dead':
        return grants.dead ? { ...queue, isLetters: grants.operate.length > 0 } : refuseSubscribe(destination)
      case 'reply':
        if (purpose.masterId === undefined) return isConfiguredUser ? queue : refuseSubscribe(destination)
        return purpose.owner === owner
          ? { allow: 'own_replies', masterId: purpose.masterId }
          : refuseSubscribe(destination)
      default:
        if (mayWatch(grants, dialect, destination)) return presence
        return this.#subscribeTogether(destination) ?? refuseSubscribe(destination)
    }
  }

  /** The queues of several tasks as one, where the dialect's broker reads them so: each is granted, or none is read. */
  #subscribeTogether(destination: string): SubscribeRule | undefined {
    const { dialect } = this.#options
    const parts = dialect.composite === undefined ? [] : destination.split(dialect.composite.separator)
    if (parts.length < 2) return undefined
    const refused = parts.find(part => !this.#isQueueToWorkOn(part))
    if (refused === undefined) return { allow: 'jobs', isTopic: false, destinations: parts }
    return {
      refuse: `SUBSCRIBE to ${parts.length} destinations as one takes the queues of tasks that this session may work on; ${shown(refused)} is none`,
    }
  }

  #isQueueToWorkOn(destination: string): boolean {
    const { grants } = this.#options
    const { ns } = grants
    const purpose = readDestination(ns, destination)
    return purpose?.kind === 'job' && purpose.mode === 'queue' && grantCovers(grants.work, purpose.task)
  }
}

/**
 * Whether a worker that was handed `job` may SEND to `destination` about it: an answer, back to the job's own queue, or
 * to the dead ones.
 * @param destination of the SEND, unescaped
 */
export function mayAnswer(job: PassedJob, destination: string, ns: string, dialect: Dialect): boolean {
  if (destination === `/queue/${ns}.dead`) return true
  if (destination === job.destination) return destination.startsWith('/queue/')
  if (job.replyTo === '') return destination === `/queue/${ns}.reply`
  if (dialect.temporaryReply?.test(job.replyTo)) return destination === job.replyTo
  const purpose = readDestination(ns, job.replyTo)
  if (purpose?.kind !== 'reply') return false
  // One spelling only: where the dialect has another, a SEND to this one would make the queue, and not as its reader needs it
  const prefix = purpose.masterId === undefined ? '/queue/' : dialect.replySendPrefix
  return destination === prefix + job.replyTo.slice('/queue/'.length)
}

const topic: SubscribeRule = { allow: 'messages', isTopic: true }
const presence: SubscribeRule = { allow: 'messages', isTopic: true, isPresence: true }
const queue = { allow: 'messages', isTopic: false } as const satisfies SubscribeRule

/** Reads a destination of a SEND: as `readDestination`, and the dialect's spellings of where replies go. */
function readSendable(ns: string, destination: string, dialect: Dialect): Purpose | undefined {
  const purpose = readDestination(ns, destination)
  if (purpose !== undefined) return purpose
  if (dialect.temporaryReply?.test(destination)) return { kind: 'reply' }
  const { replySendPrefix } = dialect
  if (!destination.startsWith(replySendPrefix)) return undefined
  const spelled = readDestination(ns, `/queue/${destination.slice(replySendPrefix.length)}`)
  return spelled?.kind === 'reply' && spelled.masterId !== undefined ? spelled : undefined
}

const shown = (destination: string): string => JSON.stringify(destination.slice(0, 300))

const refuseSend = (destination: string): SendRule => ({
  refuse: `SEND to ${shown(destination)} is not granted to this session`,
})

const refuseSubscribe = (destination: string): SubscribeRule => ({
  refuse: `SUBSCRIBE to ${shown(destination)} is not granted to this session`,
})

function remember<Rule>(known: LazyMap<string, Rule>, destination: string, rule: Rule): Rule {
  if (known.size >= maxRemembered) known.clear()
  if (destination.length <= 1_000) known.set(destination, rule)
  return rule
}
