/** The options of a command that say how TLS is, beyond the runtime's own. */
import type { Command } from 'commander'
import type { TlsOptions } from 'drover/stomp'
import type { Env } from './settings.ts'

export interface TlsCommandOptions {
  readonly tlsCa?: string | undefined
  readonly tlsCert?: string | undefined
  readonly tlsKey?: string | undefined
  readonly tlsServerName?: string | undefined
}

/** For stomp+ssl:// and wss://. */
export function addTlsOptions(command: Command): Command {
  return command
    .option('--tls-ca <file>', 'authorities that may have signed its certificate, in PEM; instead of those known here')
    .option('--tls-cert <file>', 'certificate of this side, in PEM, for a broker that asks for one')
    .option('--tls-key <file>', 'key of --tls-cert, in PEM')
    .option('--tls-server-name <name>', 'the name in its certificate, where the address has another')
}

/** For the help of a command: the variables beside `addTlsOptions`. */
export const tlsVariables = `  DROVER_TLS_CA, DROVER_TLS_CERT, DROVER_TLS_KEY, DROVER_TLS_SERVER_NAME
                 as the options, for stomp+ssl:// and wss:// addresses
  DROVER_TLS_KEY_PASSPHRASE
                 opens --tls-key, where that is encrypted`

const variables = {
  ca: 'DROVER_TLS_CA',
  cert: 'DROVER_TLS_CERT',
  key: 'DROVER_TLS_KEY',
  keyPassphrase: 'DROVER_TLS_KEY_PASSPHRASE',
  serverName: 'DROVER_TLS_SERVER_NAME',
} as const

/** Those of the environment; an empty one is none. */
export const tlsOfEnv = (env: Env): TlsOptions =>
  Object.fromEntries(
    Object.entries(variables)
      .map(([field, name]) => [field, env[name]])
      .filter(([, value]) => value !== undefined && value !== ''),
  )

/** Those of the command. */
export const tlsOfOptions = ({ tlsCa, tlsCert, tlsKey, tlsServerName }: TlsCommandOptions): TlsOptions =>
  Object.fromEntries(
    Object.entries({ ca: tlsCa, cert: tlsCert, key: tlsKey, serverName: tlsServerName }).filter(
      ([, value]) => value !== undefined,
    ),
  )

/**
 * Options count before variables.
 * @param url that it is for: variables say nothing of an address without TLS, options have to fit
 * @returns `undefined` where nothing is said
 */
export function givenTls(options: TlsCommandOptions, env: Env, url: string): TlsOptions | undefined {
  const said = tlsOfOptions(options)
  const tls = /^(?:stomp\+ssl|wss):/i.test(url) ? { ...tlsOfEnv(env), ...said } : said
  return Object.keys(tls).length === 0 ? undefined : tls
}
