/** The token of a command that connects: given once, or read again from a file, a command or an address. */
import { Buffer } from 'node:buffer'
import { exec } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { DroverError } from 'drover/contract'
import { systemClock } from '../shared/clock.ts'
import { expOf } from '../shared/stomp/session/renewal.ts'
import { UsageError } from './exit.ts'
import type { Env } from './settings.ts'

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

/** How long a source may take: less than a connection waits for a token. */
const sourceMs = 9_000
const maxBytes = 65_536

type Read = (value: string, name: string) => Promise<string>

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
  const next = async (): Promise<string> => tokenIn(await read(value, name), name)
  const current = await next()
  let first: string | undefined = current
  const token = async (): Promise<string> => {
    const given = first ?? (await next())
    first = undefined
    return given
  }
  return { connect: { token }, current, source: name }
}

/** @returns the one token that a source gave */
function tokenIn(text: string, name: string): string {
  const token = text.trim()
  if (token === '') throw noToken(`${name} gave nothing; expected a token`)
  if (/\s/.test(token)) throw noToken(`${name} gave a text with blanks or line breaks in it; expected a token alone`)
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

/** Neither the command nor its output is told: both may hold secrets. */
async function fromCommand(command: string, name: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    exec(command, { timeout: sourceMs, maxBuffer: maxBytes, windowsHide: true }, (error, stdout) => {
      if (error === null) return resolve(stdout)
      const how = error.killed
        ? `did not end within ${sourceMs / 1000} s, or printed over ${maxBytes} bytes`
        : `ended with ${error.signal ?? `exit code ${error.code}`}`
      reject(noToken(`${name}: the command ${how}; run it by hand to see why`))
    })
  })
}

async function fromUrl(text: string, name: string): Promise<string> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`${name} is no address; expected one such as https://id.example/token`)
  }
  const { username, password } = url
  url.username = url.password = ''
  const shown = url.origin + url.pathname // the rest may hold a secret
  const basic = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const headers = {
    accept: 'application/json, text/plain',
    ...(basic === ':' ? {} : { authorization: `Basic ${Buffer.from(basic).toString('base64')}` }),
  }
  let body: string
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(sourceMs) })
    body = await response.text()
    if (!response.ok) throw noToken(`${name}: ${shown} answered ${response.status}; expected a token`)
  } catch (cause) {
    if (cause instanceof DroverError) throw cause
    throw noToken(`${name}: ${shown} cannot be reached (${codeOf(cause)})`)
  }
  if (!/^\s*[{"]/.test(body)) return body
  const found = memberOf(body)
  if (typeof found === 'string') return found
  throw noToken(`${name}: ${shown} answered JSON without a token; expected it as token or access_token`)
}

function memberOf(json: string): unknown {
  try {
    const value = JSON.parse(json) as string | { token?: unknown; access_token?: unknown }
    return typeof value === 'string' ? value : (value.token ?? value.access_token)
  } catch {
    return undefined
  }
}

function codeOf(thrown: unknown): string {
  const { code, cause, name } = thrown as { code?: unknown; cause?: unknown; name?: string }
  if (typeof code === 'string') return code
  return cause instanceof Error ? codeOf(cause) : (name ?? 'unknown')
}

const noToken = (message: string): DroverError => new DroverError('not_authenticated', message)
