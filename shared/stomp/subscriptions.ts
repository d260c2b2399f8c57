/** The subscriptions that a connection keeps: each is made again on every link, until it is refused or ended. */

import { callEach } from '../call-listeners.ts'
import { DroverError } from '../contract/errors.ts'
import { subscribeHeaders } from './dialects/mod.ts'
import { addAck } from './sending/transaction.ts'
import type { Link } from './session/link.ts'
import type { IMessage } from './session/stompjs.ts'
import type { BrokerSession, Incoming, SubscribeOptions, Subscription, Transaction } from './stomp.ts'

export interface Subscriptions {
  add(options: SubscribeOptions, onMessage: (message: Incoming) => void): Subscription
  /** Sends SUBSCRIBE for each, in the order they were added. */
  renew(link: Link, session: BrokerSession): void
  /** The connection closes for good: subscriptions that were never confirmed reject. */
  end(reason: Error): void
}

export function createSubscriptions(): Subscriptions {
  const kept = new Set<(link: Link, session: BrokerSession) => void>()
  const endings = new Set<(reason: Error) => void>()
  let current: { link: Link; session: BrokerSession } | undefined
  let added = 0

  return {
    add(options, onMessage) {
      const { destination, ack = 'client-individual' } = options
      const ready = Promise.withResolvers<void>()
      ready.promise.catch(() => {}) // without a caller that waits, onRefused tells, or nothing does
      let id = `s-${++added}`
      let wasReady = false
      let subscribedOn: Link | undefined

      const end = (reason: Error): void => {
        kept.delete(subscribe)
        endings.delete(end)
        subscribedOn = undefined
        ready.reject(reason)
      }

      const subscribe = (link: Link, session: BrokerSession): void => {
        let headers: Record<string, string> & { id: string }
        try {
          const asked = { id, ack, ...options.headers?.(session) }
          // A bridge writes the headers that its broker needs
          headers = session.bridged
            ? asked
            : { ...asked, ...subscribeHeaders(session.dialect, { destination, ack }, asked) }
        } catch (thrown) {
          const error = thrown instanceof Error ? thrown : new Error(String(thrown))
          end(error)
          if (wasReady) options.onRefused?.(error)
          return
        }
        subscribedOn = link
        id = headers.id // a durable subscription is known by an id of its own
        const { composite } = session.dialect
        const isComposite = composite !== undefined && destination.includes(composite.separator)
        const keepsBack = isComposite && composite.keepsBack
        const confirmed = link.subscribe(destination, headers, message =>
          onMessage(toIncoming(message, link, destination, keepsBack)),
        )
        if (isComposite) wake(link, destination, { ...composite.waker, id: `${id}-wake`, ack })
        confirmed.then(
          () => {
            wasReady = true
            ready.resolve()
          },
          (error: DroverError) => {
            if (!kept.has(subscribe) || error.code === 'connection_lost') return
            if (error.code === 'timed_out') return link.drop(error)
            end(error)
            if (wasReady) options.onRefused?.(error)
          },
        )
      }

      kept.add(subscribe)
      endings.add(end)
      if (current?.link.isOpen) subscribe(current.link, current.session)
      return {
        ready: ready.promise,
        async unsubscribe() {
          const link = subscribedOn
          end(new DroverError('closed', `Unsubscribed from ${destination} before it was confirmed`))
          // Refused or lost: either way nothing comes from it any more.
          if (link?.isOpen) await link.unsubscribe(id, destination).catch(() => {})
        },
      }
    },
    renew(link, session) {
      current = { link, session }
      callEach(kept, link, session)
    },
    end(reason) {
      for (const end of [...endings]) end(reason)
    },
  }
}

/** Has the broker look into the queues of a subscription that reads several; nobody waits for it. */
function wake(link: Link, destination: string, headers: Record<string, string> & { id: string }): void {
  link.subscribe(destination, headers, () => {}).catch(() => {})
  link.unsubscribe(headers.id, destination).catch(() => {})
}

function toIncoming(message: IMessage, link: Link, destination: string, keepsBack: boolean): Incoming {
  const ack = (headers?: Record<string, string>): void => {
    if (link.isOpen) link.ack(message, headers)
  }
  return {
    headers: message.headers as Incoming['headers'],
    body: message.body,
    destination: message.headers.destination ?? destination,
    ack(transaction?: Transaction) {
      if (!transaction) ack()
      else if (link.isOpen) addAck(transaction, { ack, destination })
    },
    ...(keepsBack ? { askForMore: () => link.isOpen && link.sender.ackInVain(message) } : {}),
  }
}
