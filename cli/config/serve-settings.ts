/**
 * The settings of `drover serve`, of all places: an option counts before the environment, and that before the file. The
 * bridge runs by the result, `--check` checks it, and `--print-config` prints it.
 */
import type { BridgeUser, IssuerOptions, Limits } from 'drover/bridge'
import type { TlsOptions } from 'drover/stomp'
import { createCallerOf } from '../../bridge/access/caller.ts'
import { Origins } from '../../bridge/access/origins.ts'
import { defaultHttpPort, defaultStompPort } from '../../bridge/default-ports.ts'
import { readBase } from '../../bridge/http/base.ts'
import { checkIssuers } from '../../bridge/tokens/issuer-options.ts'
import { secretsOf } from '../../bridge/tokens/signing-key.ts'
import { checkMetrics, type MetricsOptions } from '../../shared/metrics/options.ts'
import { readTls } from '../../shared/stomp/sockets/node-tls.ts'
import { UsageError } from '../exit.ts'
import { type Env, parseBrokerUrl, parsePort } from '../settings.ts'
import { secretLines } from '../stored-secret.ts'
import { type TlsCommandOptions, tlsOfEnv, tlsOfOptions } from '../tls-options.ts'
import { readUsers, readUsersFile } from '../users-file.ts'
import { mistakes, readConfig } from './read-config.ts'
import type { ServeConfig } from './schema.ts'

/** The options of the command, as they were given. */
export interface GivenOptions extends TlsCommandOptions {
  readonly config?: string | undefined
  readonly broker?: string | undefined
  readonly data?: string | undefined
  /** Bytes. */
  readonly dataLimit?: number | undefined
  readonly users?: string | undefined
  readonly host?: string | undefined
  readonly port?: string | undefined
  readonly base?: string | undefined
  readonly hosts?: string[] | undefined
  readonly origin?: string[] | undefined
  readonly trustProxy?: string[] | undefined
  readonly seal?: string | undefined
  readonly json?: boolean | undefined
  readonly audit?: boolean | undefined
  /** ms */
  readonly drain?: number | undefined
  readonly metricsPort?: string | undefined
  readonly metricsHost?: string | undefined
}

export interface ServeSettings {
  /** `embedded`, or an address. */
  readonly broker: string
  readonly brokerTls: TlsOptions | undefined
  readonly data: string | undefined
  readonly maxDataBytes: number | undefined
  readonly host: string
  readonly port: number
  readonly stompPort: number
  readonly base: string | undefined
  readonly hosts: readonly string[]
  readonly origins: readonly string[]
  readonly trustProxy: readonly string[]
  /** Absent: none were named. */
  readonly users: readonly BridgeUser[] | undefined
  /** The first signs. Absent: none was given, and `secretFile` counts. */
  readonly secrets: readonly string[] | undefined
  readonly secretFile: string | undefined
  readonly issuer: string | undefined
  readonly seal: string | undefined
  readonly log: 'text' | 'json'
  readonly audit: boolean
  /** How long SIGTERM may take. */
  readonly drainMs: number
  /** Absent: nobody is to measure it. */
  readonly metrics: MetricsOptions | undefined
  readonly issuers: readonly IssuerOptions[]
  readonly limits: Partial<Limits>
  /** As a file would have it. */
  readonly config: ServeConfig
  /** Where a setting came from, as an error names it: `--port`, `PORT`, or `port`. */
  nameOf(key: keyof ServeConfig): string
}

/**
 * Reads all settings and checks all that can be checked without a connection.
 * @throws {UsageError} with all mistakes of the file at once
 */
export async function readServeSettings(options: GivenOptions, env: Env): Promise<ServeSettings> {
  const file = options.config === undefined ? {} : await readConfig(options.config)
  const fromEnv = given({
    broker: env['DROVER_BROKER'],
    port: portOf(env['PORT'], 'PORT'),
    stomp_port: portOf(env['STOMP_PORT'], 'STOMP_PORT'),
    secret: env['DROVER_SECRET'] ? [...secretLines(env['DROVER_SECRET'])] : undefined,
    secret_file: env['DROVER_SECRET_FILE'],
  })
  const fromOptions = given({
    broker: options.broker,
    data: options.data,
    data_limit: options.dataLimit,
    host: options.host,
    port: portOf(options.port, '--port'),
    base: options.base,
    hosts: options.hosts,
    origins: options.origin,
    trust_proxy: options.trustProxy,
    users: options.users,
    seal: options.seal,
    log: options.json === true ? ('json' as const) : undefined,
    audit: options.audit,
    drain: options.drain,
    metrics_port: portOf(options.metricsPort, '--metrics-port'),
    metrics_host: options.metricsHost,
  })
  if (file.secret !== undefined && file.secret_file !== undefined)
    throw mistakes(options.config!, ['secret: secret_file stands beside it; name one of the two'])
  // Of the two places of a secret the one in the environment counts
  const { secret: _, ...withoutSecret } = file
  const others = fromEnv.secret_file === undefined ? file : withoutSecret
  // Variables say nothing of an address without TLS
  const { broker = '' } = { ...others, ...fromEnv, ...fromOptions }
  const isTls = /^\s*(?:stomp\+ssl|wss):/i.test(broker)
  const broker_tls = { ...file.broker_tls, ...(isTls ? inFile(tlsOfEnv(env)) : {}), ...inFile(tlsOfOptions(options)) }
  const config: ServeConfig = {
    ...others,
    ...fromEnv,
    ...fromOptions,
    ...(Object.keys(broker_tls).length === 0 ? {} : { broker_tls }),
  }
  const nameOf = (key: keyof ServeConfig): string =>
    Object.hasOwn(fromOptions, key)
      ? (optionNames[key] ?? `--${key}`)
      : Object.hasOwn(fromEnv, key)
        ? (envNames[key] ?? key)
        : key
  return await checked(config, nameOf, options.config, env['DROVER_METRICS_TOKEN'])
}

const optionNames: { readonly [Key in keyof ServeConfig]?: string } = {
  data: '--data',
  data_limit: '--data-limit',
  origins: '--origin',
  trust_proxy: '--trust-proxy',
  log: '--json',
  metrics_port: '--metrics-port',
  metrics_host: '--metrics-host',
}
const envNames: { readonly [Key in keyof ServeConfig]?: string } = {
  broker: 'DROVER_BROKER',
  port: 'PORT',
  stomp_port: 'STOMP_PORT',
  secret: 'DROVER_SECRET',
  secret_file: 'DROVER_SECRET_FILE',
}

const portOf = (text: string | undefined, name: string): number | undefined =>
  text === undefined || text === '' ? undefined : parsePort(text, name, 0)

/** Without those that nobody set; an empty variable is none. */
const given = <T extends object>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== '')) as Partial<T>

async function checked(
  config: ServeConfig,
  nameOf: ServeSettings['nameOf'],
  file: string | undefined,
  metricsToken: string | undefined,
): Promise<ServeSettings> {
  const found: string[] = []
  const attempt = async <T>(read: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await read()
    } catch (error) {
      found.push((error as Error).message)
      return undefined
    }
  }
  const broker = await attempt(() => brokerOf(config, nameOf))
  if (broker !== undefined && broker !== 'embedded' && config.data !== undefined) {
    found.push(`${nameOf('data')} is for --broker embedded; other brokers keep messages by themselves`)
  }
  if (config.data_limit !== undefined && config.data === undefined) {
    found.push(
      `${nameOf('data_limit')} bounds the file of ${nameOf('data_limit').startsWith('--') ? '--data' : 'data'}; name it as well`,
    )
  }
  const metrics = metricsOf(config, metricsToken)
  if (config.metrics_host !== undefined && metrics === undefined) {
    found.push(`${nameOf('metrics_host')} is where metrics_port listens; name that as well`)
  }
  if (metrics !== undefined) await attempt(() => checkMetrics(metrics))
  const brokerTls = config.broker_tls && (camelCased(config.broker_tls) as TlsOptions)
  await attempt(() => (broker === undefined ? undefined : checkTls(brokerTls, broker)))
  const users = await attempt(() => usersOf(config, nameOf))
  const issuers = await attempt(() => checkIssuers(issuersOf(config)))
  const secrets = await attempt(() => (config.secret === undefined ? undefined : secretsOf(config.secret)))
  const { hosts = [], origins = [], trust_proxy: trustProxy = [] } = config
  await attempt(() => new Origins({ hosts, origins }))
  await attempt(() => createCallerOf(trustProxy))
  await attempt(() => readBase(config.base))
  if (found.length > 0) {
    const [only = ''] = found
    throw file === undefined && found.length === 1 ? new UsageError(only) : mistakes(file ?? 'The settings', found)
  }
  return {
    broker: broker!,
    brokerTls,
    data: config.data,
    maxDataBytes: config.data_limit,
    host: config.host ?? '127.0.0.1',
    port: config.port ?? defaultHttpPort,
    stompPort: config.stomp_port ?? defaultStompPort,
    base: config.base,
    hosts,
    origins,
    trustProxy,
    users,
    secrets,
    secretFile: config.secret_file,
    issuer: config.issuer,
    seal: config.seal,
    log: config.log ?? 'text',
    audit: config.audit ?? false,
    drainMs: config.drain ?? 20_000,
    metrics,
    issuers: issuers!,
    limits: camelCased(config.limits ?? {}),
    config,
    nameOf,
  }
}

const metricsOf = (
  { metrics_port: port, metrics_host: hostname }: ServeConfig,
  token: string | undefined,
): MetricsOptions | undefined => (port === undefined ? undefined : { port, hostname, token })

function brokerOf({ broker }: ServeConfig, nameOf: ServeSettings['nameOf']): string {
  if (broker === undefined)
    throw new UsageError('Name the broker by DROVER_BROKER or --broker, such as stomp://foo:bar@localhost:61613')
  return broker === 'embedded' ? broker : parseBrokerUrl(broker, nameOf('broker'))
}

async function usersOf({ users }: ServeConfig, nameOf: ServeSettings['nameOf']): Promise<BridgeUser[] | undefined> {
  if (users === undefined) return undefined
  return typeof users === 'string' ? await readUsersFile(users) : readUsers(users, nameOf('users'))
}

const issuersOf = ({ issuers = [] }: ServeConfig): readonly IssuerOptions[] =>
  issuers.map(one => camelCased(one) as unknown as IssuerOptions)

/** The embedded broker has no address. */
const checkTls = (tls: TlsOptions | undefined, broker: string): unknown =>
  readTls(tls, broker === 'embedded' ? 'stomp://embedded' : broker)

const inFile = (tls: TlsOptions): NonNullable<ServeConfig['broker_tls']> =>
  Object.fromEntries(
    Object.entries(tls).map(([name, value]) => [name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`), value]),
  )

const camelCased = (values: object): Record<string, never> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value as never,
    ]),
  )
