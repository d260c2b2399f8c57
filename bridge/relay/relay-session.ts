/** A session that is open: the browser's connection and the broker's, joined once the broker has said CONNECTED. */

import type { FrameScanner, StompVersion } from '../../shared/frames/mod.ts'
import { agreedIntervalMs } from '../../shared/heart-beat.ts'
import { encodeOwner } from '../../shared/stomp/destinations.ts'
import { type Dialect, dialectOf } from '../../shared/stomp/dialects/mod.ts'
import { compileLinkPolicy } from '../grants/link-policy.ts'
import { SessionPasses } from '../grants/passes.ts'
import { compilePolicy, type Policy } from '../grants/policy.ts'
import type { Identity } from '../identity.ts'
import { Dispatches } from '../metrics/dispatches.ts'
import { SessionPresence } from '../presence/session-presence.ts'
import type { BrokerConnection } from './broker-connection.ts'
import type { BrowserSide } from './browser-side.ts'
import type { RelayContext } from './context.ts'
import { type ConnectRequest, writeConnected } from './handshake.ts'
import { HeartBeat } from './heart-beat.ts'
import { type Liveness, StalledReader } from './liveness.ts'
import { Misfits } from './misfits.ts'
import { PausableReads } from './pausable-reads.ts'
import { RelaySpans } from './relay-spans.ts'
import type { RenewableSession } from './renewal.ts'
import { sendParts } from './send-parts.ts'
import type { SessionShare } from './shares/session-share.ts'
import { Stomp10 } from './stomp-1-0.ts'
import { ToBroker } from './to-broker.ts'
import { ToBrowser } from './to-browser.ts'

export interface RelaySession extends Liveness, RenewableSession {
  /** Spoken to the browser. */
  readonly version: StompVersion
  /** Spoken to the broker. */
  readonly brokerVersion: StompVersion
  readonly dialect: Dialect
  /** Whether an EOL of the browser's goes on: it has the broker's next small frame sent at once. */
  readonly passesNudges: boolean
  readonly brokerScanner: FrameScanner
  /** @param frame whole, or an EOL */
  readonly sendToBroker: (frame: Uint8Array) => void
  readonly toBroker: ToBroker
  readonly share: SessionShare
  readonly toBrowser: ToBrowser
}

/** Nobody is there any more whom it is for. */
export function endSession({ broker, toBroker }: RelaySession): void {
  broker.close()
  toBroker.presence?.end()
}

export interface RelaySessionOptions {
  readonly context: Pick<
    RelayContext,
    | 'passes'
    | 'deadLetters'
    | 'revocations'
    | 'limits'
    | 'clock'
    | 'newId'
    | 'counts'
    | 'isAudited'
    | 'tracing'
    | 'presence'
  >
  readonly identity: Identity
  /** When it was proved, ms since the epoch. */
  readonly signedInAt: number
  readonly share: SessionShare
  readonly request: Pick<ConnectRequest, 'heartBeat' | 'accepted'>
  readonly brokerConnection: BrokerConnection
  readonly browser: BrowserSide
}

/** A browser that wants no heart-beats is pinged that many times more rarely. Proxies close connections that were idle for 60 s. */
const pingBeats = 3

/** Joins the two sides, and tells the browser CONNECTED. */
export function createRelaySession({
  context,
  identity,
  signedInAt,
  share,
  request,
  brokerConnection,
  browser,
}: RelaySessionOptions): RelaySession {
  const { passes, deadLetters, limits, clock, newId, counts, isAudited, tracing } = context
  const { heartBeat } = request
  const onLeftOut = (names: readonly string[]): void => browser.leftOut(names)
  const { link: broker, scanner, version: brokerVersion } = brokerConnection
  const version = request.accepted.includes(brokerVersion) ? brokerVersion : '1.0'
  const stomp10 = version === '1.0' ? new Stomp10(onLeftOut) : undefined
  const { owner } = identity
  const { heartBeatMs, quietMs } = limits
  const dialect = dialectOf({ server: brokerConnection.connected.server })
  const policyOf = (of: Identity): Policy => {
    const { grants, isConfiguredUser, bounds, subject } = of
    if (bounds?.job === undefined) return compilePolicy({ grants, owner, isConfiguredUser, dialect })
    return compileLinkPolicy({ job: bounds.job, namespace: grants.ns, owner, sender: encodeOwner(subject), dialect })
  }
  const policy = policyOf(identity)
  let proof = identity
  const brokerBeat = new HeartBeat(
    agreedIntervalMs(brokerConnection.ownHeartBeatMs, brokerConnection.heartBeat.wantsMs),
    agreedIntervalMs(brokerConnection.heartBeat.sendsMs, brokerConnection.ownHeartBeatMs),
    quietMs,
  )
  const sendToBroker = (frame: Uint8Array): void => {
    broker.send(frame)
    brokerBeat.sent()
  }
  const spans = tracing && new RelaySpans(tracing, { id: browser.id, namespace: policy.namespace })
  const sessionPasses = new SessionPasses(passes, owner)
  const misfits = new Misfits({
    policy,
    version: brokerVersion,
    maxBodyBytes: limits.brokerFrame.maxBodyBytes,
    deadLetters,
    toBroker: sendToBroker,
    onMisfit: (destination, reason) => browser.misfit(destination, reason),
    now: () => clock.now(),
    newId,
  })
  const browserBeat = new HeartBeat(
    agreedIntervalMs(heartBeatMs, heartBeat.wantsMs) || pingBeats * heartBeatMs,
    agreedIntervalMs(heartBeat.sendsMs, heartBeatMs),
    quietMs,
  )
  const brokerReads = new PausableReads<'browser_is_slow'>(broker)
  const createPresence = (): SessionPresence => {
    const isFull = (): boolean => browser.link.unsentBytes > limits.maxUnsentBytes
    return new SessionPresence({
      namespace: policy.namespace,
      version,
      presence: context.presence,
      toBroker: sendToBroker,
      isFull,
      confirm(receipt) {
        if (receipt === undefined) return
        browser.confirm(receipt)
        browserBeat.sent()
      },
      send(frame) {
        browser.passed('MESSAGE', frame.length)
        browser.link.send(frame)
        browserBeat.sent()
        if (isFull()) brokerReads.pause('browser_is_slow')
      },
    })
  }
  const toBroker = new ToBroker({
    policy,
    version: brokerVersion,
    stomp10,
    passes: sessionPasses,
    misfits,
    dispatches: new Dispatches({
      namespace: policy.namespace,
      counts,
      tell: isAudited ? job => browser.dispatched(job) : undefined,
    }),
    spans,
    limits,
    share,
    // Made when it is asked for: most sessions never do, and thousands stand still
    createPresence: stomp10 === undefined ? createPresence : undefined,
    isTextOnly: broker.oneFrameASend,
  })
  const toBrowser = new ToBrowser({
    scanner,
    version: brokerVersion,
    stomp10,
    passes: sessionPasses,
    misfits,
    jobSubscriptions: toBroker.jobSubscriptions,
    inFlight: toBroker.inFlight,
    send(parts) {
      sendParts(browser.link, parts)
      browserBeat.sent()
    },
    onPassed: (command, bytes) => browser.passed(command, bytes),
    onLeftOut,
  })
  const connected = writeConnected({
    version,
    sessionId: browser.id,
    identity,
    dialect,
    heartBeatMs,
    now: clock.now(),
    maxFrameBytes: limits.frame.maxBodyBytes,
    run: brokerConnection.connected['drover-run'],
  })
  browser.passed('CONNECTED', connected.length)
  browser.link.send(connected)
  // Without a getter: V8 makes a hash table of an object that has one, of 900 bytes
  const session: Mutable<RelaySession> = {
    version,
    brokerVersion,
    expiresAt: endOf(identity),
    isRevoked: () => context.revocations.isRevoked(proof, signedInAt),
    dialect,
    namespace: policy.namespace,
    isRenewing: false,
    renew(renewed) {
      toBroker.renew(policyOf(renewed))
      proof = renewed
      session.expiresAt = endOf(renewed)
    },
    broker,
    passesNudges: dialect.holdsSmallWrites,
    brokerScanner: scanner,
    sendToBroker: spans === undefined ? sendToBroker : tracedSend(sendToBroker, spans),
    brokerReads,
    brokerBeat,
    browserBeat,
    wantsBeats: heartBeat.wantsMs > 0,
    stalledReader: new StalledReader(limits.stalledMs),
    toBroker,
    share,
    toBrowser,
  }
  return session
}

const tracedSend =
  (send: (frame: Uint8Array) => void, spans: RelaySpans) =>
  (frame: Uint8Array): void => {
    send(frame)
    spans.written()
  }

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

const endOf = ({ expiresAt = Number.POSITIVE_INFINITY }: Identity): number => expiresAt
