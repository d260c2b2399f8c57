/** The `heart-beat` header of CONNECT and CONNECTED, by which two sides agree on intervals. STOMP 1.2, 'Heart-beating'. */

/** The intervals that its sender can keep, and those it wants of the other side; ms, 0 for not at all. */
export interface HeartBeatOffer {
  readonly sendsMs: number
  readonly wantsMs: number
}

/**
 * Reads the header.
 * @param header such as `10000,10000`; absent means `0,0`
 * @returns `undefined` for a text that is no offer
 */
export function readHeartBeat(header: string = '0,0'): HeartBeatOffer | undefined {
  const found = /^\s*([0-9]{1,9})\s*,\s*([0-9]{1,9})\s*$/.exec(header)
  return found ? { sendsMs: Number(found[1]), wantsMs: Number(found[2]) } : undefined
}

/** The interval that both agree to, one way; 0 when one of them does not want any. */
export const agreedIntervalMs = (sendsMs: number, wantsMs: number): number =>
  sendsMs === 0 || wantsMs === 0 ? 0 : Math.max(sendsMs, wantsMs)
