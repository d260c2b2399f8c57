/** `drover token`: a token for a bridge, minted here with its secret, or asked of it with a password. */

import { Buffer } from 'node:buffer'
import process from 'node:process'
import type { Command } from 'commander'
import { readAddress } from '../shared/stomp/sockets/address.ts'
import { asDuration } from './duration.ts'
import { UsageError } from './exit.ts'
import { addGrantOptions, type GrantOptions, readGrants } from './grant-options.ts'
import { printable } from './printable.ts'
import { readSecretText } from './read-input.ts'
import { parseConnectUrl, withoutPassword } from './settings.ts'
import { secretLines } from './stored-secret.ts'

interface TokenOptions extends GrantOptions {
  sub?: string
  expires?: number
  url?: string
  login?: string
  seal?: string
}

const defaultExpiresMs = 3_600_000

const help = `
Examples, minted with the secret that the bridge has (DROVER_SECRET), for any
subject and any grants:
  drover token --sub ada@example.org --dispatch 'image.*' host.facts --broadcast host.facts --expires 15m
  drover token --sub thumbnailer-1 --work image.thumbnail --expires 7d
  drover token --sub ada --dispatch 'image.*' --seal public-keys.json     # a page seals by these

Examples, asked of a running bridge with a user's password in DROVER_PASSWORD or
on standard input:
  drover token --url http://127.0.0.1:8787 --login foo < password.txt
  drover token --url https://jobs.example --login ada --dispatch image.thumbnail     # narrower than ada's own

Patterns are task names, "prefix.*", or "*" for all; put them in quotes. A
user who may dispatch a task may also cancel its jobs and see its workers.

Prints the token and nothing else. Use it as DROVER_TOKEN with drover dispatch
and drover worker.

Exit codes:
  0  printed
  1  the bridge refused
  2  the command was called wrongly

Environment:
  DROVER_SECRET    the secret that bridges and minters share, at least 32
                   characters; of several, a line each, the first signs
  DROVER_PASSWORD  password of --login
`

export function addToken(program: Command): void {
  const command = program
    .command('token')
    .description('Prints a token for a bridge.')
    .option('--sub <subject>', 'whom it is for: the owner of the jobs')
    .option('--expires <duration>', 'how long it is good for, such as 15m (default: 1h)', asDuration)
    .option('--url <url>', 'ask this bridge for it instead of minting it')
    .option('--login <name>', 'the user of the bridge who asks')
    .option('--seal <keys>', 'public keys that a page is to seal by: a JWKS file, or the https address of one')
  addGrantOptions(command)
    .addHelpText('after', help)
    .action(async (options: TokenOptions) => {
      const token = options.url === undefined ? await mint(options) : await ask(options.url, options)
      process.stdout.write(`${token}\n`)
    })
}

async function mint(options: TokenOptions): Promise<string> {
  const given = process.env['DROVER_SECRET']
  if (!given)
    throw new UsageError('DROVER_SECRET is not set; give it the secret of the bridge, or name a bridge by --url')
  if (options.sub === undefined) throw new UsageError('Say whom the token is for by --sub, such as --sub ada')
  const grants = readGrants(options)
  if (grants === undefined) {
    throw new UsageError("The token would allow nothing; add grants, such as --dispatch 'image.*' or --work '*'")
  }
  const seal = options.seal === undefined ? undefined : await sealOf(options.seal)
  const { mintToken } = await import('../bridge/tokens/mint.ts')
  return mintToken({
    secret: secretLines(given)[0]!,
    sub: options.sub,
    grants: { ...grants, seal },
    expiresInMs: options.expires ?? defaultExpiresMs,
  })
}

async function sealOf(keys: string) {
  const { readSealGrant } = await import('./seal-grant.ts')
  return readSealGrant(keys)
}

async function ask(url: string, options: TokenOptions): Promise<string> {
  if (options.login === undefined)
    throw new UsageError('Say who asks by --login; the password goes into DROVER_PASSWORD')
  if (options.seal !== undefined)
    throw new UsageError(
      '--seal goes with a token that is minted here; a bridge hands on its own keys (drover serve --seal)',
    )
  const address = bridgeAddress(url)
  const password = process.env['DROVER_PASSWORD'] ?? (await readSecretText('DROVER_PASSWORD'))
  const wish = { grants: readGrants(options), expires_in_ms: options.expires }
  const response = await fetch(new URL('token', address), {
    method: 'POST',
    headers: { authorization: basic(options.login, password), 'content-type': 'application/json' },
    body: JSON.stringify(wish),
  }).catch((cause: unknown) => {
    throw new Error(`No bridge answers at ${address.origin}; is it running, and is the address right?`, { cause })
  })
  const answer = (await response.json().catch(() => ({}))) as { token?: string; error?: { message?: string } }
  if (response.ok && typeof answer.token === 'string') return answer.token
  const reason = printable(answer.error?.message ?? `it answered ${response.status}`)
  throw new Error(`${address.origin} gives ${options.login} no token: ${reason}`)
}

function basic(login: string, password: string): string {
  return `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`
}

function bridgeAddress(url: string): URL {
  const shown = url.includes('@') ? withoutPassword(url) : url
  if (!/^\s*(?:https?|wss?):\/\//i.test(url)) {
    throw new UsageError(`--url is "${shown}"; expected the bridge's address, such as https://jobs.example`)
  }
  return new URL(readAddress(parseConnectUrl(url, '--url')).url.href.replace(/^ws/, 'http'))
}
