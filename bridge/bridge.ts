/// <reference lib="esnext.disposable" preserve="true" />
/** A bridge without its sockets: everything that is the same on every runtime. */

import type { Disk, EmbeddedBroker } from '../broker/mod.ts'
import type { Clock } from '../shared/clock.ts'
import { DroverError } from '../shared/contract/errors.ts'
import { hostInUrl } from '../shared/hosts.ts'
import { type Access, accessReader } from './access/access.ts'
import { createAuthenticate, createIdentify, type Sender } from './access/authenticate.ts'
import { LoginLimiter } from './access/login-limiter.ts'
import type { PasswordPorts } from './access/passwords.ts'
import { planReload, type Reloaded } from './access/reload.ts'
import { SignInLink } from './access/sign-in-link.ts'
import { type BridgeApp, createApp } from './app.ts'
import { embeddedFor, randomText } from './embedded.ts'
import type { BridgeEvent } from './events.ts'
import { createPasses, type Mac } from './grants/passes.ts'
import { readBase } from './http/base.ts'
import type { ReadPageFiles } from './http/page.ts'
import type { Identity } from './identity.ts'
import type { Limits } from './limits.ts'
import { createBridgeLog } from './log-lines.ts'
import { BridgeCounts } from './metrics/counts.ts'
import type { Measured } from './metrics/measured.ts'
import type { ServeOptions } from './options.ts'
import { SharedPresence } from './presence/presence.ts'
import { BrokerVersions } from './relay/broker-versions.ts'
import type { RelayContext } from './relay/context.ts'
import { Readiness } from './relay/readiness.ts'
import { createRelay } from './relay/relay.ts'
import { SessionRegistry } from './relay/session-registry.ts'
import { UnconfirmedDeadLetters } from './relay/unconfirmed-dead-letters.ts'
import { Revocations, type RevocationsFile } from './tokens/revocations.ts'
import { TokenUses } from './tokens/token-uses.ts'
import { type UpstreamPorts, upstreamOf } from './upstream.ts'

export interface RunningBridge extends AsyncDisposable {
  /** `http://host:port`, and the `base` */
  readonly url: string
  readonly port: number
  /** Where the embedded broker takes STOMP over TCP. */
  readonly stompUrl?: string
  readonly signInUrl?: string
  /** `http://host:port/metrics`, with `metrics`. */
  readonly metricsUrl?: string
  /**
   * Ends it without haste: `/ready` says no, no session is taken any more, and those that are there are told over a while. All
   * that they sent reaches the broker. Then closes.
   * @param withinMs how long the sessions may take: few end sooner
   */
  drain(withinMs: number): Promise<void>
  /**
   * Takes over other settings. No session ends: one that is open keeps its grants and the limits of its begin.
   * @param options all of them, as for a start; absent ones have their defaults. `onEvent` stays the one of the start
   * @returns the settings that count now, and those that need a new start
   * @throws {DroverError} `config_invalid`, and then nothing has changed
   */
  reload(options: ServeOptions): Reloaded
  /** Tells every session and ends everything. Idempotent. */
  close(): Promise<void>
}

/** Each runtime does these its own way. */
export interface BridgePorts extends UpstreamPorts, PasswordPorts {
  /** A faster way to the result of `mac.ts`, where there is one. */
  createMac?(key: string): Mac
  readonly readPageFiles: ReadPageFiles
  /** Reads a file of keys. */
  readText(path: string): Promise<string>
  readonly clock: Clock
  /** Of the embedded broker, which closes it. */
  readonly store?: Disk | undefined
  readonly revocations?: RevocationsFile | undefined
  /** A fresh unguessable text of letters, digits and dashes at every call. */
  newId(): string
}

export interface Bridge {
  readonly app: BridgeApp
  readonly limits: Limits
  readonly embedded: EmbeddedBroker | undefined
  /** The parts that its metrics are made of. */
  readonly measured: Measured
  /** To be told where it listens, once it does. */
  listensOn(hostname: string, port: number): { readonly url: string; readonly signInUrl?: string }
  /** Takes no more sessions, and ends those that are there one after the other. */
  drain(withinMs: number): Promise<void>
  /** As `RunningBridge.reload`. */
  reload(options: ServeOptions): Reloaded
  /** Ends every session, and the embedded broker. */
  close(): Promise<void>
}

/**
 * Puts a bridge together.
 * @throws {DroverError} `config_invalid`
 */
export function createBridge(started: ServeOptions, ports: BridgePorts): Bridge {
  const { users: configured = [], signInLink } = started
  const counts = new BridgeCounts()
  const { clock, newId } = ports
  const now = (): number => clock.now()
  const steady = (): number => clock.steady()
  const tell = started.onEvent ?? createBridgeLog(now)
  const onEvent = (event: BridgeEvent): void => {
    counts.event(event)
    tell(event)
  }
  const attempts = new LoginLimiter(
    steady,
    configured.map(({ login }) => login),
    new DataView(ports.randomBytes(4).slice().buffer).getUint32(0),
  )
  const revocations = new Revocations(ports.revocations, now)
  const tokenUses = new TokenUses(now)
  const readAccess = accessReader(ports, attempts, onEvent, revocations)
  let access = readAccess(started)
  const { limits } = access
  const passes = createPasses({
    mac: text => access.passKeys[0].mac(text),
    olderMac: text => access.passKeys[0].olderMac(text),
    furtherKeys: () => access.passKeys.slice(1),
    now,
  })
  const signIn = signInLink && new SignInLink(signInLink, randomText(ports), steady, limits.signInMs)
  const embedded =
    started.broker === 'embedded' ? embeddedFor(configured, ports, attempts, onEvent, started.maxDataBytes) : undefined
  if (embedded !== undefined && Object.values(started.brokerTls ?? {}).some(value => value !== undefined))
    throw new DroverError('config_invalid', 'brokerTls is for another broker; the embedded one is in this process')
  const upstream = embedded?.upstream ?? upstreamOf(started.broker, started.brokerTls, ports, limits.heartBeatMs)
  const sessions = new SessionRegistry(limits, clock)
  const versions = new BrokerVersions()
  const readiness = new Readiness({ upstream, versions, limits: () => access.limits, onEvent, counts, clock })
  const presence = new SharedPresence({ upstream, versions, limits, counts, onEvent, clock })
  const deadLetters = new UnconfirmedDeadLetters()
  /** A session keeps the limits of its begin. */
  const relaysBy = (current: Access): RelayContext => ({
    limits: current.limits,
    onEvent,
    isAudited: started.audit === true,
    tracing: started.tracing,
    counts,
    upstream,
    versions,
    sessions,
    readiness,
    passes,
    presence,
    deadLetters,
    revocations,
    tokenUses,
    authenticate: (credentials, sender) => createAuthenticate(access)(credentials, sender),
    clock,
    newId,
  })
  let relays = relaysBy(access)
  const identify = (authorization: string | undefined, sender: Sender): Promise<Identity> =>
    createIdentify(access)(authorization, sender)
  const base = readBase(started.base)
  const app = createApp({
    base,
    origins: () => access.origins,
    callerOf: () => access.callerOf,
    token: host => ({ ...access, base, host, signIn, onEvent, now }),
    broker: {
      operations: embedded?.broker.operations,
      isKept: ports.store !== undefined,
      brokerName: upstream.name,
      passes,
      onEvent,
      now,
      identify,
    },
    revoke: { revocations, onEvent, identify, endSessions: () => sessions.tick(0), now },
    sessions,
    readiness,
    onEvent,
    acceptFrom: peer => createRelay(relays, peer),
    readPageFiles: ports.readPageFiles,
    steady,
    newId,
  })
  const tick = (): void => {
    const tickMs = tickOf(access.limits)
    stopTicking = clock.timer(tickMs, () => {
      sessions.tick(tickMs)
      presence.tick(tickMs)
      tick()
    })
  }
  let stopTicking = (): void => {}
  tick()
  let place: readonly [hostname: string, port: number] | undefined

  return {
    app,
    limits,
    embedded: embedded?.broker,
    measured: { counts, sessions, readiness, clock },
    listensOn(host, port) {
      place = [host, port]
      access.origins.listensOn(host, port)
      const url = new URL(`http://${hostInUrl(host)}:${port}`).origin + base
      onEvent({ type: 'listening', url })
      return signIn ? { url, signInUrl: `${url}/#sign-in=${signIn.secret}` } : { url }
    },
    drain: withinMs => sessions.drain(withinMs, clock),
    reload(wanted) {
      const { options, reloaded } = planReload(started, access.options, wanted)
      const next = readAccess(options)
      const { users = [] } = options
      if (place !== undefined) next.origins.listensOn(...place)
      attempts.setLogins(users.map(({ login }) => login))
      embedded?.setUsers(users)
      sessions.setLimits(next.limits)
      access = next
      relays = relaysBy(next)
      return reloaded
    },
    async close() {
      stopTicking()
      sessions.stop()
      presence.close()
      await embedded?.broker.close()
    },
  }
}

/** How often sessions are looked at: often enough for the shortest of their waits. */
function tickOf({ connectMs, stalledMs, heartBeatMs }: Limits): number {
  return Math.max(20, Math.min(1_000, Math.min(connectMs, stalledMs, heartBeatMs) / 4))
}
