/** The subscriptions of one connection, durable ones included, as SUBSCRIBE and UNSUBSCRIBE change them. */
import { DroverError } from '../shared/contract/errors.ts'
import { escapeHeader, type ScannedFrame } from '../shared/frames/mod.ts'
import type { BrokerContext } from './broker-context.ts'
import { type Destination, parseDestination } from './destination.ts'
import { headerText, neededText } from './frame-text.ts'
import type { Login } from './login.ts'
import { type AckMode, type Reader, Subscription } from './subscription.ts'
import type { TemporaryQueues } from './temporary-queues.ts'
import { checkRight } from './users.ts'

const encoder = new TextEncoder()

export interface SubscriptionsOptions {
  readonly login: Login
  readonly context: BrokerContext
  /** The connection that messages go to. */
  readonly reader: Reader
  readonly temporary: TemporaryQueues
}

export class Subscriptions {
  readonly #login: Login
  readonly #context: BrokerContext
  readonly #reader: Reader
  readonly #temporary: TemporaryQueues
  readonly #byKey = new Map<string, Subscription>()
  readonly #durableNames = new Map<Subscription, string>()
  #lastNumber = 0
  readonly #unstarted: Subscription[] = []

  constructor({ login, context, reader, temporary }: SubscriptionsOptions) {
    this.#login = login
    this.#context = context
    this.#reader = reader
    this.#temporary = temporary
  }

  values(): Iterable<Subscription> {
    return this.#byKey.values()
  }

  /**
   * Carries out a SUBSCRIBE. Messages come once it is started.
   * @throws {DroverError} the fault of the frame
   */
  add(frame: ScannedFrame): void {
    const { routes, limits, takeOver } = this.#context
    const { version, user, owner } = this.#login
    const destination = parseDestination(neededText(frame, 'destination', version))
    checkRight(user, destination, 'subscribe to')
    const id = version === '1.0' ? headerText(frame, 'id', version) : neededText(frame, 'id', version)
    const key = id ?? destination.text
    if (this.#byKey.has(key)) {
      throw new DroverError(
        'frame_invalid',
        `A subscription "${key}" is there already; choose another id or end it first`,
      )
    }
    if (this.#byKey.size >= limits.maxSubscriptions) {
      throw new DroverError(
        'queue_full',
        `The connection has ${limits.maxSubscriptions} subscriptions, which is the limit`,
      )
    }
    if (headerText(frame, 'selector', version) !== undefined) {
      throw new DroverError(
        'unsupported',
        'SUBSCRIBE has a selector; this broker has none: subscribe to a narrower name',
      )
    }
    const durable = this.#durableName(frame, destination, id)
    const subscription = this.#make(frame, destination, id)
    const route = this.#temporary.ownRouteOf(destination)
    routes.quotas.subscriptions.acquire(owner, 1)
    if (durable !== undefined) {
      const reader = routes.durables.readerOf(durable)
      if (reader) takeOver(reader)
      this.#durableNames.set(subscription, durable)
    }
    this.#byKey.set(key, subscription)
    try {
      routes.subscribe(subscription, { route, owner }, durable)
      this.#unstarted.push(subscription)
    } catch (error) {
      this.#byKey.delete(key)
      this.#durableNames.delete(subscription)
      routes.quotas.subscriptions.release(owner, 1)
      throw error
    }
  }

  /** Has the next one take messages, once its client was told that it is there. */
  startNext(): void {
    this.#unstarted.shift()?.start()
  }

  /**
   * Carries out an UNSUBSCRIBE.
   * @throws {DroverError} `frame_invalid` when it names none
   */
  remove(frame: ScannedFrame): void {
    const { version, user, clientId } = this.#login
    const id = version === '1.0' ? headerText(frame, 'id', version) : neededText(frame, 'id', version)
    const key = id ?? neededText(frame, 'destination', version)
    const subscription = this.#byKey.get(key)
    const endsDurable = clientId !== undefined && isTrue(headerText(frame, 'durable', version))
    if (!subscription && !endsDurable) {
      throw new DroverError('frame_invalid', `UNSUBSCRIBE names "${key}", which is no subscription of this connection`)
    }
    if (subscription) {
      this.#byKey.delete(key)
      this.#end(subscription)
    }
    if (endsDurable) this.#context.routes.durables.end(nameOf(user.login, clientId, key))
  }

  endAll(): void {
    for (const subscription of this.#byKey.values()) this.#end(subscription)
    this.#byKey.clear()
  }

  #make(frame: ScannedFrame, destination: Destination, id: string | undefined): Subscription {
    const { limits, now } = this.#context
    const { version } = this.#login
    return new Subscription(
      this.#reader,
      {
        id,
        number: ++this.#lastNumber,
        destination,
        ackMode: readAckMode(headerText(frame, 'ack', version)),
        prefetch: readPrefetch(headerText(frame, 'prefetch-count', version), limits.defaultPrefetch),
        head: encoder.encode(
          id === undefined ? 'MESSAGE\nmessage-id:' : `MESSAGE\nsubscription:${escapeHeader(id, version)}\nmessage-id:`,
        ),
      },
      now,
    )
  }

  #end(subscription: Subscription): void {
    const { routes } = this.#context
    routes.unsubscribe(subscription, this.#durableNames.get(subscription))
    routes.quotas.subscriptions.release(this.#login.owner, 1)
    this.#durableNames.delete(subscription)
  }

  #durableName(frame: ScannedFrame, destination: Destination, id: string | undefined): string | undefined {
    const { version, user, clientId } = this.#login
    if (!isTrue(headerText(frame, 'durable', version)) || destination.kind !== 'topic') return undefined
    if (clientId === undefined || id === undefined) {
      throw new DroverError(
        'frame_invalid',
        `A durable subscription to ${destination.text} needs a client-id on CONNECT and an id on SUBSCRIBE`,
      )
    }
    return nameOf(user.login, clientId, id)
  }
}

const nameOf = (...parts: readonly string[]): string => parts.map(part => encodeURIComponent(part)).join('/')

const maxPrefetch = 1_000_000

/** @throws {DroverError} `frame_invalid` for anything that is no ack mode of STOMP */
function readAckMode(header = 'auto'): AckMode {
  const mode = header.trim()
  if (mode === 'auto' || mode === 'client' || mode === 'client-individual') return mode
  throw new DroverError('frame_invalid', `ack is "${header}"; expected was auto, client or client-individual`)
}

/**
 * Reads `prefetch-count`: how many messages the subscription may have unacknowledged.
 * @throws {DroverError} `frame_invalid` for anything but 1 to 1,000,000
 */
function readPrefetch(header: string | undefined, byDefault: number): number {
  if (header === undefined) return byDefault
  const count = header.trim()
  if (/^[0-9]{1,7}$/.test(count) && Number(count) >= 1 && Number(count) <= maxPrefetch) return Number(count)
  throw new DroverError('frame_invalid', `prefetch-count is "${header}"; expected was 1 to ${maxPrefetch}, in digits`)
}

/** Whether a header says `true`. */
const isTrue = (header: string | undefined): boolean => header?.trim() === 'true'
