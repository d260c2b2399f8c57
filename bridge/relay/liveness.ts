/** Whether an open session goes on, looked at now and then: its token, whether it still reads, and its heart-beats. */
import { DroverError } from '../../shared/contract/errors.ts'
import type { ByteLink } from '../../shared/frames/byte-link.ts'
import { LimitReached } from '../limit-reached.ts'
import type { BrowserLink } from './browser-side.ts'
import type { HeartBeat } from './heart-beat.ts'
import type { PausableReads } from './pausable-reads.ts'

/** The session that is looked at. */
export interface Liveness {
  /** When its token ends, ms since the epoch; `Infinity` for a password. */
  readonly expiresAt: number
  /** Whether its token, or its password's session, was revoked. */
  readonly isRevoked: () => boolean
  readonly broker: ByteLink
  readonly brokerReads: PausableReads<'browser_is_slow'>
  readonly brokerBeat: HeartBeat
  readonly browserBeat: HeartBeat
  /** Whether the browser asked for heart-beats; otherwise its link is kept open by pings. */
  readonly wantsBeats: boolean
  readonly stalledReader: StalledReader
}

/** How long a connection has said nothing. */
export class ConnectWait {
  #ms = 0

  /** @returns why it has to end, if CONNECT took too long */
  tick(elapsedMs: number, mostMs: number): DroverError | undefined {
    this.#ms += elapsedMs
    return this.#ms < mostMs
      ? undefined
      : new LimitReached('connectMs', 'timed_out', `No CONNECT came within ${mostMs} ms`)
  }
}

/** Why a session whose token, or password's sign-in, was revoked has to end. */
export const revoked = (): DroverError =>
  new DroverError('not_authenticated', "This session's token was revoked; connect again with a new one")

const heartBeat = (): Uint8Array => Uint8Array.of(10)

/**
 * Sends the heart-beats that are due.
 * @param isBrowserPaused then it cannot be heard
 * @param elapsedMs since the last call
 * @param now the bridge's clock, ms since the epoch
 * @returns why the session has to end, if it has to
 */
export function checkLiveness(
  session: Liveness,
  browser: BrowserLink,
  isBrowserPaused: boolean,
  elapsedMs: number,
  now: number,
): DroverError | undefined {
  const { expiresAt, stalledReader, broker, brokerReads, browserBeat, brokerBeat } = session
  if (now >= expiresAt) {
    return new DroverError('not_authenticated', "This session's token has expired; connect again with a new one")
  }
  if (session.isRevoked()) return revoked()
  // Unsent bytes tell only while the broker side is paused: otherwise new messages hide that some were read
  if (stalledReader.tick(elapsedMs, brokerReads.isPaused ? browser.unsentBytes : 0)) {
    return new LimitReached(
      'stalledMs',
      'slow_reader',
      `This session read nothing for ${stalledReader.stalledMs} ms while messages waited`,
    )
  }
  if (isBrowserPaused) browserBeat.heard()
  if (brokerReads.isPaused) brokerBeat.heard()
  const fromBrowser = browserBeat.tick(elapsedMs)
  if (fromBrowser === 'dead') return new DroverError('connection_lost', 'No heart-beat came from this session')
  if (fromBrowser === 'beat') {
    if (session.wantsBeats) browser.send(heartBeat())
    else browser.ping?.()
  }
  const fromBroker = brokerBeat.tick(elapsedMs)
  if (fromBroker === 'dead') return new DroverError('connection_lost', 'The broker has fallen silent; connect again')
  if (fromBroker === 'beat') broker.send(heartBeat())
  return undefined
}

/** Tells a reader that takes nothing from one that is slow. Promise 8. */
export class StalledReader {
  readonly stalledMs: number
  #lowestUnsent = 0
  #stillMs = 0

  constructor(stalledMs: number) {
    this.stalledMs = stalledMs
  }

  /**
   * To be called while nothing new is sent to the reader.
   * @param unsentBytes 0 when nothing waits for it
   * @returns whether it took nothing for too long
   */
  tick(elapsedMs: number, unsentBytes: number): boolean {
    const isStill = unsentBytes > 0 && unsentBytes >= this.#lowestUnsent && this.#lowestUnsent > 0
    this.#stillMs = isStill ? this.#stillMs + elapsedMs : 0
    this.#lowestUnsent = unsentBytes
    return this.#stillMs >= this.stalledMs
  }
}
