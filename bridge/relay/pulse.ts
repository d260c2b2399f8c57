/** What has to be looked at now and then in an open session: its token, whether it still reads, and its heart-beats. */
import { DroverError } from '../../shared/contract/errors.ts'
import type { ByteLink } from '../../shared/frames/byte-link.ts'
import type { BothSides } from './both-sides.ts'

const heartBeat = (): Uint8Array => Uint8Array.of(10)

/**
 * Sends the heart-beats that are due.
 * @param isBrowserPaused then it cannot be heard
 * @param elapsedMs since the last call
 * @param now the bridge's clock, ms since the epoch
 * @returns why the session has to end, if it has to
 */
export function pulse(
  both: BothSides,
  browser: ByteLink,
  isBrowserPaused: boolean,
  elapsedMs: number,
  now: number,
): DroverError | undefined {
  const { expiresAt, stall, broker, brokerValve, browserBeat, brokerBeat } = both
  if (now >= expiresAt) {
    return new DroverError('not_authenticated', "This session's token has expired; connect again with a new one")
  }
  // Only what a paused broker side leaves behind tells: else new messages hide what was read
  if (stall.tick(elapsedMs, brokerValve.isClosed ? browser.unsentBytes : 0)) {
    return new DroverError('slow_reader', `This session read nothing for ${stall.stalledMs} ms while messages waited`)
  }
  if (isBrowserPaused) browserBeat.heard()
  if (brokerValve.isClosed) brokerBeat.heard()
  const fromBrowser = browserBeat.tick(elapsedMs)
  if (fromBrowser === 'dead') return new DroverError('connection_lost', 'No heart-beat came from this session')
  if (fromBrowser === 'beat') browser.send(heartBeat())
  const fromBroker = brokerBeat.tick(elapsedMs)
  if (fromBroker === 'dead') return new DroverError('connection_lost', 'The broker has fallen silent; connect again')
  if (fromBroker === 'beat') broker.send(heartBeat())
  return undefined
}
