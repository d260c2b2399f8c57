/** From a browser's CONNECT to a session: who it is, whether there is room, and a login at the broker. */
import { DroverError } from '../../shared/contract/errors.ts'
import type { ScannedFrame, StompVersion } from '../../shared/frames/mod.ts'
import { dialectOf } from '../../shared/stomp/dialects/mod.ts'
import { hintAtBlanks } from '../../shared/stomp/errors/blanks.ts'
import type { Identity } from '../identity.ts'
import { type BrokerConnection, type BrokerListener, openBrokerConnection } from './broker-connection.ts'
import type { BrowserSide } from './browser-side.ts'
import type { RelayContext } from './context.ts'
import type { ConnectRequest } from './handshake.ts'
import { revoked } from './liveness.ts'
import { createRelaySession, type RelaySession } from './relay-session.ts'
import type { RegisteredSession } from './session-registry.ts'

export interface ConnectSessionOptions {
  readonly context: RelayContext
  readonly session: RegisteredSession
  readonly browser: BrowserSide
  readonly request: ConnectRequest
  readonly listener: BrokerListener
  /** Aborts when the browser has gone. */
  readonly signal: AbortSignal
  /** Called in the same turn as the browser is told CONNECTED; never once `signal` is aborted. */
  readonly opened: (session: RelaySession, early: readonly ScannedFrame[]) => void
}

/**
 * Authenticates, logs in at the broker, and tells the browser CONNECTED. The first session to find out that its broker is
 * better spoken to in another version logs in twice.
 * @throws {DroverError} `not_authenticated`, `forbidden`, `too_many_attempts`, `queue_full`, `broker_unreachable` or `broker_error`
 */
export async function connectSession(options: ConnectSessionOptions): Promise<void> {
  const { context, browser, request, signal } = options
  const { authenticate, tokenUses } = context
  const { login, passcode } = request.credentials
  const identity = await authenticate(request.credentials, browser.peer).catch(error => {
    throw hintAtBlanks(error, login, passcode)
  })
  if (signal.aborted) return
  const signedInAt = context.clock.now()
  browser.owner = identity.owner
  const giveBack = tokenUses.take(identity)
  let isOpen = false
  try {
    isOpen = await openSession(options, identity, signedInAt)
  } finally {
    if (!isOpen) giveBack()
  }
}

/** @returns whether the browser was told CONNECTED */
async function openSession(options: ConnectSessionOptions, identity: Identity, signedInAt: number): Promise<boolean> {
  const { context, session, browser, request, signal, opened } = options
  const { sessions, versions, readiness, revocations } = context
  const share = sessions.admit(session, identity.owner)
  const version = versions.choose(request.accepted)
  let brokerConnection = await logIn(options, identity.owner, version)
  readiness.loggedIn()
  versions.learn(dialectOf({ server: brokerConnection.connected.server }))
  const better = versions.choose(request.accepted)
  if (better !== version && !signal.aborted) {
    brokerConnection.abandon()
    brokerConnection = await logIn(options, identity.owner, better)
  }
  if (signal.aborted) {
    brokerConnection.link.close()
    return false
  }
  // The broker may have taken its time
  if (revocations.isRevoked(identity, signedInAt)) {
    brokerConnection.abandon()
    throw revoked()
  }
  const proved = { identity, signedInAt }
  opened(createRelaySession({ context, ...proved, share, request, brokerConnection, browser }), brokerConnection.early)
  return true
}

async function logIn(
  { context, browser, listener, signal }: ConnectSessionOptions,
  owner: string,
  version: StompVersion,
): Promise<BrokerConnection> {
  const { limits, upstream, clock, onEvent, counts, readiness } = context
  const since = clock.steady()
  const brokerConnection = await openBrokerConnection({
    upstream,
    version,
    owner,
    frameLimits: limits.brokerFrame,
    timeoutMs: limits.brokerMs,
    clock,
    signal,
    listener,
    onRefusal: (message, body) => browser.brokerRefused(message, body),
  }).catch(error => {
    const code = error instanceof DroverError ? error.code : undefined
    if (code === 'broker_unreachable' || code === 'broker_error') readiness.loginFailed()
    if (code !== 'broker_unreachable') throw error
    // Where the broker is concerns nobody who comes from outside
    onEvent({ type: 'broker_lost', message: error.message })
    throw new DroverError('broker_unreachable', 'The bridge cannot reach its broker now; try again later')
  })
  counts.brokerAnswered((clock.steady() - since) / 1_000)
  return brokerConnection
}
