/** `drover token`: a token for a bridge, minted here with its secret, or asked of it with a password. */

import { Buffer } from 'node:buffer'
import process from 'node:process'
import { type Command, InvalidArgumentError } from 'commander'
import { mostUses } from '../bridge/tokens/bounds.ts'
import type { LinkedJob } from '../shared/contract/linked-job.ts'
import { RequestId, TaskName } from '../shared/contract/names.ts'
import { readAddress } from '../shared/stomp/sockets/address.ts'
import { asDuration } from './duration.ts'
import { UsageError } from './exit.ts'
import { addGrantOptions, type GrantOptions, readGrants } from './grant-options.ts'
import { printable } from './printable.ts'
import { readSecretText } from './read-input.ts'
import { parseConnectUrl, withoutPassword } from './settings.ts'
import { secretLines } from './stored-secret.ts'
import { wholeNumber } from './whole-number.ts'

interface TokenOptions extends GrantOptions {
  sub?: string
  expires?: number
  url?: string
  login?: string
  seal?: string
  uses?: number
  origin?: string[]
  job?: LinkedJob
}

interface Answer {
  readonly token?: string
  readonly uses?: unknown
  readonly origin?: unknown
  readonly job?: unknown
  readonly error?: { readonly message?: string }
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

Examples, for a page of another site, and a link by which others read one job:
  drover token --url https://jobs.example --login shop --origin https://shop.example --uses 1
  drover token --url https://jobs.example --login ada \\
    --job image.thumbnail/3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11

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
    .option(
      '--uses <number>',
      `how many sessions it opens, 1 to ${mostUses}; a reconnect is one more`,
      wholeNumber(1, mostUses),
    )
    .option('--origin <origin...>', 'the pages that it is for, such as https://shop.example; no program then')
    .option('--job <task/request_id>', 'the one job that it reads, and nothing else', asJob)
  addGrantOptions(command)
    .addHelpText('after', help)
    .action(async (options: TokenOptions) => {
      const token = options.url === undefined ? await mint(options) : await ask(options.url, options)
      process.stdout.write(`${token}\n`)
    })
}

async function mint(options: TokenOptions): Promise<string> {
  const secret = process.env['DROVER_SECRET']
  if (!secret)
    throw new UsageError('DROVER_SECRET is not set; give it the secret of the bridge, or name a bridge by --url')
  if (options.sub === undefined) throw new UsageError('Say whom the token is for by --sub, such as --sub ada')
  const { uses, origin, job } = options
  const given = readGrants(options)
  if (given !== undefined && job !== undefined)
    throw new UsageError('A token for one job has no grants; leave them out')
  const { namespace } = options
  const grants = job === undefined ? given : namespace === undefined ? {} : { ns: namespace }
  if (grants === undefined) {
    throw new UsageError("The token would allow nothing; add grants, such as --dispatch 'image.*' or --work '*'")
  }
  const seal = options.seal === undefined ? undefined : await sealOf(options.seal)
  const { mintToken } = await import('../bridge/tokens/mint.ts')
  return mintToken({
    secret: secretLines(secret)[0]!,
    sub: options.sub,
    grants: { ...grants, seal },
    expiresInMs: options.expires ?? defaultExpiresMs,
    uses,
    origin,
    job,
  })
}

function asJob(text: string): LinkedJob {
  const [, task, request_id] = /^([^/]+)\/([^/]+)$/.exec(text) ?? []
  if (TaskName.safeParse(task).success && RequestId.safeParse(request_id).success) {
    return { task: task!, request_id: request_id! }
  }
  throw new InvalidArgumentError(
    'expected a task and a request_id, such as image.thumbnail/3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11',
  )
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
  const { uses, origin, job } = options
  const wish = { grants: readGrants(options), expires_in_ms: options.expires, uses, origin, job }
  const response = await fetch(new URL('token', address), {
    method: 'POST',
    headers: { authorization: basic(options.login, password), 'content-type': 'application/json' },
    body: JSON.stringify(wish),
  }).catch((cause: unknown) => {
    throw new Error(`No bridge answers at ${address.origin}; is it running, and is the address right?`, { cause })
  })
  const answer = (await response.json().catch(() => ({}))) as Answer
  // An older bridge gives a token that is not bound, and says nothing
  const unknown = (['uses', 'origin', 'job'] as const).find(
    name => wish[name] !== undefined && answer[name] === undefined,
  )
  if (response.ok && unknown !== undefined) {
    throw new Error(`${address.origin} gives no tokens with ${unknown}; upgrade it`)
  }
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
