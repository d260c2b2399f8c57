/** Subscriptions that end with their session: each session has its own. */
import type { Clock } from '../clock.ts'
import type { DroverError } from '../contract/errors.ts'
import type { Subscription } from '../stomp/mod.ts'

/** Whether a subscription ended because its connection or its holder did, and not because it was refused. */
export const isGone = ({ code }: DroverError): boolean => code === 'connection_lost' || code === 'closed'

/**
 * Ends a subscription whose session is gone: each session has its own, for the RECEIPT of each. In a turn of its own,
 * since why it was refused, if it was, is to be heard first.
 */
export function endSoon(subscription: Subscription | undefined, clock: Clock): void {
  if (subscription !== undefined) clock.timer(0, () => void subscription.unsubscribe())
}
