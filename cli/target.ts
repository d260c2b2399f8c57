/** Where a command connects: the options that say it, and a connection that lasts no longer than the command. */
import process from 'node:process'
import type { Command } from 'commander'
import type { Stomp, TlsOptions } from 'drover/stomp'
import { type Tried, withAdvice } from './connection-advice.ts'
import { defaultUrl, parseConnectUrl } from './settings.ts'
import { addTlsOptions, givenTls, type TlsCommandOptions, tlsVariables } from './tls-options.ts'
import { addTokenOptions, type GivenToken, givenToken, type TokenCommandOptions } from './token-source.ts'

export interface TargetOptions extends TokenCommandOptions, TlsCommandOptions {
  url?: string
  namespace: string
}

export interface Target {
  readonly url: string
  readonly tls: TlsOptions | undefined
  readonly token: GivenToken
  readonly namespace: string
  /** For advice where it fails. */
  readonly tried: Tried
}

export function addTargetOptions(command: Command): Command {
  command
    .option(
      '--url <url>',
      'broker: stomp://user:password@host:port, stomp+ssl://, ws://, wss://; or bridge: https://host, wss://host/stomp',
    )
    .option('--namespace <name>', 'prefix of the destinations; a bridge says its own', 'myapp')
  return addTokenOptions(addTlsOptions(command))
}

/** For the help of a command: the variables beside `addTargetOptions`. */
export const urlVariables = `  DROVER_URL    where to connect, when --url does not say
  STOMP_PORT    port of the broker on this machine, when neither does; default
                61613
${tlsVariables}`

/** @throws {UsageError} for an address or a token that cannot be used, {DroverError} for a source without a token */
export async function givenTarget(options: TargetOptions): Promise<Target> {
  const url = options.url === undefined ? defaultUrl(process.env) : parseConnectUrl(options.url, '--url')
  const token = await givenToken(options, process.env)
  return {
    url,
    tls: givenTls(options, process.env, url),
    token,
    namespace: options.namespace,
    tried: { url, token: token.current, source: token.source },
  }
}

/** @throws {DroverError} where the first try fails, with advice */
export async function connectTo({ url, tls, token, namespace, tried }: Target): Promise<Stomp> {
  const { openConnection } = await import('./connection.ts')
  return await openConnection({ url, tls, token, namespace }).catch((error: unknown) => {
    throw withAdvice(error, tried)
  })
}
