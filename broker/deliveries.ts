/** The messages that one connection was handed and has not acknowledged, in the order of handing out. */
import { DroverError } from '../shared/contract/errors.ts'
import type { ScannedFrame, StompVersion } from '../shared/frames/mod.ts'
import { unescapeHeader } from '../shared/frames/mod.ts'
import { Deque } from './deque.ts'
import type { LoadedEntry } from './entry.ts'
import type { Queue } from './queue.ts'
import type { Subscription, UnackedDelivery } from './subscription.ts'

export class Deliveries {
  readonly #version: StompVersion
  readonly #byKey = new Map<string, UnackedDelivery>()
  /** With ack mode `client`: those that an ACK may mean, in order. Those in a transaction are not among them. */
  readonly #cumulative = new WeakMap<Subscription, Deque<UnackedDelivery>>()
  #lastAckId = 0
  #lastNumber = 0

  constructor(version: StompVersion) {
    this.#version = version
  }

  get size(): number {
    return this.#byKey.size
  }

  /** The name that an ACK of this message will have: an id of its own in 1.2, else the ids that MESSAGE has anyway. */
  nextKey(subscription: Subscription, messageId: string): string {
    if (this.#version === '1.2') return String(++this.#lastAckId)
    return this.#version === '1.1' ? `${messageId} ${subscription.id}` : messageId
  }

  add(key: string, subscription: Subscription, from: UnackedDelivery['from']): void {
    const delivery: UnackedDelivery = { key, number: ++this.#lastNumber, subscription, from, transaction: undefined }
    this.#byKey.set(key, delivery)
    if (subscription.ackMode !== 'client') return
    const others = this.#cumulative.get(subscription)
    if (others) others.push(delivery)
    else this.#cumulative.set(subscription, new Deque([delivery]))
  }

  /**
   * The deliveries that an ACK or NACK means: one, or with ack mode `client` all up to it of its subscription.
   * @throws {DroverError} `frame_invalid` when it means none
   */
  named(frame: ScannedFrame): readonly UnackedDelivery[] {
    const needed = { '1.0': ['message-id'], '1.1': ['message-id', 'subscription'], '1.2': ['id'] }[this.#version]
    const values = needed.map(name => {
      const value = frame.header(name)
      if (value !== undefined) return unescapeHeader(value, this.#version)
      throw new DroverError('frame_invalid', `${frame.command} has no ${name} header; STOMP ${this.#version} needs it`)
    })
    const delivery = this.#byKey.get(values.join(' '))
    if (!delivery || delivery.transaction !== undefined) {
      const why = delivery ? 'is in a transaction already' : 'waits for none: it was acknowledged or given back before'
      throw new DroverError(
        'frame_invalid',
        `${frame.command} names ${needed.join(', ')} "${values.join(', ')}", which ${why}`,
      )
    }
    if (delivery.subscription.ackMode !== 'client') return [delivery]
    const upTo: UnackedDelivery[] = []
    for (const other of this.#cumulative.get(delivery.subscription) ?? []) {
      upTo.push(other)
      if (other === delivery) break
    }
    return upTo
  }

  /** These wait in a transaction now: no other ACK means them. */
  hold(deliveries: readonly UnackedDelivery[]): void {
    for (const delivery of deliveries) this.#takeOut(delivery)
  }

  /** Their transaction was aborted: an ACK may mean them again, each in its place. */
  release(deliveries: readonly UnackedDelivery[]): void {
    const released = new Map<Subscription, UnackedDelivery[]>()
    for (const delivery of deliveries) {
      if (delivery.subscription.ackMode !== 'client') continue
      const others = released.get(delivery.subscription)
      if (others) others.push(delivery)
      else released.set(delivery.subscription, [delivery])
    }
    for (const [subscription, back] of released) {
      const all = [...back, ...(this.#cumulative.get(subscription) ?? [])].sort((a, b) => a.number - b.number)
      this.#cumulative.set(subscription, new Deque(all))
    }
  }

  /** Ends these, and lets their subscriptions go on. */
  settle(deliveries: readonly UnackedDelivery[], how: 'ack' | 'nack'): void {
    const subscriptions = new Set<Subscription>()
    for (const delivery of deliveries) {
      const { key, subscription, from } = delivery
      this.#byKey.delete(key)
      this.#takeOut(delivery)
      subscription.unacknowledged--
      subscriptions.add(subscription)
      if (how === 'ack') from?.queue.settle(from.entry)
      else from?.queue.refuse(from.entry, subscription)
    }
    for (const subscription of subscriptions) subscription.resume()
  }

  /**
   * Gives back, in their places, those for which it holds. Messages of a topic are gone.
   * @param isRedelivered whether they are marked so when they are handed out again
   */
  requeue(isMeant: (delivery: UnackedDelivery) => boolean, isRedelivered: boolean): void {
    const entries = new Map<Queue, LoadedEntry[]>()
    for (const delivery of [...this.#byKey.values()]) {
      if (!isMeant(delivery)) continue
      this.#byKey.delete(delivery.key)
      delivery.subscription.unacknowledged--
      if (!delivery.from) continue
      const { queue, entry } = delivery.from
      const others = entries.get(queue)
      if (others) others.push(entry)
      else entries.set(queue, [entry])
    }
    for (const [queue, back] of entries) queue.requeue(back, isRedelivered)
  }

  /** From the front, where it is unless a transaction has it. */
  #takeOut(delivery: UnackedDelivery): void {
    const others = this.#cumulative.get(delivery.subscription)
    if (others?.first === delivery) others.shift()
  }
}
