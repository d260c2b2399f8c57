/** The settings of a bridge. */
import type { MetricsOptions } from '../shared/metrics/options.ts'
import type { TlsOptions } from '../shared/stomp/sockets/tls-options.ts'
import type { Tracing } from '../shared/tracing/port.ts'
import type { SignInLinkOptions } from './access/sign-in-link.ts'
import type { BridgeUser } from './access/users.ts'
import type { OnEvent } from './events.ts'
import type { BridgeSeal } from './grants/hand-on-seal.ts'
import type { Limits } from './limits.ts'
import type { IssuerOptions } from './tokens/issuer-options.ts'
import type { Secrets } from './tokens/signing-key.ts'

export interface ServeOptions {
  /** Where it listens. Default `127.0.0.1`: this machine only. */
  readonly hostname?: string | undefined
  /** Default 8787; 0 picks one. */
  readonly port?: number | undefined
  /**
   * The path below which it answers, such as `/drover`: page, `/stomp`, `/token` and all others. A proxy passes it on.
   * `/health` and `/ready` answer without it too. Default: none.
   */
  readonly base?: string | undefined
  /** `embedded`, or a broker's URL with the bridge's own login in it. */
  readonly broker: string
  /** TLS to the broker beyond that of the runtime, for `stomp+ssl:` and `wss:`: an authority, a certificate of its own, another name. */
  readonly brokerTls?: TlsOptions | undefined
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
  /**
   * Signs tokens and passes; at least 32 bytes, the same for all bridges of one broker. Of several the first signs, and
   * tokens and passes by each are taken, so that it can be exchanged while jobs wait.
   */
  readonly secret: Secrets
  /** Tokens have to be by this `iss`; default: by anybody who knows the secret. */
  readonly issuer?: string | undefined
  /**
   * Identity providers whose tokens are taken as they are: their keys come from a JWKS, and their claims are mapped to owner and
   * grants. docs/identity-providers.md.
   */
  readonly issuers?: readonly IssuerOptions[] | undefined
  /**
   * The public keys that pages are to seal by, for each who signs in with a password, a sign-in link or a cookie and whose grants
   * have none. A token brings its own. A function is asked at each sign-in, so that keys can rotate.
   */
  readonly seal?: BridgeSeal | undefined
  /** Prints a link that signs somebody in, once. */
  readonly signInLink?: SignInLinkOptions | undefined
  /** Pages that may use it besides its own, such as `https://shop.example`, or `https://*.shop.example` with any one label. */
  readonly origins?: readonly string[] | undefined
  /** Names by which it is reached besides its own, such as `jobs.example`. */
  readonly hosts?: readonly string[] | undefined
  /**
   * Networks of reverse proxies, such as `10.0.0.0/8` or `loopback`: of a request from there address and scheme are those that
   * `Forwarded` or `X-Forwarded-For` and `X-Forwarded-Proto` say. Default: none.
   */
  readonly trustProxy?: readonly string[] | undefined
  readonly limits?: Partial<Limits> | undefined
  /**
   * Told each event. Default: a log by LogTape, under `drover` and `bridge`, which a program reads once it configures LogTape
   * (`createBridgeLog`).
   */
  readonly onEvent?: OnEvent | undefined
  /** Whether `onEvent` is told of each job that is dispatched (`job_dispatched`). Default false. */
  readonly audit?: boolean | undefined
  /** Spans of the jobs that it relays. Default: by OpenTelemetry, where its SDK is started before. */
  readonly tracing?: Tracing | undefined
  /** Where it is measured, for Prometheus. Default: nowhere. */
  readonly metrics?: MetricsOptions | undefined
}
