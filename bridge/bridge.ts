/// <reference lib="esnext.disposable" preserve="true" />
/** A bridge without its sockets: everything that is the same on every runtime. */

import { type BrokerEvent, createEmbeddedBroker, type Disk, type EmbeddedBroker, storedLimits } from '../broker/mod.ts'
import type { Clock } from '../shared/clock.ts'
import { DroverError } from '../shared/contract/errors.ts'
import { allGrants } from '../shared/contract/grants.ts'
import { Grants, grantsInclude } from '../shared/contract/token-grants.ts'
import { createAuthenticate, createIdentify } from './access/authenticate.ts'
import { LoginLimiter } from './access/login-limiter.ts'
import { isLoopback, Origins } from './access/origins.ts'
import type { PasswordPorts } from './access/passwords.ts'
import { SignInLink, type SignInLinkOptions } from './access/sign-in-link.ts'
import { type BridgeUser, hasDefaultPassword, Users } from './access/users.ts'
import { type BridgeApp, createApp } from './app.ts'
import type { BridgeEvent, OnEvent } from './events.ts'
import { type BridgeSeal, createHandOnSeal } from './grants/hand-on-seal.ts'
import { createMac } from './grants/mac.ts'
import { createPasses, type Mac } from './grants/passes.ts'
import type { ReadPageFiles } from './http/page.ts'
import type { Identity } from './identity.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { BrokerVersions } from './relay/broker-versions.ts'
import { Readiness } from './relay/readiness.ts'
import { createRelay } from './relay/relay.ts'
import { SessionRegistry } from './relay/session-registry.ts'
import { UnconfirmedDeadLetters } from './relay/unconfirmed-dead-letters.ts'
import { checkIssuers, type IssuerOptions } from './tokens/issuer-options.ts'
import { Revocations, type RevocationsFile } from './tokens/revocations.ts'
import { createVerifier, type Trust, trustIssuer, trustSecret } from './tokens/verify.ts'
import { type Upstream, type UpstreamPorts, upstreamOf } from './upstream.ts'

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
  /** The file in which it keeps the tokens that were revoked. Default: none, so that they count again after a restart. */
  readonly revocations?: string | undefined
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
}

export interface RunningBridge extends AsyncDisposable {
  /** `http://host:port` */
  readonly url: string
  readonly port: number
  /** Where the embedded broker takes STOMP over TCP. */
  readonly stompUrl?: string
  readonly signInUrl?: string
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
  /** To be told where it listens, once it does. */
  listensOn(hostname: string, port: number): { readonly url: string; readonly signInUrl?: string }
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
  const onEvent = (event: BridgeEvent): void => tell?.(event)
  const { clock, newId } = ports
  const now = (): number => clock.now()
  const origins = new Origins(options)
  const attempts = new LoginLimiter(
    now,
    configured.map(({ login }) => login),
    new DataView(ports.randomBytes(4).slice().buffer).getUint32(0),
  )
  const users = new Users(configured, ports, attempts)
  const revocations = new Revocations(ports.revocations, now)
  const isRevoked = (identity: Identity): boolean => revocations.isRevoked(identity)
  const trusted = trustedIssuers(options, ports, onEvent)
  const verifyToken = createVerifier(trustSecret(secret, issuer), now, trusted, isRevoked)
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
  const readiness = new Readiness({ upstream, versions, limits, onEvent, clock })
  const deadLetters = new UnconfirmedDeadLetters()
  const relays = {
    limits,
    onEvent,
    upstream,
    versions,
    sessions,
    readiness,
    passes,
    deadLetters,
    revocations,
    authenticate,
    clock,
    newId,
  }
  const identify = createIdentify({ users, verifyToken })
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
      identify,
    },
    revoke: { revocations, onEvent, identify, endSessions: () => sessions.tick(0), now },
    sessions,
    readiness,
    onEvent,
    acceptFrom: address => createRelay(relays, address),
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
    listensOn(host, port) {
      origins.listensOn(host, port)
      const url = new URL(`http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`).origin
      onEvent({ type: 'listening', url })
      return signIn ? { url, signInUrl: `${url}/#sign-in=${signIn.secret}` } : { url }
    },
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

/** The embedded broker: its users are those of the bridge's own who may do everything, and the bridge has a login that nobody else knows. */
function embeddedFor(
  users: readonly BridgeUser[],
  ports: BridgePorts,
  attempts: LoginLimiter,
  onEvent: OnEvent,
  maxDataBytes: number | undefined,
): { broker: EmbeddedBroker; upstream: Upstream } {
  const login = 'drover-bridge'
  const passcode = randomText(ports)
  const own = users.flatMap(({ login, password, grants }) => {
    const parsed = Grants.parse(grants)
    return password !== undefined && grantsInclude(parsed, { ...allByTcp, ns: parsed.ns, seal: parsed.seal })
      ? [{ login, passcode: password, allow: [`${parsed.ns}.>`] }]
      : []
  })
  const broker = createEmbeddedBroker({
    users: [...own, { login, passcode, allow: ['>'] }],
    attempts,
    clock: ports.clock,
    random: () => ports.newId(),
    ...(ports.store === undefined ? {} : { store: ports.store }),
    ...(maxDataBytes === undefined ? {} : { limits: storedLimits(maxDataBytes) }),
    onEvent: event => {
      if (isForOperators(event)) onEvent(event)
    },
  })
  const upstream: Upstream = {
    connect: (_version, owner) => sink => broker.connect(sink, { owner }),
    login: { login, passcode, host: '/', heartBeatMs: 0 },
    name: 'the embedded broker',
  }
  return { broker, upstream }
}

/**
 * Over TCP a login is all that is asked for, so only they have one there who are granted all that it brings. Who may read and
 * write every queue and topic needs no right to operate them: users of older files have none, and keep their login.
 */
const allByTcp: Grants = { ...allGrants, operate: [] }

const isForOperators = (event: BrokerEvent): event is BrokerEvent & BridgeEvent =>
  /^(message_dropped|end_dropped|store_failed|store_recovered)$/.test(event.type)

/** How often sessions are looked at: often enough for the shortest of their waits. */
function tickOf({ connectMs, stalledMs, heartBeatMs }: Limits): number {
  return Math.max(20, Math.min(1_000, Math.min(connectMs, stalledMs, heartBeatMs) / 4))
}

const randomText = (ports: PasswordPorts): string =>
  Array.from(ports.randomBytes(32), byte => byte.toString(16).padStart(2, '0')).join('')
