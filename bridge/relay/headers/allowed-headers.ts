/**
 * Which headers pass from a browser to the broker. Design section 4.
 *
 * A SEND may carry headers of its own, so those that control its broker are named (in the dialects) and all others pass. The other
 * frames have nothing to say but STOMP's own words, so there those are named and everything else goes.
 */

import type { DialectName } from '../../../shared/stomp/dialects/mod.ts'
import { reservedHeaders } from '../../../shared/stomp/dialects/reserved-headers.ts'

const stompNames: ReadonlySet<string> = new Set([
  'content-length',
  'content-type',
  'correlation-id',
  'destination',
  'expires',
  'persistent',
  'priority',
  'receipt',
  'reply-to',
  'transaction',
])

/**
 * Whether a SEND's header is removed because it controls this broker or vouches for something.
 * @param name unescaped
 */
export function isReservedHeader(name: string, broker: DialectName): boolean {
  // By way of capitals: some letters beyond ASCII are a `k` or an `s` to a broker that compares those
  const lower = name.toUpperCase().toLowerCase()
  // A capital letter would make two headers of one for a broker that does not mind case
  if (lower !== name && stompNames.has(lower)) return true
  const { names, prefixes } = reservedHeaders[broker]
  return lower.startsWith('drover-') || names.includes(lower) || prefixes.some(prefix => lower.startsWith(prefix))
}

/** The headers of frames other than CONNECT, SEND and SUBSCRIBE. */
export const passedHeaders: Readonly<Record<string, ReadonlySet<string>>> = {
  UNSUBSCRIBE: new Set(['id', 'receipt']),
  ACK: new Set(['id', 'message-id', 'subscription', 'transaction', 'receipt']),
  NACK: new Set(['id', 'message-id', 'subscription', 'transaction', 'receipt']),
  BEGIN: new Set(['transaction', 'receipt']),
  COMMIT: new Set(['transaction', 'receipt']),
  ABORT: new Set(['transaction', 'receipt']),
  DISCONNECT: new Set(['receipt']),
}
