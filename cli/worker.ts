/** `drover worker`: runs the tasks of a module. */
import { hostname } from 'node:os'
import process from 'node:process'
import { type Command, Option } from 'commander'
import { DroverError } from 'drover/contract'
import type { Implementation, Worker, WorkerEvent, WorkerStats } from 'drover/worker'
import { formatDuration } from '../shared/duration.ts'
import { createLog, type LogLine } from '../shared/log.ts'
import { flushTracing } from '../shared/tracing/node.ts'
import { newLines } from '../worker/log-lines.ts'
import type { WorkerMetrics } from '../worker/metrics/node.ts'
import { type Tried, withAdvice } from './connection-advice.ts'
import { asDuration } from './duration.ts'
import { isDeno } from './executables.ts'
import { UsageError } from './exit.ts'
import { onHangUp } from './hang-up.ts'
import { startLog } from './log.ts'
import { addSealOptions, givenSeal, openersOf, type SealCommandOptions } from './seal-options.ts'
import { parsePort, withoutPassword } from './settings.ts'
import { worksBesideOutput } from './stdout.ts'
import { addTargetOptions, givenTarget, type TargetOptions, urlVariables } from './target.ts'
import { tokenVariables, watchedToken } from './token-source.ts'
import { wholeNumber } from './whole-number.ts'

interface WorkerCommandOptions extends SealCommandOptions, TargetOptions {
  name?: string
  concurrency: number
  presenceInterval?: number
  drainTimeout: number
  unackedLimit?: number
  state?: string
  json?: boolean
  metricsPort?: number
  metricsHost?: string
  endWithStdin?: boolean
}

const help = `
Examples:
  drover worker tasks.ts
  drover worker tasks.ts --url stomp+ssl://foo:bar@broker.example:61612 --concurrency 4
  drover worker tasks.ts --url wss://jobs.example/stomp --token "$TOKEN"
  drover worker tasks.ts --url wss://jobs.example/stomp --token-file /run/token
  drover worker tasks.ts --seal drover-keys.json      # made by: drover keys new

The module exports "tasks" (or a default), an array of results of
implement(task, run):

  import { defineTask, implement } from 'drover/worker'
  import * as z from 'zod'
  const add = defineTask('sums.add', { input: z.object({ a: z.number(), b: z.number() }), output: z.number() })
  export const tasks = [implement(add, async ({ a, b }) => a + b)]

Ctrl-C, SIGTERM or a terminal that closes drains it: it takes nothing new, ends
its running jobs, and gives the rest back. A job that still runs after
--drain-timeout is aborted and goes back to the queue, for another worker.

RabbitMQ takes a job back that is not done within its consumer_timeout (30 min
as shipped), with all other jobs of its worker. Tell the worker what yours
allows by --unacked-limit: it ends such a job before that, with an error, and no
other.

With --state it remembers the outcomes of jobs over a restart, also after
kill -9: one whose arrival is in doubt is sent again, and a job that comes again
has the same outcome and does not run again. One worker at a time has the file.

A task that computes for long without a pause, or that may crash, runs in a
thread or a process of its own: implement(task, run, { isolate: 'process' }).
These import the module as well.

With --seal it opens sealed jobs and seals its replies. It reads the keys again
every five minutes, and when a job names one that is not there. Its log has no
input and no output of a sealed job. What a task prints is the task's affair.

A token that is read again (--token-file, --token-command, --token-url) is
renewed before it ends, and running jobs go on. One that is given once ends the
worker.

With --json each line has at (ms), level, event and text; lines about a job also
request_id, task, what, attempt, took_ms, code and reason; the line "seal" kids;
and "connection" the session, as the bridge's log names it.

Exit codes:
  0  drained
  1  the broker or bridge refused it, its token ended, or its state cannot be
     opened
  2  the command was called wrongly, or the module or the keys cannot be used

Environment:
${urlVariables}
  DROVER_METRICS_TOKEN
                asked for by --metrics-port, as authorization: Bearer TOKEN
${tokenVariables}
  DROVER_SEAL   the keys, when --seal does not say; else those of a "drover dev
                --seal" that runs for this broker
`

export function addWorker(program: Command): void {
  const command = program
    .command('worker')
    .description('Runs the tasks of a module until it is told to end.')
    .argument('<module>', 'path of the module, JavaScript or TypeScript')
    .option('--name <name>', 'stable name, shown to people (default: of the machine and the runtime)')
    .option('-c, --concurrency <n>', 'how many jobs run at once', wholeNumber(1, 1000), 1)
    .option('--presence-interval <duration>', 'how often it says that it is there (default: 5s)', asDuration)
    .addOption(
      new Option(
        '--drain-timeout <duration>',
        'how long jobs may go on when the worker is told to end; then 2 s more to abort',
      )
        .argParser(asDuration)
        .default(25_000, '25s, for Kubernetes kills after 30'),
    )
    .option(
      '--unacked-limit <duration>',
      "how long the broker lets a job go unacknowledged (RabbitMQ's consumer_timeout); a longer one ends before",
      asDuration,
    )
    .option('--state <file>', 'keep what it remembers of ended jobs in this file, for its next start')
    .option('--metrics-port <port>', 'give metrics to Prometheus on this port of this machine', text =>
      parsePort(text, '--metrics-port', 0),
    )
    .option('--metrics-host <address>', 'where that port listens; beyond this machine with DROVER_METRICS_TOKEN')
    .option('--json', 'write one JSON object a line instead of text')
    .option('--end-with-stdin', 'drain when standard input closes, as when the parent process has gone')
  addTargetOptions(command)
  addSealOptions(command, 'private keys that open sealed jobs').addHelpText('after', help).action(runWorker)
}

async function runWorker(path: string, options: WorkerCommandOptions): Promise<void> {
  const { loadTasks } = await import('./load-tasks.ts')
  const tasks = await loadTasks(path, process.cwd())
  const { url, tls, namespace, token, tried } = await givenTarget(options)
  const name = options.name ?? `${hostname()}-${isDeno ? 'deno' : 'node'}`
  await startLog({ target: process.stdout, env: process.env, name, isJson: options.json === true })
  const log = createLog('worker', Date.now)
  const say: Say = (level, event, text, fields) => log(event, { level, text, fields })
  const lineOf = newLines(url, reason => withAdvice(reason, tried).message)
  const seal = await givenSeal(options, process.env, url)
  const kids = seal && (await openersOf(seal))
  const { startWorker } = await import('drover/worker')
  worksBesideOutput()
  let worker: Worker | undefined
  const metrics = await metricsOf(options, () => worker?.stats)
  if (metrics !== undefined) say('info', 'metrics', `metrics on ${metrics.url}`, { url: metrics.url })
  let isEnding = false
  if (options.endWithStdin === true) {
    process.stdin.resume().once('end', () => {
      isEnding = true
      if (worker === undefined) process.exit()
      void worker.drain()
    })
  }
  onHangUp(
    () => {
      isEnding = true
      if (worker === undefined) process.exit()
      void worker.drain()
    },
    text => say('info', 'hang_up', text),
  )
  let isOpen = false
  const tell = (event: WorkerEvent): void => {
    metrics?.onEvent(event)
    if (event.type === 'connection') isOpen = event.state.at === 'open'
    if (event.type === 'draining') {
      isEnding = true
      if (worker === undefined) return // it has not taken any yet
    }
    const line = lineOf(event)
    if (line !== undefined) log(event.type, line)
  }
  // One that is not open says so itself
  const unread = (reason: string): void => {
    if (isOpen)
      tell({ type: 'problem', message: `no new token yet: ${reason}. It is asked for again until this one ends` })
  }
  try {
    worker = await startWorker({
      url,
      tls,
      tasks,
      name: options.name, // the default is no name that jobs are sent to
      concurrency: options.concurrency,
      namespace,
      seal,
      drainTimeoutMs: options.drainTimeout,
      limits: { maxUnackedMs: options.unackedLimit },
      state: options.state,
      ...(options.presenceInterval === undefined ? {} : { presenceIntervalMs: options.presenceInterval }),
      ...watchedToken(token.connect, unread),
      onEvent: tell,
    })
  } catch (error) {
    if (options.endWithStdin === true) process.stdin.destroy() // or it would keep this process here
    const wasToldToEnd = isEnding && error instanceof DroverError && error.code === 'closed'
    void metrics?.close()
    if (!wasToldToEnd) throw withAdvice(error, tried)
    return
  }
  if (kids !== undefined) say('info', 'seal', `opens jobs that are sealed for ${kids.join(', ')}`, { kids })
  const limits = tasks.flatMap(limitsSaid)
  const limited = limits.length === 0 ? '' : `; limits: ${limits.join('; ')}`
  const names = tasks.map(({ task }) => task.name).join(', ')
  say('info', 'ready', `takes ${names} from ${withoutPassword(url)}${limited}`)
  await worker.closed.catch(async (error: unknown) => await endedFor(error, worker!, tried))
  const { dropped } = worker.stats
  const lost = `; ${dropped} messages could not be read, or not be sent in time`
  say(dropped > 0 ? 'warn' : 'info', 'closed', dropped > 0 ? `ended${lost}` : 'ended', { dropped })
  await flushTracing()
  // A timer that a task left open is no reason to stay.
  process.exit()
}

async function metricsOf(
  { metricsPort: port, metricsHost: hostname }: WorkerCommandOptions,
  stats: () => WorkerStats | undefined,
): Promise<WorkerMetrics | undefined> {
  if (port === undefined && hostname === undefined) return undefined
  if (port === undefined) throw new UsageError('--metrics-host is where --metrics-port listens; name that as well')
  const [{ serveWorkerMetrics }, { systemClock }] = await Promise.all([
    import('../worker/metrics/node.ts'),
    import('../shared/clock.ts'),
  ])
  const token = process.env['DROVER_METRICS_TOKEN']
  return await serveWorkerMetrics({ port, hostname, token }, systemClock, stats)
}

/** Its connection ended for good. Running jobs are aborted, and the command fails with the reason. */
async function endedFor(error: unknown, worker: Worker, tried: Tried): Promise<never> {
  const { active } = worker.stats
  await worker.drain()
  // After the reason is reported. A timer that a task left open is no reason to stay.
  setImmediate(() => process.exit())
  const { message } = withAdvice(error, tried)
  if (!(error instanceof DroverError)) throw error
  const jobs = active === 1 ? '1 job that was running was' : `${active} jobs that were running were`
  const rest = active === 0 ? '' : `; ${jobs} aborted, for another worker to do`
  throw new DroverError(error.code, `${message}${rest}`, { cause: error })
}

/** The limits of a task, as they are announced. */
function limitsSaid({ task, concurrency, rate }: Implementation): readonly string[] {
  const { name, timeoutMs, attempts } = task
  const said = [
    timeoutMs === undefined ? '' : formatDuration(timeoutMs),
    attempts === undefined ? '' : `${attempts} attempts`,
    concurrency === undefined ? '' : `${concurrency} at once`,
    rate === undefined ? '' : `${rate.jobs} in ${formatDuration(rate.perMs)}`,
  ].filter(Boolean)
  return said.length === 0 ? [] : [`${name} ${said.join(', ')}`]
}

type Say = (level: LogLine['level'], event: string, text: string, fields?: LogLine['fields']) => void
