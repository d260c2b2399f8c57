/** A relay's two sides, once the broker has said CONNECTED. */

import type { ByteLink } from '../../shared/frames/byte-link.ts'
import type { FrameScanner, StompVersion } from '../../shared/frames/mod.ts'
import { agreedIntervalMs } from '../../shared/heart-beat.ts'
import { type Dialect, dialectOf } from '../../shared/stomp/dialects/mod.ts'
import type { Identity } from '../access/identity.ts'
import { compilePolicy } from '../grants/policy.ts'
import type { Limits } from '../limits.ts'
import type { Passes } from '../passes.ts'
import type { BrokerSide } from './broker-side.ts'
import { FirstVersion } from './first-version.ts'
import { type ConnectRequest, writeConnected } from './handshake.ts'
import { HeartBeat } from './heart-beat.ts'
import type { Letters } from './letters.ts'
import { Misfits } from './misfits.ts'
import { SessionPasses } from './session-passes.ts'
import { Stall } from './stall.ts'
import { ToBroker } from './to-broker.ts'
import { ToBrowser } from './to-browser.ts'
import { Valve } from './valve.ts'

export interface BothSides {
  /** Spoken to the browser. */
  readonly version: StompVersion
  /** Spoken to the broker. */
  readonly brokerVersion: StompVersion
  /** When its token ends, ms since the epoch; `Infinity` for a password. */
  readonly expiresAt: number
  readonly dialect: Dialect
  readonly broker: ByteLink
  /** Whether an EOL of the browser's goes on: it has the broker's next small frame sent at once. */
  readonly passesNudges: boolean
  readonly brokerScanner: FrameScanner
  readonly brokerValve: Valve<'browser_is_slow'>
  readonly brokerBeat: HeartBeat
  readonly browserBeat: HeartBeat
  readonly stall: Stall
  readonly toBroker: ToBroker
  readonly toBrowser: ToBrowser
}

export interface JoinOptions {
  readonly identity: Identity
  readonly request: Pick<ConnectRequest, 'heartBeat' | 'accepted'>
  readonly side: BrokerSide
  readonly browser: ByteLink
  readonly passes: Passes
  readonly letters: Letters
  readonly limits: Limits
  /** The bridge's clock, ms since the epoch. */
  readonly now: number
  /** Headers of the broker's that the browser does not get. */
  readonly onLeftOut: (names: readonly string[]) => void
  /** Jobs that its worker was not handed, since their pass does not fit. */
  readonly onMisfit: (destination: string, reason: string) => void
}

/** Makes what a session needs from here on, and tells the browser CONNECTED. */
export function joinSides({
  identity,
  request,
  side,
  browser,
  passes,
  letters,
  limits,
  now,
  onLeftOut,
  onMisfit,
}: JoinOptions): BothSides {
  const { heartBeat } = request
  const { link: broker, scanner, version: brokerVersion } = side
  const version = request.accepted.includes(brokerVersion) ? brokerVersion : '1.0'
  const firstVersion = version === '1.0' ? new FirstVersion(onLeftOut) : undefined
  const { grants, owner, isConfiguredUser } = identity
  const { heartBeatMs, quietMs } = limits
  const dialect = dialectOf({ server: side.connected.server })
  const policy = compilePolicy({ grants, owner, isConfiguredUser, dialect })
  const brokerBeat = new HeartBeat(
    agreedIntervalMs(side.ownHeartBeatMs, side.heartBeat.wantsMs),
    agreedIntervalMs(side.heartBeat.sendsMs, side.ownHeartBeatMs),
    quietMs,
  )
  const sessionPasses = new SessionPasses(passes, owner)
  const misfits = new Misfits({
    policy,
    version: brokerVersion,
    maxBodyBytes: limits.brokerFrame.maxBodyBytes,
    letters,
    toBroker(frame) {
      broker.send(frame)
      brokerBeat.sent()
    },
    onMisfit,
    now: () => passes.now(),
  })
  const toBroker = new ToBroker({
    policy,
    version: brokerVersion,
    firstVersion,
    passes: sessionPasses,
    misfits,
    limits,
    isTextOnly: broker.oneFrameASend,
  })
  const browserBeat = new HeartBeat(
    agreedIntervalMs(heartBeatMs, heartBeat.wantsMs),
    agreedIntervalMs(heartBeat.sendsMs, heartBeatMs),
    quietMs,
  )
  const toBrowser = new ToBrowser({
    scanner,
    version: brokerVersion,
    firstVersion,
    passes: sessionPasses,
    misfits,
    jobSubscriptions: toBroker.jobSubscriptions,
    handedOut: toBroker.handedOut,
    send(frames) {
      browser.send(frames)
      browserBeat.sent()
    },
    onLeftOut,
  })
  const maxFrameBytes = limits.frame.maxBodyBytes
  const run = side.connected['drover-run']
  browser.send(writeConnected({ version, identity, dialect, heartBeatMs, now, maxFrameBytes, run }))
  return {
    version,
    brokerVersion,
    expiresAt: identity.expiresAt ?? Number.POSITIVE_INFINITY,
    dialect,
    broker,
    passesNudges: dialect.holdsSmallWrites,
    brokerScanner: scanner,
    brokerValve: new Valve(broker),
    brokerBeat,
    browserBeat,
    stall: new Stall(limits.stalledMs),
    toBroker,
    toBrowser,
  }
}
