/** The settings as they count, for `--print-config`: a file that could be read again, but for the secrets in it. */
import { stringify } from 'smol-toml'
import type { ServeSettings } from './check-settings.ts'
import { hidden, hiddenAddress } from './hidden.ts'

/** @returns TOML */
export function printedConfig({ config, broker, host, port, stompPort, log }: ServeSettings): string {
  const { users, seal, issuers, drain, broker_tls } = config
  const printed = {
    ...config,
    broker: hiddenAddress(broker),
    host,
    port,
    ...(broker === 'embedded' ? { stomp_port: stompPort } : {}),
    log,
    ...(drain === undefined ? {} : { drain: `${drain}ms` }),
    ...(config.secret === undefined ? {} : { secret: hidden }),
    ...(Array.isArray(users) ? { users: users.map(user => withoutSecrets(user as object)) } : {}),
    ...(broker_tls === undefined ? {} : { broker_tls: withoutKeys(broker_tls) }),
    ...(seal === undefined ? {} : { seal: hiddenAddress(seal) }),
    ...(issuers === undefined ? {} : { issuers: issuers.map(one => ({ ...one, jwks: hiddenAddress(one.jwks) })) }),
  }
  return stringify(printed)
}

/** A path may be seen. Text that stands here by itself may have a private key in it, also that of a certificate. */
const withoutKeys = (tls: NonNullable<ServeSettings['config']['broker_tls']>): object =>
  Object.fromEntries(
    Object.entries(tls).map(([name, value = '']) => [
      name,
      name === 'key_passphrase' || /PRIVATE KEY|-----BEGIN (?!(?:TRUSTED )?CERTIFICATE)/.test(value) ? hidden : value,
    ]),
  )

const openMembers: readonly string[] = ['login', 'owner', 'grants']

/** A member that has no meaning may be a password whose name is spelled wrongly. */
const withoutSecrets = (user: object): object =>
  Object.fromEntries(Object.entries(user).map(([name, value]) => [name, openMembers.includes(name) ? value : hidden]))
