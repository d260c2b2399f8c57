/** A relay's two sides, once the broker has said CONNECTED. */
import { dialectOf } from '../../shared/stomp/dialects/mod.ts'
import type { Identity } from '../access/identity.ts'
import type { FrameScanner, ScannedFrame, StompVersion } from '../frames/mod.ts'
import { compilePolicy } from '../grants/policy.ts'
import type { Limits } from '../limits.ts'
import type { ByteLink } from '../link.ts'
import type { Passes } from '../passes.ts'
import type { BrokerSide } from './broker-side.ts'
import { type ConnectRequest, writeConnected } from './handshake.ts'
import { HeartBeat } from './heart-beat.ts'
import { Stall } from './stall.ts'
import { ToBroker } from './to-broker.ts'
import { ToBrowser } from './to-browser.ts'
import { Valve } from './valve.ts'

export interface BothSides {
  readonly version: StompVersion
  /** When its token ends, ms since the epoch; `Infinity` for a password. */
  readonly expiresAt: number
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
  readonly request: Pick<ConnectRequest, 'heartBeat'>
  readonly side: BrokerSide
  readonly browser: ByteLink
  readonly passes: Passes
  readonly limits: Limits
  /** The bridge's clock, ms since the epoch. */
  readonly now: number
  readonly onBrokerError: (frame: ScannedFrame) => Uint8Array
}

/** Makes what a session needs from here on, and tells the browser CONNECTED. */
export function joinSides({
  identity,
  request,
  side,
  browser,
  passes,
  limits,
  now,
  onBrokerError,
}: JoinOptions): BothSides {
  const { heartBeat } = request
  const { link: broker, scanner, version } = side
  const { grants, owner, isConfiguredUser } = identity
  const { heartBeatMs, quietMs } = limits
  const dialect = dialectOf({ server: side.connected.server })
  const policy = compilePolicy({ grants, owner, isConfiguredUser, dialect })
  const toBroker = new ToBroker({ policy, version, passes, limits, isTextOnly: broker.oneFrameASend })
  const toBrowser = new ToBrowser({
    scanner,
    version,
    policy,
    passes,
    jobSubscriptions: toBroker.jobSubscriptions,
    send: frames => browser.send(frames),
    onError: onBrokerError,
  })
  const maxFrameBytes = limits.frame.maxBodyBytes
  browser.send(writeConnected({ version, identity, dialect, heartBeatMs, now, maxFrameBytes }))
  return {
    version,
    expiresAt: identity.expiresAt ?? Number.POSITIVE_INFINITY,
    broker,
    passesNudges: dialect.holdsSmallWrites,
    brokerScanner: scanner,
    brokerValve: new Valve(broker),
    brokerBeat: new HeartBeat(
      agreed(heartBeatMs, side.heartBeat.wantsMs),
      agreed(side.heartBeat.sendsMs, heartBeatMs),
      quietMs,
    ),
    browserBeat: new HeartBeat(agreed(heartBeatMs, heartBeat.wantsMs), agreed(heartBeat.sendsMs, heartBeatMs), quietMs),
    stall: new Stall(limits.stalledMs),
    toBroker,
    toBrowser,
  }
}

/** The interval that both agree to; 0 when one of them does not want any. */
const agreed = (sendsMs: number, wantsMs: number): number =>
  sendsMs === 0 || wantsMs === 0 ? 0 : Math.max(sendsMs, wantsMs)
