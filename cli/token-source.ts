/** The token of a command that connects: given once, or read again from a file, a command or an address. */
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { systemClock } from '../shared/clock.ts'
import { expOf } from '../shared/stomp/session/renewal.ts'
import { UsageError } from './exit.ts'
import type { Env } from './settings.ts'
import { fromCommand } from './token-sources/from-command.ts'
import { fromUrl } from './token-sources/from-url.ts'
import { codeOf, noToken, type Read, sourceMs } from './token-sources/source.ts'

export interface TokenCommandOptions {
  token?: string
  tokenFile?: string
  tokenCommand?: string
  tokenUrl?: string
}

/** A token as a connection takes it. */
export interface GivenToken {
  /** One that stays the same, so that its refusal is final; or a function that gives a new one. */
  readonly connect: { readonly passcode?: string | undefined } | { readonly token: () => Promise<string> }
  /** The one of now. */
  readonly current: string | undefined
  /** The option or variable that names a source which is read again. */
  readonly source: string | undefined
}

const ways = [
  { key: 'token', option: '--token', variable: 'DROVER_TOKEN' },
  { key: 'tokenFile', option: '--token-file', variable: 'DROVER_TOKEN_FILE', read: fromFile },
  { key: 'tokenCommand', option: '--token-command', variable: 'DROVER_TOKEN_COMMAND', read: fromCommand },
  { key: 'tokenUrl', option: '--token-url', variable: 'DROVER_TOKEN_URL', read: fromUrl },
] as const satisfies readonly { key: keyof TokenCommandOptions; option: string; variable: string; read?: Read }[]

export function addTokenOptions(command: Command): Command {
  return command
    .option('--token <jwt>', 'token for a bridge')
    .option('--token-file <file>', 'read the token from this file, and again before it ends')
    .option('--token-command <command>', 'run this for the token, and again before it ends')
    .option('--token-url <url>', 'GET the token from there, and again before it ends')
}

/** For the help of a command: the variables beside `addTokenOptions`. */
export const tokenVariables = `  DROVER_TOKEN  the token, when no option gives one; keeps it out of the list of
                processes
  DROVER_TOKEN_FILE, DROVER_TOKEN_COMMAND, DROVER_TOKEN_URL
                where to read it again, as the options of these names. A command
                prints the token; an address answers with it, or with JSON that
                has it as token or access_token`

/**
 * The token that a command was given, by one option, else by one variable. A source is read once here, so that one that
 * cannot be used ends the command before it does anything.
 * @throws {UsageError} for two of them, {DroverError} `not_authenticated` for a source without a token. Neither has any of it
 */
export async function givenToken(options: TokenCommandOptions, env: Env): Promise<GivenToken> {
  const byOption = ways.filter(({ key }) => options[key] !== undefined)
  const byVariable = ways.filter(({ variable }) => (env[variable] ?? '') !== '')
  const named = byOption.length > 0 ? byOption.map(way => way.option) : byVariable.map(way => way.variable)
  if (named.length > 1) throw new UsageError(`${named.join(' and ')} each give a token; use one of them`)
  const [way] = byOption.length > 0 ? byOption : byVariable
  const [name] = named
  if (way === undefined || name === undefined) return { connect: {}, current: undefined, source: undefined }
  const value = options[way.key] ?? env[way.variable] ?? ''
  if (!('read' in way)) return { connect: { passcode: value }, current: value, source: undefined }
  if (value === '') throw new UsageError(`${name} is empty; expected where to get the token`)
  const { read } = way
  const next = async (): Promise<string> => tokenIn(await read(value, name, AbortSignal.timeout(sourceMs)), name)
  const current = await next()
  let first: string | undefined = current
  const token = async (): Promise<string> => {
    const given = first ?? (await next())
    first = undefined
    return given
  }
  return { connect: { token }, current, source: name }
}

/** The same, and told of each read that fails: a connection that is open says nothing of it while there is time to read again. */
export function watchedToken(
  connect: GivenToken['connect'],
  onFailed: (reason: string) => void,
): GivenToken['connect'] {
  if (!('token' in connect)) return connect
  const { token } = connect
  return {
    token: () =>
      token().catch((error: Error) => {
        onFailed(error.message)
        throw error
      }),
  }
}

/** A page for people, such as one to sign in, or bytes. A bridge or a broker would say less of such a token. */
const isNone = /^<[!?a-z]|[\p{Cc}\ufffd]/iu

/** @returns the one token that a source gave */
function tokenIn(text: string, name: string): string {
  const token = text.trim()
  if (token === '') throw noToken(`${name} gave nothing; expected a token`)
  if (/\s/.test(token)) throw noToken(`${name} gave a text with blanks or line breaks in it; expected a token alone`)
  if (isNone.test(token)) throw noToken(`${name} gave a page or bytes; expected a token alone`)
  const exp = expOf(token)
  if (exp !== undefined && exp * 1000 <= systemClock.now()) {
    const at = new Date(exp * 1000).toISOString()
    throw noToken(`${name} gave a token that has expired, at ${at}; see that a new one is there`)
  }
  return token
}

async function fromFile(file: string, name: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw noToken(`${name}: ${JSON.stringify(file)} cannot be read (${codeOf(cause)})`)
  }
}
