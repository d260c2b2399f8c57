/** Headers of SEND and SUBSCRIBE that a dialect spells its own way. */
import type { Dialect } from './dialect.ts'

/**
 * Headers of a subscription that hands out at most `messages` unacknowledged at a time.
 * @param messages at least 1
 */
export function prefetchHeaders(dialect: Dialect, messages: number): Record<string, string> {
  const { header, unit } = dialect.prefetch
  if (unit === 'messages') return { [header]: String(messages) }
  return { [header]: String(messages <= 1 ? 0 : messages * 16_384) }
}

/** Later than this is said as this: a bridge takes 15 digits, in ms since the epoch. */
const furthestAt = 999_999_999_999_999

/**
 * Headers of a SEND that expires.
 * @param expiresAt ms since the epoch, in the bridge's time
 * @param now the same clock's present
 * @returns `expires` always, for readers of the message, and the broker's own header where that is another, with no more than
 * the broker takes
 */
export function expiryHeaders(dialect: Dialect, expiresAt: number, now: number): Record<string, string> {
  const { header, base, mostMs = Number.POSITIVE_INFINITY } = dialect.expiry
  const expires = { expires: String(Math.min(furthestAt, Math.round(expiresAt))) }
  const leftMs = Math.min(mostMs, Math.max(1, Math.round(expiresAt - now)))
  return base === 'epoch' ? expires : { ...expires, [header]: String(leftMs) }
}

const nothing: Readonly<Record<string, string>> = {}

/** A bridge takes no longer delay. */
const mostDelayByBridgeMs = 86_400_000

/**
 * How a job is kept back. The broker does it where a delayed SEND is as safe there as any other, else the worker that is handed it.
 * @param delayMs from being sent; 0 for not at all
 * @returns the headers of the SEND, and the `wait_ms` of the job for the part that the broker does not see to
 */
export function keptBack(
  { dialect, bridged }: { readonly dialect: Dialect; readonly bridged: boolean },
  delayMs: number,
): { readonly headers: Readonly<Record<string, string>>; readonly wait_ms: number | undefined } {
  const { delayHeader, delaysInTransaction, mostDelayMs = Number.POSITIVE_INFINITY } = dialect
  const wholeMs = Math.max(0, Math.ceil(delayMs))
  const isByBroker = delayHeader !== undefined && delaysInTransaction
  const mostMs = bridged ? Math.min(mostDelayMs, mostDelayByBridgeMs) : mostDelayMs
  const brokerMs = isByBroker ? Math.min(wholeMs, mostMs) : 0
  return {
    headers: isByBroker && brokerMs > 0 ? { [delayHeader]: String(brokerMs) } : nothing,
    wait_ms: wholeMs > brokerMs ? wholeMs - brokerMs : undefined,
  }
}

/**
 * Headers of a SEND that say whether its destination is a queue or a topic.
 * @param destination `/topic/…`, else a queue
 */
export function sendKind({ kinds }: Pick<Dialect, 'kinds'>, destination: string): Readonly<Record<string, string>> {
  return kinds?.[kindOf(destination)].send ?? nothing
}

/** Whether a SEND with `persistent:false` leaves that out. @param destination as it is sent */
export function leavesTransientOut(
  { claimsByTransient }: Pick<Dialect, 'claimsByTransient'>,
  destination: string,
): boolean {
  return claimsByTransient === true && destination.startsWith('/queue/')
}

/**
 * A SEND's own headers as they go to a broker.
 * @param destination as it is sent
 */
export function ownHeaders(
  dialect: Pick<Dialect, 'claimsByTransient'>,
  {
    destination,
    headers = nothing,
  }: { readonly destination: string; readonly headers?: Readonly<Record<string, string>> },
): Readonly<Record<string, string>> {
  if (headers.persistent !== 'false' || !leavesTransientOut(dialect, destination)) return headers
  const { persistent: _, ...others } = headers
  return others
}

/**
 * Headers that a SEND needs for a broker besides the sender's own.
 * @param once names the message and its copies
 */
export function sendHeaders(
  dialect: Pick<Dialect, 'kinds' | 'once'>,
  { destination, once }: { readonly destination: string; readonly once?: string | undefined },
): Readonly<Record<string, string>> {
  const kind = sendKind(dialect, destination)
  return once === undefined || dialect.once === undefined ? kind : { ...kind, [dialect.once.header]: once }
}

/**
 * Headers of a SUBSCRIBE as the broker has to have them.
 * @param ack absent means `auto`, as STOMP has it
 * @param asked those that it would have on any broker of this dialect, the header of its prefetch among them
 */
export function subscribeHeaders(
  { kinds, prefetch }: Pick<Dialect, 'kinds' | 'prefetch'>,
  { destination, ack = 'auto' }: { readonly destination: string; readonly ack?: string | undefined },
  asked: Readonly<Record<string, string>>,
): Record<string, string> {
  const endless = ack === 'auto' && prefetch.auto !== undefined ? { [prefetch.header]: prefetch.auto } : nothing
  return { ...asked, ...endless, ...kinds?.[kindOf(destination)].subscribe }
}

const kindOf = (destination: string): 'queue' | 'topic' => (destination.startsWith('/topic/') ? 'topic' : 'queue')
