/** `drover serve`: the bridge alone, in front of a broker that runs already. */
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import type { BridgeEvent } from 'drover/bridge'
import type { TlsOptions } from 'drover/stomp'
import { longestTimerMs } from '../shared/clock.ts'
import type { ServeSettings } from './config/check-settings.ts'
import type { GivenOptions } from './config/serve-settings.ts'
import { asDuration } from './duration.ts'
import { readSecretText } from './read-input.ts'
import type { Prepared } from './serve/bridge-options.ts'
import { withoutPassword } from './settings.ts'
import { asSize } from './size.ts'
import { worksBesideOutput } from './stdout.ts'
import { addTlsOptions, tlsVariables } from './tls-options.ts'

interface ServeOptions extends GivenOptions {
  readonly hashPassword?: boolean
  readonly check?: boolean
  readonly printConfig?: boolean
}

const help = `
Examples:
  DROVER_SECRET=… DROVER_BROKER=stomp://foo:bar@localhost:61613 drover serve --users users.json
  drover serve --broker embedded                        # to try it: foo/bar, on this machine only
  drover serve --broker embedded --data ./drover.db     # the same, and what waits is there after a restart
  drover serve --hosts jobs.example --users users.json  # behind a proxy on this machine, that has TLS and passes Host on
  drover serve --host 0.0.0.0 --hosts jobs.example --origin https://shop.example --users users.json
  drover serve --config drover.toml --check             # all mistakes of the file at once, and nothing starts

An option counts before the environment, and that before the file.
docs/configuration.md has every setting of the file, identity providers too.
SIGHUP has it read the file again, and no session ends: users, issuers, origins,
hosts, proxies, secrets, seal, drain and most limits change, and the log says
what could not. In a terminal that closes it ends.

users.json lists the users who may sign in by password, with their grants:
  [{ "login": "ada", "password_hash": "scrypt…", "grants": { "dispatch": ["image.*"], "broadcast": ["host.facts"] } }]
"drover serve --hash-password < password.txt" makes a password_hash; "password"
in its place is taken too. "owner" is whose the jobs are, where that is not the
login. Grants: ns, dispatch, broadcast, work, observe, operate (lists of task
names, "prefix.*" or "*"), workers, dead, admin (true or false), seal (keys as
--seal, for this user alone). Workers sign in here as well, with "work".

With --seal the pages of all who sign in seal their jobs by these keys. A file
is read again every five minutes. Whose bridge it is can hand out other keys, so
docs/security.md says when to give keys to a page in another way.

Put TLS in front of it when it listens beyond this machine. --host other than
loopback needs --users and DROVER_SECRET (or DROVER_SECRET_FILE).

With --json each line has at (ms), level, event and text, and the facts of the
event, such as the ids session, request_id and http_request_id; the line "ready"
has url.

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
                 to the dead queue, and tokens of before are refused. Several, a
                 line each, rotate: the first signs, and all count
  DROVER_SECRET_FILE
                 without DROVER_SECRET, the file that has it; made when it is
                 not there. Default: one a broker (of the embedded one, a port)
                 in $XDG_STATE_HOME/drover or ~/.local/state/drover, that only
                 its owner reads
  DROVER_METRICS_TOKEN
                 asked for by --metrics-port, as authorization: Bearer TOKEN
${tlsVariables}
  PORT           the port, when --port does not say; default 8787
  STOMP_PORT     with --broker embedded, where it takes STOMP over TCP; default
                 61613; 0 for any that is free
`

export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .description('Runs the bridge alone, in front of a broker that runs already.')
    .option('--config <file>', 'settings in a TOML file (or .json), such as drover.toml')
    .option('--broker <url>', 'stomp://user:password@host:port, stomp+ssl://, ws:// or wss://; or "embedded"')
    .option(
      '--data <file>',
      'with --broker embedded: keep persistent messages in this file; else it forgets them at its end',
    )
    .option('--data-limit <size>', 'with --data: keep so much there, such as 20GiB (default: 10GiB)', asSize)
    .option('--users <file>', 'JSON file of who may sign in by password')
    .option('--host <address>', 'address to listen on; 127.0.0.1 unless it is said')
    .option('--port <port>', 'port to listen on; 0 for any that is free')
    .option('--base <path>', 'path below which it answers, such as /drover; the proxy passes it on')
    .option('--hosts <names...>', 'names that it is reached by, such as jobs.example; others are refused')
    .option('--origin <origins...>', 'further origins whose pages may connect, such as https://jobs.example')
    .option('--trust-proxy <networks...>', 'proxies that say where requests come from, such as loopback or 10.0.0.0/8')
    .option('--seal <keys>', 'public keys that pages are to seal by: a JWKS file, or the https address of one')
    .option('--drain <duration>', 'how long SIGTERM may take to end the sessions (default: 20s)', asDuration)
    .option('--audit', 'log a line for each job that is dispatched: who, task, request_id, where to and from')
    .option('--metrics-port <port>', 'give metrics to Prometheus on this port of this machine; 0 for any that is free')
    .option('--metrics-host <address>', 'where that port listens; beyond this machine with DROVER_METRICS_TOKEN')
    .option('--json', 'write one JSON object a line instead of text')
    .option('--check', 'check all settings, say what is wrong with them, and do nothing else')
    .option('--print-config', 'print the settings as they count, with *** for secrets, and do nothing else')
    .option('--hash-password', 'read a password from standard input, print its "password_hash", and do nothing else')
  addTlsOptions(command)
    .addHelpText('after', help)
    .action((options: ServeOptions) => (options.hashPassword === true ? printPasswordHash() : serve(options)))
}

async function printPasswordHash(): Promise<void> {
  const { hashPassword } = await import('drover/bridge')
  process.stdout.write(`${await hashPassword(await readSecretText())}\n`)
}

async function serve(options: ServeOptions): Promise<void> {
  const { env } = process
  const { readServeSettings } = await import('./config/serve-settings.ts')
  const settings = await readServeSettings(options, env)
  if (options.printConfig === true || options.check === true) return await inspect(options, settings)
  const { broker, data, host, port, stompPort } = settings
  const [
    { createBridgeLog, serveBridge },
    { startLog },
    { createLog },
    { untilInterrupted },
    { checkPortIsFree },
    { prepare },
    { boundYoungSpace },
  ] = await Promise.all([
    import('drover/bridge'),
    import('./log.ts'),
    import('../shared/log.ts'),
    import('./interrupt.ts'),
    import('./tcp-ports.ts'),
    import('./serve/bridge-options.ts'),
    import('./serve/young-space.ts'),
  ])
  boundYoungSpace()
  const isJson = settings.log === 'json'
  await startLog({ target: process.stdout, env, name: 'bridge', isJson })
  const log = createLog('bridge', Date.now)
  const note = (text: string): void => log('note', { level: 'info', text })
  const warn = (text: string): void => log('note', { level: 'warn', text })
  await checkPortIsFree(port, settings.nameOf('port'), host)
  if (broker === 'embedded') await checkPortIsFree(stompPort, 'STOMP_PORT', host)
  const prepared = await prepare(settings, env, warn)
  const { seal } = prepared
  worksBesideOutput()
  prepared.notes.forEach(warn)
  const tell = createBridgeLog()
  const { reloading } = await import('./serve/reloading.ts')
  const bridge = await serveBridge({ ...prepared.options, onEvent: tell })
  const read = async ({ secrets }: Prepared): Promise<Prepared> =>
    prepare(await readServeSettings(options, env), env, warn, secrets)
  const settled = options.config === undefined ? undefined : reloading(prepared, { read, bridge, log })
  // A program that reads where it listens may send a signal at once
  const interrupted = untilInterrupted(note, settled?.reload)
  note(
    bridge.stompUrl === undefined
      ? `in front of ${withoutPassword(broker)}`
      : `with its own broker, on ${bridge.stompUrl}${data === undefined ? '' : `, which keeps messages in ${data}`}`,
  )
  if (bridge.stompUrl !== undefined) await (await import('./dev/keys.ts')).removeDevKeys(env, bridge.stompUrl)
  if (bridge.metricsUrl !== undefined) note(`metrics on ${bridge.metricsUrl}`)
  if (seal !== undefined) {
    const { describeSealGrant } = await import('./seal-grant.ts')
    note(`pages seal by ${describeSealGrant(seal.current())}`)
  }
  const ready = `ready ${bridge.url}`
  if (isJson) log('ready', { level: 'info', text: ready, fields: { url: bridge.url } })
  else process.stdout.write(`${ready}\n`)
  if (broker !== 'embedded') void tellOfBroker(broker, settings.brokerTls, tell)
  const { flushTracing } = await import('../shared/tracing/node.ts')
  if ((await interrupted) !== 'SIGTERM') {
    await bridge.close()
    return await flushTracing()
  }
  // A peer that does not take its end is no reason to stay
  const { drainMs } = settled?.current() ?? settings
  setTimeout(() => process.exit(), Math.min(drainMs, longestTimerMs))
  await bridge.drain(drainMs)
  await flushTracing()
  process.exit()
}

const retryMs = 5_000

/** A bridge may start before its broker, so this is told and no reason to end; and so is that the broker came. */
async function tellOfBroker(
  broker: string,
  tls: TlsOptions | undefined,
  tell: (event: BridgeEvent) => void,
): Promise<void> {
  const { checkBroker } = await import('./broker-check.ts')
  for (;;) {
    try {
      await checkBroker(broker, tls)
      tell({ type: 'broker_reached' })
      return
    } catch (error) {
      const message = `nobody can connect until the broker takes this bridge: ${(error as Error).message}`
      tell({ type: 'broker_lost', message })
    }
    await wait(retryMs, undefined, { ref: false })
  }
}

/** Prints the settings, or says that they are in order, and starts nothing. */
async function inspect({ check, config }: ServeOptions, settings: ServeSettings): Promise<void> {
  const { printedConfig } = await import('./config/print-config.ts')
  if (check === true) process.stdout.write(`${config ?? 'The settings'}: in order\n`)
  else process.stdout.write(printedConfig(settings))
}
