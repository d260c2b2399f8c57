/**
 * The settings of `drover serve`, of all places: an option counts before the environment, and that before the file. The
 * bridge runs by the result, `--check` checks it, and `--print-config` prints it.
 */
import type { TlsOptions } from 'drover/stomp'
import { settingOf } from '../../bridge/limit-reached.ts'
import { UsageError } from '../exit.ts'
import { type Env, parsePort } from '../settings.ts'
import { secretLines } from '../stored-secret.ts'
import { type TlsCommandOptions, tlsOfEnv, tlsOfOptions } from '../tls-options.ts'
import { checkSettings, type ServeSettings } from './check-settings.ts'
import { type FoundConfig, mistakes, readConfig } from './read-config.ts'
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

/**
 * Reads all settings and checks all that can be checked without a connection.
 * @throws {UsageError} with all mistakes of the file at once
 */
export async function readServeSettings(options: GivenOptions, env: Env): Promise<ServeSettings> {
  const read = options.config === undefined ? nothingRead : await readConfig(options.config)
  const file = read.config
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
  const both = 'secret: secret_file stands beside it; name one of the two'
  const found = [...read.found, ...(file.secret !== undefined && file.secret_file !== undefined ? [both] : [])]
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
  const checked = await checkSettings(config, { ...read, found, nameOf, metricsToken: env['DROVER_METRICS_TOKEN'] })
  if ('settings' in checked) return checked.settings
  const [only = ''] = checked.found
  throw options.config === undefined && checked.found.length === 1
    ? new UsageError(only)
    : mistakes(options.config ?? 'The settings', checked.found)
}

const nothingRead: FoundConfig = { config: {}, found: [], wrong: new Set(), places: new Set(), issuers: undefined }

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

const inFile = (tls: TlsOptions): NonNullable<ServeConfig['broker_tls']> =>
  Object.fromEntries(Object.entries(tls).map(([name, value]) => [settingOf(name), value]))
