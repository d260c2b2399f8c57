/** Sessions through scanner, checks and writer of a bridge, without its sockets: judged is all that it would send to its broker. */

import { createPasses, SessionPasses } from '../../bridge/grants/passes.ts'
import { compilePolicy, type Policy } from '../../bridge/grants/policy.ts'
import { defaultLimits } from '../../bridge/limits.ts'
import { createMac } from '../../bridge/node/mac.ts'
import { Shares } from '../../bridge/relay/shares/shares.ts'
import { Stomp10 } from '../../bridge/relay/stomp-1-0.ts'
import { ToBroker } from '../../bridge/relay/to-broker.ts'
import { joinBytes } from '../../shared/bytes.ts'
import { systemClock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/errors.ts'
import { noGrants } from '../../shared/contract/grants.ts'
import { FrameScanner, type StompVersion } from '../../shared/frames/mod.ts'
import { type DialectName, dialects } from '../../shared/stomp/dialects/mod.ts'
import { fuzzGrants, smuggled } from './judge.ts'

/** How a session and its broker speak. */
export interface Speaking {
  readonly dialect: DialectName
  /** To the browser. */
  readonly version: StompVersion
  /** Default `myapp`, which alone is judged. */
  readonly namespace?: string
}

const passes = createPasses({
  mac: createMac('k'.repeat(32)),
  olderMac: createMac('o'.repeat(32)),
  now: () => Date.now(),
})
/** Of a session of the owner `ada`. */
export const sessionPasses = (): SessionPasses => new SessionPasses(passes, 'ada')

const shares = new Shares(defaultLimits, systemClock)
const noDispatches = { sent() {}, sentAgain() {}, answered() {} }
const policies = new Map<string, Policy>()

function policyOf(dialect: DialectName, ns: string): Policy {
  const known = policies.get(`${dialect} ${ns}`)
  if (known !== undefined) return known
  const made = compilePolicy({
    grants: { ...noGrants, ...fuzzGrants, ns },
    owner: 'ada',
    isConfiguredUser: false,
    dialect: dialects[dialect],
  })
  policies.set(`${dialect} ${ns}`, made)
  return made
}

/**
 * Plays a session behind its CONNECT.
 * @param onWritten told of each frame for the broker, with the version that it is written for
 * @returns the fault in a frame for the broker, if there is one
 */
export function playSession(
  bytes: Uint8Array,
  { dialect, version, namespace = 'myapp' }: Speaking,
  onWritten: (frame: Uint8Array, version: StompVersion) => void = () => {},
): string | undefined {
  const scanner = new FrameScanner()
  scanner.version = version
  const brokerVersion = version === '1.0' ? '1.1' : version
  const share = shares.join('ada', '127.0.0.1')
  const toBroker = new ToBroker({
    policy: policyOf(dialect, namespace),
    version: brokerVersion,
    stomp10: version === '1.0' ? new Stomp10(() => {}) : undefined,
    passes: sessionPasses(),
    share,
    misfits: { settledElsewhere() {} },
    dispatches: noDispatches,
    spans: undefined,
    limits: defaultLimits,
    createPresence: undefined,
    isTextOnly: false,
  })
  let fault: string | undefined
  try {
    scanner.read(bytes, frame => {
      const checked = toBroker.check(frame)
      if (checked === undefined || 'token' in checked) return undefined
      const written = Array.isArray(checked)
        ? joinBytes(checked)
        : checked instanceof Uint8Array
          ? checked
          : checked.bytes
      onWritten(written, brokerVersion)
      if (namespace === 'myapp') fault ??= smuggled(written, brokerVersion, dialect)
      return frame.command !== 'DISCONNECT'
    })
  } catch (error) {
    if (!(error instanceof DroverError)) return `It threw ${error instanceof Error ? error.stack : error}`
  } finally {
    share.leave()
  }
  return fault
}
