/** A job that a queue handed out, as its subscription counts it: in hand, until it is settled or the subscription ends. */
import type { Incoming, Subscription } from '../../shared/stomp/mod.ts'
import type { Delivery } from '../delivery.ts'
import type { AskForMore } from './ask-for-more.ts'

export interface QueueSubscription {
  readonly handle: Subscription
  /** Messages it handed out on this connection that were not settled. */
  unsettled: number
  /** Its job in hand waits for a master that does not read: it stands for no slot meanwhile. */
  isParked: boolean
  /** Jobs that came while the worker drained, or paused the task, and were not left. */
  turnedRound: number
  /** Something came that is left to the broker: it closes as soon as it has nothing in hand. */
  hasLeft: boolean
  /** The queue of the job that it brought last, in short. */
  source: string | undefined
  /** Its queues are read no longer, or by another one: it closes once it has nothing in hand. */
  isRetired: boolean
  /** Something came by it since the last look for those that nothing comes by. */
  isUsed: boolean
  /** `closing`: the worker drains, or it is retired, and a job that its last ACK let the broker send may still come. */
  at: 'open' | 'closing' | 'closed'
  /** The latest wait before it closes: a later one stands for a job that may come later. */
  closing: Promise<void> | undefined
}

export const newSubscription = (handle: Subscription): QueueSubscription => ({
  handle,
  unsettled: 0,
  isParked: false,
  turnedRound: 0,
  hasLeft: false,
  isUsed: true,
  source: undefined,
  isRetired: false,
  at: 'open',
  closing: undefined,
})

export interface QueueDeliveryPorts {
  readonly incoming: Incoming
  readonly source: string
  readonly subscription: QueueSubscription
  /** `undefined` for a worker that drains. */
  readonly askForMore: AskForMore | undefined
  /** Whether its connection is gone. */
  isGone(): boolean
  /** Whether its subscription may close before the worker drains. */
  mayClose(): boolean
  /** Whether the connection ends soon, and what is left then comes again. */
  isDraining(): boolean
  /** Its subscription is parked, or is so no longer. */
  changed(): void
  /** Its subscription has one less in hand. */
  settled(): void
  /** Closes its subscription. */
  close(): void
}

/** So many jobs of each subscription are turned round by a worker that drains, where a job that is left looks like a loss. */
const maxTurnedRound = 3
/** How long the next one stays at first and at most, where the worker goes on: one that is left would come to nobody. */
const firstTurnMs = 50
const longestTurnMs = 5_000

/** How long a job stays that comes by a subscription which is to close: with a queue that has more, each turn brings another. */
export const turnMs = ({ isRetired, turnedRound }: QueueSubscription): number =>
  isRetired && turnedRound >= maxTurnedRound
    ? Math.min(longestTurnMs, firstTurnMs * 2 ** (turnedRound - maxTurnedRound))
    : 0

export function queueDelivery(ports: QueueDeliveryPorts): Delivery {
  const { incoming, source, subscription, askForMore, isGone, mayClose, isDraining } = ports
  let isSettled = false
  let isAckSent = false
  const stopAsking = askForMore?.start(incoming, () => !isAckSent)
  const park = (isParked: boolean): void => {
    subscription.isParked = isParked
    ports.changed()
  }
  const settled = (): void => {
    stopAsking?.()
    if (isSettled || isGone()) return
    isSettled = true
    subscription.unsettled--
    if (subscription.isParked) park(false)
    ports.settled()
  }
  return {
    incoming,
    source,
    ack(transaction) {
      isAckSent = true
      incoming.ack(transaction)
    },
    settled,
    refused() {
      isAckSent = false
    },
    park() {
      if (!isSettled && !isGone() && !subscription.isParked) park(true)
    },
    isGone,
    leaveUnsettled() {
      const isMarkedNow = incoming.headers.redelivered === 'true'
      const isTurned = !isMarkedNow && subscription.turnedRound < maxTurnedRound
      if (!mayClose()) subscription.turnedRound++
      if (!mayClose() && (isTurned || !isDraining())) return false
      settled()
      return true
    },
    mayRequeue: () => !isSettled && !isGone() && subscription.unsettled === 1 && mayClose(),
    requeue() {
      stopAsking?.()
      isSettled = true
      ports.close()
    },
  }
}
