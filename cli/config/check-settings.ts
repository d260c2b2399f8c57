/** Checks how settings fit together, by the functions of the bridge itself, so that a start refuses nothing that passed here. */
import type { BridgeUser, IssuerOptions, Limits } from 'drover/bridge'
import type { TlsOptions } from 'drover/stomp'
import { createCallerOf } from '../../bridge/access/caller.ts'
import { Origins } from '../../bridge/access/origins.ts'
import { checkDefaultPassword } from '../../bridge/access/users.ts'
import { defaultHttpPort, defaultStompPort } from '../../bridge/default-ports.ts'
import { readBase } from '../../bridge/http/base.ts'
import { settingOf } from '../../bridge/limit-reached.ts'
import { checkKeys } from '../../bridge/tokens/issuer-keys.ts'
import { readIssuers } from '../../bridge/tokens/issuer-options.ts'
import { secretsOf } from '../../bridge/tokens/signing-key.ts'
import { systemClock } from '../../shared/clock.ts'
import { checkMetrics, type MetricsOptions } from '../../shared/metrics/options.ts'
import { readKeyText } from '../../shared/seal/node-text.ts'
import { readTls } from '../../shared/stomp/sockets/node-tls.ts'
import { UsageError } from '../exit.ts'
import { readSealGrant } from '../seal-grant.ts'
import { parseBrokerUrl } from '../settings.ts'
import { readSecrets } from '../stored-secret.ts'
import { readUsers, readUsersFile } from '../users-file.ts'
import { accessFaults } from './access.ts'
import { portFaults } from './ports.ts'
import { type FoundConfig, keyText } from './read-config.ts'
import type { ServeConfig } from './schema.ts'

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

interface Known extends Pick<FoundConfig, 'found' | 'wrong' | 'places' | 'issuers'>, Pick<ServeSettings, 'nameOf'> {
  readonly metricsToken: string | undefined
}

/**
 * @param known all that is known of the file already
 * @returns the settings, or all mistakes
 */
export async function checkSettings(
  config: ServeConfig,
  known: Known,
): Promise<{ readonly settings: ServeSettings } | { readonly found: readonly string[] }> {
  const { nameOf } = known
  const found = [...known.found]
  // An option or a variable counts in place of one that is wrong in the file
  const isKnown = (key: keyof ServeConfig): boolean => !known.wrong.has(key) || config[key] !== undefined
  const isOfFile = (place: string): boolean => {
    const key = place.replace(/\[.*/, '')
    return nameOf(key as keyof ServeConfig) === key
  }
  /**
   * Leaves out mistakes that would follow from one in these settings.
   * @param place in the file, where the sentence of the error does not say it
   */
  const attempt = async <T>(
    keys: readonly (keyof ServeConfig)[],
    read: () => T | Promise<T>,
    place?: string,
  ): Promise<T | undefined> => {
    if (!keys.every(isKnown)) return undefined
    try {
      return await read()
    } catch (error) {
      const { message } = error as Error
      found.push(place !== undefined && isOfFile(place) ? `${place}: ${message}` : message)
      return undefined
    }
  }
  const { hosts = [], origins = [], trust_proxy: trustProxy = [], host = '127.0.0.1', secret, secret_file } = config
  const broker = await attempt(['broker'], () => brokerOf(config, nameOf))
  await attempt(['broker', 'data'], () => {
    if (broker !== undefined && broker !== 'embedded' && config.data !== undefined)
      throw new UsageError(`${nameOf('data')} is for --broker embedded; other brokers keep messages by themselves`)
  })
  await attempt(['data', 'data_limit'], () => {
    const name = nameOf('data_limit')
    if (config.data_limit !== undefined && config.data === undefined)
      throw new UsageError(`${name} bounds the file of ${name.startsWith('--') ? '--data' : 'data'}; name it as well`)
  })
  const metrics = metricsOf(config, known.metricsToken)
  await attempt(['metrics_port', 'metrics_host'], () => {
    if (metrics !== undefined) checkMetrics(metrics)
    else if (config.metrics_host !== undefined)
      throw new UsageError(
        `${nameOf('metrics_host')} is where the port of the metrics listens; name ${nameOf('metrics_host').startsWith('--') ? '--metrics-port' : 'metrics_port'} as well`,
      )
  })
  const brokerTls = config.broker_tls && (camelCased(config.broker_tls) as TlsOptions)
  await attempt(
    ['broker', 'broker_tls'],
    () => (broker === undefined ? undefined : checkTls(brokerTls, broker)),
    'broker_tls',
  )
  const users = await attempt(
    ['users'],
    () => usersOf(config, nameOf),
    typeof config.users === 'string' ? 'users' : undefined,
  )
  await attempt(['users', 'host'], () => checkDefaultPassword(host, users ?? []))
  const issuers = issuersOf(config, known)
  found.push(...issuers.found)
  for (const [at, { jwks }] of (config.issuers ?? []).entries())
    await attempt([], () => checkKeyFile(jwks), `issuers[${at}].jwks`)
  const secrets = await attempt(['secret'], () => (secret === undefined ? undefined : secretsOf(secret)), 'secret')
  await attempt(
    ['secret_file'],
    () => (secret_file === undefined ? undefined : readSecretFile(secret_file)),
    'secret_file',
  )
  await attempt(['seal'], () => (config.seal === undefined ? undefined : readSealGrant(config.seal)), 'seal')
  for (const [at, one] of hosts.entries()) await attempt([], () => new Origins({ hosts: [one] }), `hosts[${at}]`)
  for (const [at, one] of origins.entries()) await attempt([], () => new Origins({ origins: [one] }), `origins[${at}]`)
  for (const [at, one] of trustProxy.entries()) await attempt([], () => createCallerOf([one]), `trust_proxy[${at}]`)
  await attempt([], () => readBase(config.base))
  await attempt(['broker', 'host', 'metrics_host', 'port', 'stomp_port', 'metrics_port'], () => {
    found.push(...portFaults(config, nameOf))
  })
  await attempt(['host', 'users', 'issuers', 'secret', 'secret_file'], () =>
    found.push(...accessFaults(config, nameOf)),
  )
  if (found.length > 0) return { found }
  const settings: ServeSettings = {
    broker: broker!,
    brokerTls,
    data: config.data,
    maxDataBytes: config.data_limit,
    host,
    port: config.port ?? defaultHttpPort,
    stompPort: config.stomp_port ?? defaultStompPort,
    base: config.base,
    hosts,
    origins,
    trustProxy,
    users,
    secrets,
    secretFile: secret_file,
    issuer: config.issuer,
    seal: config.seal,
    log: config.log ?? 'text',
    audit: config.audit ?? false,
    drainMs: config.drain ?? 20_000,
    metrics,
    issuers: issuers.issuers,
    limits: camelCased(config.limits ?? {}),
    config,
    nameOf,
  }
  return { settings }
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

/** It is made at the start where it is not there. */
async function readSecretFile(path: string): Promise<void> {
  try {
    await readSecrets(path)
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw new UsageError(`the file of the secret cannot be used: ${(cause as Error).message}`, { cause })
  }
}

/** Those of an address are read once the bridge runs: their provider may be away now. */
async function checkKeyFile(jwks: string): Promise<void> {
  if (/^https?:/i.test(jwks)) return
  await checkKeys(jwks, { clock: systemClock, readText: readKeyText, fetch, problem: () => {} })
}

/** The bridge looks at those that are wrong as well. */
function issuersOf(
  { issuers: right, issuer: own }: ServeConfig,
  { places, issuers: given }: Known,
): { readonly issuers: readonly IssuerOptions[]; readonly found: readonly string[] } {
  const all = right ?? given ?? []
  if (!Array.isArray(all)) return { issuers: [], found: [] }
  const { issuers, faults } = readIssuers(
    all.map(one => (typeof one === 'object' && one !== null ? camelCased(one) : one)),
    own,
  )
  const found = faults.flatMap(({ path, message }) => {
    const keys = path.map((part, at) => (at === 1 ? settingOf(String(part)) : part))
    const isTold = keys.some((_, at) => places.has(keyText(['issuers', ...keys.slice(0, at + 1)])))
    return isTold ? [] : [`${keyText(['issuers', ...keys])}: ${message.replace('roleGrants', 'role_grants')}`]
  })
  return { issuers, found }
}

/** The embedded broker has no address. */
const checkTls = (tls: TlsOptions | undefined, broker: string): unknown =>
  readTls(tls, broker === 'embedded' ? 'stomp://embedded' : broker)

const camelCased = (values: object): Record<string, never> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value as never,
    ]),
  )
