/** The settings as they count, for `--print-config`: a file that could be read again, but for the secrets in it. */
import { stringify } from 'smol-toml'
import type { ServeSettings } from './serve-settings.ts'

const hidden = '***'

/** @returns TOML */
export function printedConfig({ config, broker, host, port, stompPort, log }: ServeSettings): string {
  const { users } = config
  const printed = {
    ...config,
    broker: withHiddenLogin(broker),
    host,
    port,
    ...(broker === 'embedded' ? { stomp_port: stompPort } : {}),
    log,
    ...(config.secret === undefined ? {} : { secret: hidden }),
    ...(Array.isArray(users) ? { users: users.map(user => withHiddenPassword(user as Record<string, unknown>)) } : {}),
  }
  return stringify(printed)
}

const withHiddenLogin = (address: string): string => address.replace(/^([a-z+]+:\/\/)[^@]*@/i, `$1${hidden}:${hidden}@`)

const withHiddenPassword = (user: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(user).map(([name, value]) => [name, name.startsWith('password') ? hidden : value]))
