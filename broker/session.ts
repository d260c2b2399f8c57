/** The session of a connection that is logged in: its subscriptions, deliveries, transactions and temporary queues. */
import { DroverError } from '../shared/contract/errors.ts'
import { checkIds, type ScannedFrame, trimFrame } from '../shared/frames/mod.ts'
import type { BrokerContext } from './broker-context.ts'
import { Deliveries } from './deliveries.ts'
import { type Destination, parseDestination } from './destination.ts'
import { checkNoBody, headerText, neededText } from './frame-text.ts'
import type { Login } from './login.ts'
import { type Message, readMessage, tailFor } from './message.ts'
import { wantsRefusalReceipt } from './refusal-receipt.ts'
import type { Reader, Subscription, UnackedDelivery } from './subscription.ts'
import { Subscriptions } from './subscriptions.ts'
import { TemporaryQueues } from './temporary-queues.ts'
import { Transactions } from './transactions.ts'
import { checkRight } from './users.ts'
import type { Piece } from './write-buffer.ts'

const maxSendable = 100

export class Session {
  readonly login: Login
  readonly #context: BrokerContext
  readonly #subscriptions: Subscriptions
  readonly #sendable = new Map<string, Destination>()
  readonly #deliveries: Deliveries
  readonly #transactions: Transactions
  readonly #temporary: TemporaryQueues

  /**
   * @param token a secret that makes its temporary queues its own
   * @param reader the connection that messages go to
   */
  constructor(login: Login, token: string, context: BrokerContext, reader: Reader) {
    this.login = login
    this.#context = context
    this.#deliveries = new Deliveries(login.version)
    this.#transactions = new Transactions(login.owner, {
      limits: context.limits,
      room: context.routes.rooms.memory,
      quotas: context.routes.quotas,
      onEnd: message => context.routes.admission.releaseRoom(message),
    })
    this.#temporary = new TemporaryQueues(token, login.owner, context.routes, context.limits.maxSubscriptions)
    this.#subscriptions = new Subscriptions({ login, context, reader, temporary: this.#temporary })
  }

  /** Hands messages to its subscriptions, as far as there is room. */
  resume(): void {
    for (const subscription of [...this.#subscriptions.values()]) subscription.resume()
  }

  /** A frame as its version means it. */
  asMeant(frame: ScannedFrame): ScannedFrame {
    return this.login.version === '1.0' ? trimFrame(frame) : frame
  }

  /**
   * Carries out a frame. A frame that throws has changed nothing.
   * @throws {DroverError} the fault of the frame; `queue_full` when it may be tried again
   */
  obey(frame: ScannedFrame): void {
    checkIds(frame)
    if (frame.command !== 'SEND') checkNoBody(frame)
    switch (frame.command) {
      case 'SEND':
        this.#send(frame)
        break
      case 'SUBSCRIBE':
        this.#subscriptions.add(frame)
        break
      case 'UNSUBSCRIBE':
        this.#subscriptions.remove(frame)
        this.#requeueEnded()
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

  /** Has the next subscription take messages, once its client was told that it is there. */
  startSubscription(): void {
    this.#subscriptions.startNext()
  }

  /** The MESSAGE frame of a message that is handed out, noted for its ACK where one is due. */
  deliver(subscription: Subscription, message: Message, from: UnackedDelivery['from']): Piece[] {
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
    return [subscription.head, own, ...tailFor(message, version)]
  }

  /** Ends it all. Transactions abort, and unacknowledged messages go back. */
  end(): void {
    this.#transactions.endAll()
    this.#subscriptions.endAll()
    this.#deliveries.requeue(() => true, true)
    this.#temporary.removeAll()
  }

  #send(frame: ScannedFrame): void {
    const { routes, limits, nextMessageId, now } = this.#context
    const destination = this.#sendableOf(frame)
    const message = readMessage(frame, {
      id: nextMessageId(),
      at: now(),
      destination,
      route: this.#temporary.routeOf(destination),
      version: this.login.version,
      owner: this.login.owner,
      maxDelayMs: limits.maxDelayMs,
      replyTo: text => this.#temporary.replyTo(text),
    })
    const transaction = headerText(frame, 'transaction', this.login.version)
    if (transaction !== undefined) this.#transactions.stepsOf(transaction)
    routes.journal?.check(message)
    if (routes.admission.drops(message)) return
    const hasReservedRoom = transaction !== undefined && wantsRefusalReceipt(frame)
    if (transaction === undefined || hasReservedRoom) routes.admission.checkRoom(message)
    if (transaction === undefined) routes.publish(message)
    else this.#transactions.add(transaction, { type: 'send', message })
    if (hasReservedRoom) routes.admission.reserveRoom(message)
  }

  #acknowledge(frame: ScannedFrame): void {
    if (frame.command === 'NACK' && this.login.version === '1.0') {
      throw new DroverError('frame_invalid', 'NACK came on a STOMP 1.0 connection; it exists from 1.1 on')
    }
    const how = frame.command === 'ACK' ? 'ack' : 'nack'
    const deliveries = this.#deliveries.named(frame)
    const transaction = headerText(frame, 'transaction', this.login.version)
    if (transaction === undefined) this.#deliveries.settle(deliveries, how)
    else {
      this.#transactions.add(transaction, { type: how, deliveries })
      this.#deliveries.hold(deliveries)
    }
  }

  #abort(name: string): void {
    const steps = this.#transactions.end(name)
    this.#deliveries.release(steps.flatMap(step => (step.type === 'send' ? [] : step.deliveries)))
    this.#requeueEnded()
  }

  #commit(name: string): void {
    const { routes } = this.#context
    const open = this.#transactions.stepsOf(name)
    const messages = open.flatMap(step => (step.type === 'send' ? [step.message] : []))
    const settled = open.flatMap(step => (step.type === 'ack' ? step.deliveries.flatMap(leaves) : []))
    for (const message of messages) routes.journal?.check(message)
    const admitted = routes.admission.admit(messages, settled)
    const steps = this.#transactions.end(name)
    // Deliveries to this connection first, since publishing may end it as a reader that is too slow
    for (const step of steps) if (step.type !== 'send') this.#deliveries.settle(step.deliveries, step.type)
    for (const message of admitted) routes.publish(message)
  }

  /** An ACK in a transaction keeps its message, also past UNSUBSCRIBE, until the transaction ends. */
  #requeueEnded(): void {
    this.#deliveries.requeue(
      ({ subscription, transaction }) => subscription.isEnded && transaction === undefined,
      false,
    )
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

  #need(frame: ScannedFrame, name: string): string {
    return neededText(frame, name, this.login.version)
  }
}

/** The message whose room an ACK makes free. A message that a durable subscription holds is its reader's. */
const leaves = ({ from }: UnackedDelivery): Message[] =>
  from !== undefined && from.queue.route === from.entry.message.route ? [from.entry.message] : []
