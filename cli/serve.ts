/** `drover serve`: the bridge alone, in front of a broker that runs already. */
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import type { BridgeEvent } from 'drover/bridge'
import { isLoopback } from '../bridge/access/origins.ts'
import { defaultHttpPort, defaultStompPort } from '../bridge/default-ports.ts'
import { UsageError } from './exit.ts'
import { readSecretText } from './read-input.ts'
import { parseBrokerUrl, parsePort, withoutPassword } from './settings.ts'
import { worksBesideOutput } from './stdout.ts'

interface ServeOptions {
  broker?: string
  data?: string
  users?: string
  host: string
  port?: string
  hosts?: string[]
  origin?: string[]
  hashPassword?: boolean
  json?: boolean
  seal?: string
}

const help = `
Examples:
  DROVER_SECRET=… DROVER_BROKER=stomp://foo:bar@localhost:61613 drover serve --users users.json
  drover serve --broker embedded                        # to try it: foo/bar, on this machine only
  drover serve --broker embedded --data ./drover.db     # the same, and what waits is there after a restart
  drover serve --hosts jobs.example --users users.json  # behind a proxy on this machine, that has TLS and passes Host on
  drover serve --host 0.0.0.0 --hosts jobs.example --origin https://shop.example --users users.json

users.json lists the users who may sign in by password, with their grants:
  [{ "login": "ada", "password_hash": "scrypt…", "grants": { "dispatch": ["image.*"], "broadcast": ["host.facts"] } }]
"drover serve --hash-password < password.txt" makes a password_hash; "password"
in its place is taken too. Grants: ns, dispatch, broadcast, work, observe,
operate (lists of task names, "prefix.*" or "*"), workers, dead (true or false),
seal (keys as --seal, for this user alone). Workers sign in here as well, with "work".

With --seal the pages of all who sign in seal their jobs by these keys. A file
is read again every five minutes. Whose bridge it is can hand out other keys, so
docs/security.md says when to give keys to a page in another way.

Put TLS in front of it when it listens beyond this machine. --host other than
loopback needs --users and DROVER_SECRET.

With --json each line has at (ms), level, event and text, and the facts of the
event; the line "ready" has url.

Exit codes:
  0  ended by Ctrl-C, SIGTERM or its terminal
  1  it could not be started, such as on a port that is taken; a broker that is
     away is told of and waited for
  2  the command was called wrongly

Environment:
  DROVER_BROKER  the broker, when --broker does not say; keeps its password out
                 of the list of processes
  DROVER_SECRET  at least 32 characters, shared by bridges and those who mint
                 tokens. Jobs that wait have passes by it: with another they go
                 to the dead queue, and tokens of before are refused
  DROVER_SECRET_FILE
                 without DROVER_SECRET, the file that has it; made when it is
                 not there. Default: one a broker (of the embedded one, a port)
                 in $XDG_STATE_HOME/drover or ~/.local/state/drover, that only
                 its owner reads
  PORT           the port, when --port does not say; default 8787
  STOMP_PORT     with --broker embedded, where it takes STOMP over TCP; default
                 61613; 0 for any that is free
`

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('Runs the bridge alone, in front of a broker that runs already.')
    .option('--broker <url>', 'stomp://user:password@host:port, stomp+ssl://, ws:// or wss://; or "embedded"')
    .option(
      '--data <file>',
      'with --broker embedded: keep persistent messages in this file; else it forgets them at its end',
    )
    .option('--users <file>', 'JSON file of who may sign in by password')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 for any that is free')
    .option('--hosts <names...>', 'names that it is reached by, such as jobs.example; others are refused')
    .option('--origin <origins...>', 'further origins whose pages may connect, such as https://jobs.example')
    .option('--seal <keys>', 'public keys that pages are to seal by: a JWKS file, or the https address of one')
    .option('--json', 'write one JSON object a line instead of text')
    .option('--hash-password', 'read a password from standard input, print its "password_hash", and do nothing else')
    .addHelpText('after', help)
    .action((options: ServeOptions) => (options.hashPassword === true ? printPasswordHash() : serve(options)))
}

async function printPasswordHash(): Promise<void> {
  const { hashPassword } = await import('drover/bridge')
  process.stdout.write(`${await hashPassword(await readSecretText())}\n`)
}

async function serve(options: ServeOptions): Promise<void> {
  const { env } = process
  const given = options.broker ?? env['DROVER_BROKER']
  if (!given)
    throw new UsageError('Name the broker by DROVER_BROKER or --broker, such as stomp://foo:bar@localhost:61613')
  const broker =
    given === 'embedded' ? given : parseBrokerUrl(given, options.broker === undefined ? 'DROVER_BROKER' : '--broker')
  if (options.data !== undefined && broker !== 'embedded')
    throw new UsageError('--data is for --broker embedded; other brokers keep messages by themselves')
  const port = parsePort(options.port ?? env['PORT'], options.port === undefined ? 'PORT' : '--port', defaultHttpPort)
  const stompPort = parsePort(env['STOMP_PORT'], 'STOMP_PORT', defaultStompPort)
  const [
    { serveBridge },
    { describeBridgeEvent },
    { createJsonOutput, createOutput },
    { untilInterrupted },
    { checkPortIsFree },
    { storedSecret },
  ] = await Promise.all([
    import('drover/bridge'),
    import('./bridge-log.ts'),
    import('./output.ts'),
    import('./interrupt.ts'),
    import('./tcp-ports.ts'),
    import('./stored-secret.ts'),
  ])
  const output =
    options.json === true
      ? createJsonOutput(process.stdout)
      : createOutput({ target: process.stdout, env, nameWidth: 6, hasTimes: true })
  const warn = (text: string): void => output.event('bridge', text, 'warn')
  const access = await readAccess(options, env['DROVER_SECRET'])
  const seal = options.seal === undefined ? undefined : await readSeal(options.seal, warn)
  await checkPortIsFree(port, options.port === undefined ? 'PORT' : '--port', options.host)
  if (broker === 'embedded') await checkPortIsFree(stompPort, 'STOMP_PORT', options.host)
  const { secret, note: secretNote } = await storedSecret({ env, broker, port })
  worksBesideOutput()
  for (const note of access.notes) warn(note)
  if (secretNote !== undefined) warn(secretNote)
  let isAway = false
  const tell = (event: BridgeEvent): void => {
    if (event.type === 'broker_lost' || event.type === 'broker_reached') {
      // A probe, a session or this command may find it out
      if (isAway === (event.type === 'broker_lost')) return
      isAway = !isAway
    }
    const line = describeBridgeEvent(event)
    if (line !== undefined) output.event('bridge', line.text, line.level, event)
  }
  const bridge = await serveBridge({
    hostname: options.host,
    port,
    broker,
    stompPort,
    data: options.data,
    users: access.users,
    secret,
    seal: seal?.current,
    ...(options.hosts === undefined ? {} : { hosts: options.hosts }),
    ...(options.origin === undefined ? {} : { origins: options.origin }),
    onEvent: tell,
  })
  output.event(
    'bridge',
    bridge.stompUrl === undefined
      ? `in front of ${withoutPassword(broker)}`
      : `with its own broker, on ${bridge.stompUrl}${options.data === undefined ? '' : `, which keeps messages in ${options.data}`}`,
  )
  if (bridge.stompUrl !== undefined) await (await import('./dev/keys.ts')).removeDevKeys(env, bridge.stompUrl)
  if (seal !== undefined) output.event('bridge', `pages seal by ${seal.described}`)
  // A program that reads "ready" may send a signal at once
  const interrupted = untilInterrupted(text => output.event('bridge', text))
  output.ready(bridge.url)
  if (broker !== 'embedded') void tellOfBroker(broker, tell)
  await interrupted
  await bridge.close()
}

async function readSeal(keys: string, problem: (text: string) => void) {
  const { describeSealGrant, servedSeal } = await import('./seal-grant.ts')
  const current = await servedSeal(keys, problem)
  return { current, described: describeSealGrant(current()) }
}

const retryMs = 5_000

/** A bridge may start before its broker, so this is told and no reason to end; and so is that the broker came. */
async function tellOfBroker(broker: string, tell: (event: BridgeEvent) => void): Promise<void> {
  const { checkBroker } = await import('./broker-check.ts')
  for (;;) {
    try {
      await checkBroker(broker)
      tell({ type: 'broker_reached' })
      return
    } catch (error) {
      const message = `nobody can connect until the broker takes this bridge: ${(error as Error).message}`
      tell({ type: 'broker_lost', message })
    }
    await wait(retryMs, undefined, { ref: false })
  }
}

async function readAccess({ host, users: file }: ServeOptions, secret: string | undefined) {
  const isLocal = isLoopback(host)
  const notes: string[] = []
  if (!isLocal && file === undefined) {
    throw new UsageError(`--host ${host} would let others in as foo/bar; name your own users by --users`)
  }
  if (!isLocal && !secret) {
    throw new UsageError(
      `--host ${host} needs DROVER_SECRET, at least 32 characters; "openssl rand -base64 32" makes one`,
    )
  }
  if (file === undefined) notes.push('no --users: foo may sign in with bar, from this machine')
  const { allGrants } = await import('../shared/contract/grants.ts')
  const { readUsersFile } = await import('./users-file.ts')
  const users = file === undefined ? [{ login: 'foo', password: 'bar', grants: allGrants }] : await readUsersFile(file)
  return { users, notes }
}
