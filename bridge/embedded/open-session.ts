/** What a connection that is logged in has and does: subscriptions, deliveries, transactions, temporary queues. */
import { DroverError } from '../../shared/contract/errors.ts'
import { escapeHeader, type ScannedFrame, unescapeHeader } from '../frames/mod.ts'
import { Deliveries } from './deliveries.ts'
import { type Destination, parseDestination } from './destination.ts'
import type { BrokerLimits } from './limits.ts'
import type { Login } from './login.ts'
import { Message } from './message.ts'
import type { Piece } from './outbox.ts'
import type { Routes } from './routes.ts'
import { type Delivery, type Reader, Subscription } from './subscription.ts'
import { isTrue, readAckMode, readPrefetch } from './subscription-headers.ts'
import { TemporaryQueues } from './temporary-queues.ts'
import { Transactions } from './transactions.ts'
import { checkRight } from './users.ts'

/** What all sessions of a broker share. */
export interface Commons {
  readonly routes: Routes
  readonly limits: BrokerLimits
  readonly now: () => number
  readonly nextMessageId: () => string
  /** Ends another connection whose durable subscription moves here. */
  readonly takeOver: (subscription: Subscription) => void
}

const encoder = new TextEncoder()
const maxSendable = 100

export class OpenSession {
  readonly login: Login
  readonly #commons: Commons
  readonly #reader: Reader
  readonly #subscriptions = new Map<string, Subscription>()
  readonly #sendable = new Map<string, Destination>()
  readonly #durableNames = new Map<Subscription, string>()
  readonly #deliveries: Deliveries
  readonly #transactions: Transactions
  readonly #temporary: TemporaryQueues
  #lastNumber = 0
  #unstarted: Subscription | undefined

  /**
   * @param token a secret that makes its temporary queues its own
   * @param reader the connection that messages go to
   */
  constructor(login: Login, token: string, commons: Commons, reader: Reader) {
    this.login = login
    this.#commons = commons
    this.#reader = reader
    this.#deliveries = new Deliveries(login.version)
    this.#transactions = new Transactions(commons.limits, commons.routes.room)
    this.#temporary = new TemporaryQueues(token, login.owner, commons.routes, commons.limits.maxSubscriptions)
  }

  get subscriptions(): Iterable<Subscription> {
    return this.#subscriptions.values()
  }

  /**
   * Does what a frame says; a frame that throws has changed nothing.
   * @throws {DroverError} whatever is wrong with it; `queue_full` when it may be tried again
   */
  obey(frame: ScannedFrame): void {
    if (frame.command !== 'SEND' && frame.hasBody) {
      throw new DroverError('frame_invalid', `${frame.command} has a body; in STOMP only SEND may have one`)
    }
    switch (frame.command) {
      case 'SEND':
        this.#send(frame)
        break
      case 'SUBSCRIBE':
        this.#subscribe(frame)
        break
      case 'UNSUBSCRIBE':
        this.#unsubscribe(frame)
        break
      case 'ACK':
      case 'NACK':
        this.#acknowledge(frame)
        break
      case 'BEGIN':
        this.#transactions.begin(this.#need(frame, 'transaction'))
        break
      case 'COMMIT':
        this.#commit(this.#need(frame, 'transaction'))
        break
      case 'ABORT':
        this.#abort(this.#need(frame, 'transaction'))
        break
      case 'DISCONNECT':
        break
      case 'CONNECT':
      case 'STOMP':
        throw new DroverError('frame_invalid', `${frame.command} came a second time; a connection logs in once`)
      default:
        throw new DroverError('frame_invalid', `"${frame.command}" is no command that a client may send in STOMP`)
    }
  }

  /** Has the newest subscription take messages, once whoever made it was told that it is there. */
  startSubscription(): void {
    this.#unstarted?.start()
    this.#unstarted = undefined
  }

  /** The MESSAGE frame of a message that is handed out, noted for its ACK where one is due. */
  deliver(subscription: Subscription, message: Message, from: Delivery['from']): Piece[] {
    const { version } = this.login
    // In 1.0 an ACK names the message alone, so the name must tell subscriptions apart
    const messageId = version === '1.0' ? `${message.id}-${subscription.number}` : message.id
    let own = `${messageId}\n`
    if (subscription.ackMode !== 'auto') {
      const key = this.#deliveries.nextKey(subscription, messageId)
      this.#deliveries.add(key, subscription, from)
      if (version === '1.2') own += `ack:${key}\n`
    }
    if (from?.entry.isRedelivered) own += 'redelivered:true\n'
    return [subscription.head, own, ...message.tailFor(version)]
  }

  /** Ends it all: transactions abort, what was not acknowledged goes back. */
  end(): void {
    this.#transactions.endAll()
    for (const subscription of this.#subscriptions.values()) this.#endSubscription(subscription)
    this.#subscriptions.clear()
    this.#deliveries.giveBack(() => true, true)
    this.#temporary.removeAll()
  }

  #send(frame: ScannedFrame): void {
    const { routes, limits, nextMessageId } = this.#commons
    const destination = this.#sendableOf(frame)
    const message = new Message(frame, {
      id: nextMessageId(),
      destination,
      route: this.#temporary.routeOf(destination),
      version: this.login.version,
      owner: this.login.owner,
      maxDelayMs: limits.maxDelayMs,
      replyTo: text => this.#temporary.replyTo(text),
    })
    const transaction = this.#optional(frame, 'transaction')
    if (transaction !== undefined) this.#transactions.stepsOf(transaction)
    if (routes.admission.drops(message)) return
    if (transaction === undefined) {
      routes.admission.checkRoom([message])
      routes.publish(message)
    } else this.#transactions.add(transaction, { type: 'send', message })
  }

  #subscribe(frame: ScannedFrame): void {
    const { routes, limits, now, takeOver } = this.#commons
    const { version, user, clientId } = this.login
    const destination = this.#destinationOf(frame)
    checkRight(user, destination, 'subscribe to')
    const id = version === '1.0' ? this.#optional(frame, 'id') : this.#need(frame, 'id')
    const key = id ?? destination.text
    if (this.#subscriptions.has(key)) {
      throw new DroverError(
        'frame_invalid',
        `A subscription "${key}" is there already; choose another id or end it first`,
      )
    }
    if (this.#subscriptions.size >= limits.maxSubscriptions) {
      throw new DroverError(
        'queue_full',
        `The connection has ${limits.maxSubscriptions} subscriptions, which is the limit`,
      )
    }
    if (this.#optional(frame, 'selector') !== undefined) {
      throw new DroverError(
        'unsupported',
        'SUBSCRIBE has a selector; this broker has none: subscribe to a narrower name',
      )
    }
    const durable = this.#durableName(frame, destination, id, clientId)
    const subscription = new Subscription(
      this.#reader,
      {
        id,
        number: ++this.#lastNumber,
        destination,
        ackMode: readAckMode(this.#optional(frame, 'ack')),
        prefetch: readPrefetch(this.#optional(frame, 'prefetch-count'), limits.defaultPrefetch),
        head: encoder.encode(
          id === undefined ? 'MESSAGE\nmessage-id:' : `MESSAGE\nsubscription:${escapeHeader(id, version)}\nmessage-id:`,
        ),
      },
      now,
    )
    const route = this.#temporary.ownRouteOf(destination)
    if (durable !== undefined) {
      const reader = routes.durables.readerOf(durable)
      if (reader) takeOver(reader)
      this.#durableNames.set(subscription, durable)
    }
    this.#subscriptions.set(key, subscription)
    try {
      routes.subscribe(subscription, { route, owner: this.login.owner }, durable)
      this.#unstarted = subscription
    } catch (error) {
      this.#subscriptions.delete(key)
      this.#durableNames.delete(subscription)
      throw error
    }
  }

  #unsubscribe(frame: ScannedFrame): void {
    const { version, user, clientId } = this.login
    const id = version === '1.0' ? this.#optional(frame, 'id') : this.#need(frame, 'id')
    const key = id ?? this.#need(frame, 'destination')
    const subscription = this.#subscriptions.get(key)
    const endsDurable = isTrue(this.#optional(frame, 'durable'))
    if (!subscription && !(endsDurable && clientId !== undefined)) {
      throw new DroverError('frame_invalid', `UNSUBSCRIBE names "${key}", which is no subscription of this connection`)
    }
    if (subscription) {
      this.#subscriptions.delete(key)
      this.#endSubscription(subscription)
      this.#giveBackEnded()
    }
    if (endsDurable && clientId !== undefined) this.#commons.routes.durables.end(nameOf(user.login, clientId, key))
  }

  #acknowledge(frame: ScannedFrame): void {
    if (frame.command === 'NACK' && this.login.version === '1.0') {
      throw new DroverError('frame_invalid', 'NACK came on a STOMP 1.0 connection; it exists from 1.1 on')
    }
    const how = frame.command === 'ACK' ? 'ack' : 'nack'
    const deliveries = this.#deliveries.named(frame)
    const transaction = this.#optional(frame, 'transaction')
    if (transaction === undefined) this.#deliveries.settle(deliveries, how)
    else {
      this.#transactions.add(transaction, { type: how, deliveries })
      this.#deliveries.hold(deliveries)
    }
  }

  #abort(name: string): void {
    const steps = this.#transactions.end(name)
    this.#deliveries.release(steps.flatMap(step => (step.type === 'send' ? [] : step.deliveries)))
    this.#giveBackEnded()
  }

  #commit(name: string): void {
    const { routes } = this.#commons
    const messages = this.#transactions.stepsOf(name).flatMap(step => (step.type === 'send' ? [step.message] : []))
    const admitted = routes.admission.admit(
      messages,
      messages.reduce((bytes, message) => bytes + message.bytes, 0),
    )
    const steps = this.#transactions.end(name)
    // First what was handed out here: publishing may end this very connection, as a reader that is too slow
    for (const step of steps) if (step.type !== 'send') this.#deliveries.settle(step.deliveries, step.type)
    for (const message of admitted) routes.publish(message)
  }

  #endSubscription(subscription: Subscription): void {
    this.#commons.routes.unsubscribe(subscription, this.#durableNames.get(subscription))
    this.#durableNames.delete(subscription)
  }

  /** An ACK in a transaction keeps its message, also past UNSUBSCRIBE, until the transaction ends. */
  #giveBackEnded(): void {
    this.#deliveries.giveBack(
      ({ subscription, transaction }) => subscription.isEnded && transaction === undefined,
      false,
    )
  }

  #durableName(frame: ScannedFrame, destination: Destination, id: string | undefined, clientId: string | undefined) {
    if (!isTrue(this.#optional(frame, 'durable')) || destination.kind !== 'topic') return undefined
    if (clientId === undefined || id === undefined) {
      throw new DroverError(
        'frame_invalid',
        `A durable subscription to ${destination.text} needs a client-id on CONNECT and an id on SUBSCRIBE`,
      )
    }
    return nameOf(this.login.user.login, clientId, id)
  }

  /** A destination that this user may send to; read and checked once, since most senders write to few. */
  #sendableOf(frame: ScannedFrame): Destination {
    const text = this.#need(frame, 'destination')
    const known = this.#sendable.get(text)
    if (known) return known
    const destination = parseDestination(text)
    checkRight(this.login.user, destination, 'send to')
    if (destination.hasWildcard) {
      throw new DroverError('frame_invalid', `SEND names ${destination.text}; wildcards are for SUBSCRIBE only`)
    }
    if (this.#sendable.size >= maxSendable) this.#sendable.clear()
    this.#sendable.set(text, destination)
    return destination
  }

  #destinationOf(frame: ScannedFrame): Destination {
    return parseDestination(this.#need(frame, 'destination'))
  }

  #need(frame: ScannedFrame, name: string): string {
    const value = this.#optional(frame, name)
    if (value !== undefined && value !== '') return value
    throw new DroverError('frame_invalid', `${frame.command} has no ${name} header; STOMP needs it`)
  }

  #optional(frame: ScannedFrame, name: string): string | undefined {
    const value = frame.header(name)
    return value === undefined ? undefined : unescapeHeader(value, this.login.version)
  }
}

const nameOf = (...parts: readonly string[]): string => parts.map(part => encodeURIComponent(part)).join('/')
