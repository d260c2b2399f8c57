/** Frames of a broker through a bridge to a session, without its sockets: judged is all that the session would be sent. */

import { InFlight } from '../../bridge/relay/in-flight.ts'
import { Stomp10 } from '../../bridge/relay/stomp-1-0.ts'
import { ToBrowser } from '../../bridge/relay/to-browser.ts'
import { joinBytes } from '../../shared/bytes.ts'
import { DroverError } from '../../shared/contract/errors.ts'
import { FrameScanner, type StompVersion } from '../../shared/frames/mod.ts'
import { parseStrictly } from './strict-parser.ts'
import { sessionPasses } from './writer.ts'

const misfits = { isWaiting: true, sendToDead() {}, leaveToBroker() {}, confirmed: () => false }
/** Of recorded sessions; their ids are these. */
const jobs = { destinations: ['/queue/myapp.tasks.old.echo', '/queue/myapp.tasks.old.steps'] }
const jobSubscriptions = { size: 1, get: (id: string) => (id === 's-1' || id === 's-2' ? jobs : undefined) }

/**
 * Plays a broker behind its CONNECTED.
 * @param pieces its bytes, cut anywhere
 * @param version to the session
 * @returns the fault, if there is one
 */
export function playBroker(pieces: readonly Uint8Array[], version: StompVersion): string | undefined {
  const brokerVersion = version === '1.0' ? '1.1' : version
  const scanner = new FrameScanner()
  scanner.version = brokerVersion
  scanner.isLenient = true
  const inFlight = new InFlight(brokerVersion, 1_000)
  inFlight.subscribed('s-1', 'client-individual')
  let fault: string | undefined
  const toBrowser = new ToBrowser({
    scanner,
    version: brokerVersion,
    passes: sessionPasses(),
    misfits,
    jobSubscriptions,
    inFlight,
    send(parts) {
      const { end, frames } = parseStrictly(joinBytes(parts), version)
      if (end !== 'complete' || frames.length === 0) fault ??= `The session is sent ${frames.length} frames, and ${end}`
      if (frames.some(({ command }) => command === 'ERROR')) fault ??= 'An ERROR of the broker was passed on'
    },
    stomp10: version === '1.0' ? new Stomp10(() => {}) : undefined,
    onPassed() {},
    onLeftOut() {},
  })
  try {
    for (const piece of pieces) if (toBrowser.read(piece) !== undefined) break
  } catch (error) {
    if (!(error instanceof DroverError)) return `It threw ${error instanceof Error ? error.stack : error}`
  }
  return fault
}
