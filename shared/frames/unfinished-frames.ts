/**
 * Frames, and messages of a WebSocket, that have begun and not ended: bridge and embedded broker keep them until the rest
 * comes. Each is bounded, but as many sessions as there may be would keep more than a machine has; so there is a bound for
 * the bytes of each owner, and one for all. Looked at when there may be too much: it costs nothing on the way of a frame.
 */
import { DroverError } from '../contract/errors.ts'

/** A session as it is counted here. */
export interface BufferingSession {
  /** Absent until it is known. */
  readonly owner: string | undefined
  /** Bytes of its unfinished frames and messages. */
  readonly unfinishedBytes: number
  /** Ends it with an ERROR that says why. */
  end(error: DroverError): void
}

export interface UnfinishedBounds {
  /** Of all sessions together. */
  readonly maxUnfinishedBytes: number
  readonly maxOwnerUnfinishedBytes: number
}

/** The bytes that are bounded. */
export interface Kept<Session extends BufferingSession> {
  readonly bytesOf: (session: Session) => number
  /** Why a session is ended that keeps so many. */
  readonly fault: (bytes: number) => DroverError
}

const unfinished: Kept<BufferingSession> = {
  bytesOf: session => session.unfinishedBytes,
  fault: bytes =>
    new DroverError(
      'queue_full',
      `Too many frames have begun and not ended here (${bytes} bytes in this session); send fewer at once, each to its end`,
    ),
}

/**
 * Ends sessions until no owner, and not all together, keep more than they may: those that keep most, of the owner who
 * keeps most.
 */
export const boundUnfinished = (sessions: Iterable<BufferingSession>, bounds: UnfinishedBounds): void =>
  boundKept(sessions, bounds, unfinished)

/** The same for other bytes. */
export function boundKept<Session extends BufferingSession>(
  sessions: Iterable<Session>,
  { maxUnfinishedBytes, maxOwnerUnfinishedBytes }: UnfinishedBounds,
  { bytesOf, fault }: Kept<Session>,
): void {
  const byOwner = new Map<string | undefined, { bytes: number; sessions: { session: Session; bytes: number }[] }>()
  let total = 0
  for (const session of sessions) {
    const bytes = bytesOf(session)
    if (bytes === 0) continue
    total += bytes
    const share = byOwner.get(session.owner) ?? { bytes: 0, sessions: [] }
    byOwner.set(session.owner, share)
    share.bytes += bytes
    share.sessions.push({ session, bytes })
  }
  for (const share of [...byOwner.values()].toSorted((a, b) => b.bytes - a.bytes)) {
    const isOver = (): boolean => share.bytes > maxOwnerUnfinishedBytes || total > maxUnfinishedBytes
    if (!isOver()) return
    for (const { session, bytes } of share.sessions.toSorted((a, b) => b.bytes - a.bytes)) {
      if (!isOver()) break
      share.bytes -= bytes
      total -= bytes
      session.end(fault(bytes))
    }
  }
}
