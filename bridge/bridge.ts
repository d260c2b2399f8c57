/// <reference lib="esnext.disposable" preserve="true" />
/** A bridge without its sockets: everything that is the same on every runtime. */

import type { Disk, EmbeddedBroker } from '../broker/mod.ts'
import type { Clock } from '../shared/clock.ts'
import { DroverError } from '../shared/contract/errors.ts'
import type { MetricsOptions } from '../shared/metrics/options.ts'
import { createAuthenticate, identifyRequest } from './access/authenticate.ts'
import { LoginLimiter } from './access/login-limiter.ts'
import { isLoopback, Origins } from './access/origins.ts'
import { type PasswordPorts, randomText } from './access/passwords.ts'
import { SignInLink, type SignInLinkOptions } from './access/sign-in-link.ts'
import { type BridgeUser, hasDefaultPassword, Users } from './access/users.ts'
import { type BridgeApp, createApp } from './app.ts'
import { embeddedFor } from './embedded.ts'
import type { BridgeEvent, OnEvent } from './events.ts'
import { type BridgeSeal, createHandOnSeal } from './grants/hand-on-seal.ts'
import { createMac } from './grants/mac.ts'
import { createPasses, type Mac } from './grants/passes.ts'
import type { ReadPageFiles } from './http/page.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { BridgeCounts } from './metrics/counts.ts'
import type { Measured } from './metrics/measured.ts'
import { BrokerVersions } from './relay/broker-versions.ts'
import { Readiness } from './relay/readiness.ts'
import { createRelay } from './relay/relay.ts'
import { SessionRegistry } from './relay/session-registry.ts'
import { UnconfirmedDeadLetters } from './relay/unconfirmed-dead-letters.ts'
import { checkIssuers, type IssuerOptions } from './tokens/issuer-options.ts'
import { createVerifier, type Trust, trustIssuer, trustSecret } from './tokens/verify.ts'
import { type UpstreamPorts, upstreamOf } from './upstream.ts'

export interface ServeOptions {
  /** Where it listens. Default `127.0.0.1`: this machine only. */
  readonly hostname?: string | undefined
  /** Default 8787; 0 picks one. */
  readonly port?: number | undefined
  /** `embedded`, or a broker's URL with the bridge's own login in it. */
  readonly broker: string
  /** Where the embedded broker takes STOMP over TCP; default 61613; 0 picks one. */
  readonly stompPort?: number | undefined
  /** The file in which the embedded broker keeps persistent messages. Default: none, so that it forgets them when it ends. */
  readonly data?: string | undefined
  /** How many bytes of messages it keeps there: of these an owner has half, a queue a quarter. Default: 10 GiB */
  readonly maxDataBytes?: number | undefined
  /** With the embedded broker, those with a `password` who may do everything may use its TCP port too. */
  readonly users?: readonly BridgeUser[] | undefined
  /** Signs tokens and passes; at least 32 bytes, the same for all bridges of one broker. */
  readonly secret: string
  /** Tokens have to be by this `iss`; default: by anybody who knows the secret. */
  readonly issuer?: string | undefined
  /**
   * Identity providers whose tokens are taken as they are: their keys come from a JWKS, and their claims are mapped to owner and
   * grants. docs/operations.md.
   */
  readonly issuers?: readonly IssuerOptions[] | undefined
  /**
   * The public keys that pages are to seal by, for each who signs in with a password, a sign-in link or a cookie and whose grants
   * have none. A token brings its own. A function is asked at each sign-in, so that keys can rotate.
   */
  readonly seal?: BridgeSeal | undefined
  /** Prints a link that signs somebody in, once. */
  readonly signInLink?: SignInLinkOptions | undefined
  /** Pages that may use it besides its own, such as `https://shop.example`. */
  readonly origins?: readonly string[] | undefined
  /** Names by which it is reached besides its own, such as `jobs.example`. */
  readonly hosts?: readonly string[] | undefined
  readonly limits?: Partial<Limits> | undefined
  readonly onEvent?: OnEvent | undefined
  /** Whether `onEvent` is told of each job that is dispatched (`job_dispatched`). Default false. */
  readonly audit?: boolean | undefined
  /** Where it is measured, for Prometheus. Default: nowhere. */
  readonly metrics?: MetricsOptions | undefined
}

export interface RunningBridge extends AsyncDisposable {
  /** `http://host:port` */
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
  /** Ends every session, and the embedded broker. */
  close(): Promise<void>
}

/**
 * Puts a bridge together.
 * @throws {DroverError} `config_invalid`
 */
export function createBridge(options: ServeOptions, ports: BridgePorts): Bridge {
  const { hostname = '127.0.0.1', users: configured = [], secret, issuer, signInLink, onEvent: tell } = options
  const isDefaultPassword = hasDefaultPassword(configured)
  if (!isLoopback(hostname) && isDefaultPassword) {
    throw new DroverError(
      'config_invalid',
      `The bridge would listen on ${hostname} while a user has the default password; change it, or listen on 127.0.0.1`,
    )
  }
  const limits = { ...defaultLimits, ...options.limits }
  const counts = new BridgeCounts()
  const onEvent = (event: BridgeEvent): void => {
    counts.event(event)
    tell?.(event)
  }
  const { clock, newId } = ports
  const now = (): number => clock.now()
  const origins = new Origins(options)
  const attempts = new LoginLimiter(
    now,
    configured.map(({ login }) => login),
    new DataView(ports.randomBytes(4).slice().buffer).getUint32(0),
  )
  const users = new Users(configured, ports, attempts)
  const verifyToken = createVerifier(trustSecret(secret, issuer), now, trustedIssuers(options, ports, onEvent))
  const macOf = ports.createMac ?? createMac
  const keyFor = macOf(secret)
  const passes = createPasses({ mac: macOf(keyFor('drover pass 2')), olderMac: macOf(keyFor('drover pass 1')), now })
  const signIn = signInLink && new SignInLink(signInLink, randomText(ports), now, limits.signInMs)
  const embedded =
    options.broker === 'embedded' ? embeddedFor(configured, ports, attempts, onEvent, options.maxDataBytes) : undefined
  const upstream = embedded?.upstream ?? upstreamOf(options.broker, ports, limits.heartBeatMs)
  const sessions = new SessionRegistry(limits)
  const handOnSeal = createHandOnSeal(options.seal)
  const authenticate = createAuthenticate(users, verifyToken, handOnSeal)
  const versions = new BrokerVersions()
  const readiness = new Readiness({ upstream, versions, limits, onEvent, counts, clock })
  const deadLetters = new UnconfirmedDeadLetters()
  const relays = {
    limits,
    onEvent,
    isAudited: options.audit === true,
    counts,
    upstream,
    versions,
    sessions,
    readiness,
    passes,
    deadLetters,
    authenticate,
    clock,
    newId,
  }
  const app = createApp({
    origins,
    token: {
      secret,
      issuer,
      users,
      verifyToken,
      handOnSeal,
      signIn,
      hasDefaultPassword: isDefaultPassword,
      limits,
      onEvent,
      now,
    },
    broker: {
      operations: embedded?.broker.operations,
      isKept: ports.store !== undefined,
      brokerName: upstream.name,
      passes,
      onEvent,
      now,
      async identify(authorization, address) {
        const found = await identifyRequest(authorization, address, { users, verifyToken })
        if (found !== undefined) return found.identity
        throw new DroverError(
          'not_authenticated',
          'This request says nobody: give a token by `authorization: Bearer TOKEN`, or login and password by HTTP Basic',
        )
      },
    },
    sessions,
    readiness,
    onEvent,
    acceptFrom: peer => createRelay(relays, peer),
    readPageFiles: ports.readPageFiles,
    now,
  })
  const tickMs = tickOf(limits)
  const tick = (): void => {
    stopTicking = clock.timer(tickMs, tick)
    sessions.tick(tickMs)
  }
  let stopTicking = clock.timer(tickMs, tick)

  return {
    app,
    limits,
    embedded: embedded?.broker,
    measured: { counts, sessions, readiness, clock },
    listensOn(host, port) {
      origins.listensOn(host, port)
      const url = new URL(`http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`).origin
      onEvent({ type: 'listening', url })
      return signIn ? { url, signInUrl: `${url}/#sign-in=${signIn.secret}` } : { url }
    },
    drain: withinMs => sessions.drain(withinMs, clock),
    async close() {
      stopTicking()
      sessions.stop()
      await embedded?.broker.close()
    },
  }
}

/** @throws {DroverError} `config_invalid` */
function trustedIssuers(
  { issuer, issuers = [] }: ServeOptions,
  ports: BridgePorts,
  onEvent: OnEvent,
): readonly Trust[] {
  const { clock, readText } = ports
  const problem = (message: string, error: unknown): void =>
    onEvent({ type: 'issuer_keys', message: `${message}: ${(error as Error).message}` })
  return checkIssuers(issuers).map(one => {
    if (one.issuer === issuer) {
      throw new DroverError(
        'config_invalid',
        `issuers has "${issuer}", which is the bridge's own issuer; give it another`,
      )
    }
    return trustIssuer(one, { clock, readText, problem, fetch: (url, init) => fetch(url, init) })
  })
}

/** How often sessions are looked at: often enough for the shortest of their waits. */
function tickOf({ connectMs, stalledMs, heartBeatMs }: Limits): number {
  return Math.max(20, Math.min(1_000, Math.min(connectMs, stalledMs, heartBeatMs) / 4))
}
