/** `drover dispatch`: one job, from the command line to its outcome. */
import process from 'node:process'
import { type Command, Option } from 'commander'
import { checkTaskName, DroverError } from 'drover/contract'
import type { JobState, Outcome } from 'drover/master'
import type { StompState } from 'drover/stomp'
import { flushTracing } from '../shared/tracing/node.ts'
import { traceIn } from '../shared/tracing/trace-context.ts'
import { type Tried, withAdvice } from './connection-advice.ts'
import type { JobView, JobViewOptions } from './dispatch/job-view.ts'
import { createJsonView } from './dispatch/json-view.ts'
import { createTerminalView } from './dispatch/terminal-view.ts'
import { asDuration } from './duration.ts'
import { exitCodes, UsageError } from './exit.ts'
import { asInstant } from './instant.ts'
import { onInterrupt } from './interrupt.ts'
import { createProgressLine } from './progress-line.ts'
import { readInput } from './read-input.ts'
import { addSealOptions, givenSeal, recipientsOf, type SealCommandOptions } from './seal-options.ts'
import { addTargetOptions, connectTo, givenTarget, type TargetOptions, urlVariables } from './target.ts'
import { tokenVariables } from './token-source.ts'
import { wholeNumber } from './whole-number.ts'

interface DispatchOptions extends SealCommandOptions, TargetOptions {
  input: string
  broadcast?: boolean
  json?: boolean
  timeout?: number
  delay?: number
  at?: Date
  attempts?: number
  tag?: string[]
  to?: string
  priority?: number
  key?: string
}

const help = `
Examples:
  drover dispatch host.facts --broadcast
  drover dispatch image.thumbnail --input '{"path":"pictures/dusk.jpg","width":160}'
  drover dispatch folder.checksum --input @input.json --timeout 5m --json > replies.jsonl
  drover dispatch host.facts --url wss://jobs.example/stomp --token "$(drover token …)"
  drover dispatch host.facts --seal public-keys.json
  drover dispatch report.nightly --at 2026-12-01T08:00Z --attempts 5
  drover dispatch report.make --to plum --key 2026-11 --tag nightly --tag books

On a terminal it shows progress and the result. In a pipe, or with --json, it
writes one JSON object a line: each reply as it comes, and the outcome as the
last line. Ctrl-C cancels the job; a second Ctrl-C leaves it to itself.

With --key a job is dispatched once: who sends it again is told how it ends, as
long as a worker remembers it. With --to it waits for the worker of that name.

With --seal nobody on the way reads the input and the replies. It says to which
keys it seals (as JSON: a line of the type "sealed" with kids), shows what it
opened, and "sealed" where it has no key.

Exit codes, by outcome (of a broadcast: 0 when everyone answered with a result,
else the first of these that happened):
  0  result
  1  error, or no connection
  2  the command was called wrongly, or the keys cannot be used
  3  rejected: the worker does not take this input
  4  cancelled
  5  timed out; of a broadcast also: a worker did not answer
  6  no worker of the task is there
  130  left by a second Ctrl-C

Environment:
${urlVariables}
${tokenVariables}
  DROVER_SEAL   the keys, when --seal does not say; else those that the bridge
                hands on, or of a "drover dev --seal" that runs for this broker
  TRACEPARENT, TRACESTATE
                W3C Trace Context of the caller, of which the job is a part
`

export function addDispatch(program: Command): void {
  const command = program
    .command('dispatch')
    .description('Sends a job to one worker, or to all, and shows its progress and its outcome.')
    .argument('<task>', 'name of the task, such as image.thumbnail')
    .option('-i, --input <json>', 'input of the job: JSON, @file for a file of it, - for standard input', '{}')
    .option('-b, --broadcast', 'send it to every worker of the task')
    .option('--json', 'write JSON lines also to a terminal')
    .option(
      '--timeout <duration>',
      'how long to wait for the outcome, from when it is due, such as 30s (default: 1h; broadcast 60s)',
      asDuration,
    )
    .addOption(
      new Option('--delay <duration>', 'no worker begins it before so long, such as 5m')
        .argParser(asDuration)
        .conflicts(['at', 'broadcast']),
    )
    .addOption(
      new Option('--at <instant>', 'no worker begins it before that, such as 2026-12-01T08:00Z')
        .argParser(text => asInstant(text))
        .conflicts('broadcast'),
    )
    .option('--attempts <n>', "how many runs may fail (default: the task's own number)", wholeNumber(1, 1000))
    .option('--to <name>', 'send it to the worker that was started with this --name')
    .option('--priority <number>', '0 to 9, where the broker orders its queues by it (default: 4)', wholeNumber(0, 9))
    .option('--key <text>', 'names the job: who sends it again under its key is told how that one ends')
    .option('--tag <text>', 'a label for people; again for more of them', collect)
  addTargetOptions(command)
  addSealOptions(command, 'public keys that the job is sealed to')
    .addHelpText('after', help)
    .action(async (task: string, options: DispatchOptions) => {
      process.exitCode = await dispatch(task, options)
    })
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

async function dispatch(task: string, options: DispatchOptions): Promise<number> {
  checkTaskName(task)
  if (options.to !== undefined && options.broadcast === true)
    throw new UsageError('--to sends to one worker and --broadcast to all; use one of the two')
  const input = await readInput(options.input, process.stdin)
  const target = await givenTarget(options)
  const { url, tried } = target
  const given = await givenSeal(options, process.env, url)
  const givenKids = given && (await recipientsOf(given))
  const [connection, { missingReplies, startMaster, unreadOf }] = await Promise.all([
    connectTo(target),
    import('drover/master'),
  ])
  await using stomp = connection
  const seal = given ?? (stomp.state.at === 'open' ? stomp.state.session.grants?.seal : undefined)
  const kids = givenKids ?? (seal && (await recipientsOf(seal)))
  await using master = await startMaster({ url, stomp, seal })
  let told = ''
  stomp.onState(state => {
    if (state.at === 'open') told = ''
    if (state.at !== 'waiting' || state.reason.message === told) return
    told = state.reason.message
    process.stderr.write(`drover: ${told}; connecting again\n`)
  })
  const { timeout: timeoutMs, delay: delayMs, at: runAt, attempts, tag: tags, key, to, priority } = options
  const { TRACEPARENT: traceparent, TRACESTATE: tracestate } = process.env
  const jobOptions = {
    timeoutMs,
    delayMs,
    runAt,
    attempts,
    tags,
    key,
    priority,
    ...traceIn({ traceparent, tracestate }),
  }
  const isBroadcast = options.broadcast === true
  const job = isBroadcast
    ? master.broadcast(task, input, jobOptions)
    : master.dispatch(task, input, { ...jobOptions, to })
  const { starts_at: startsAt } = job.snapshot
  const view = createView({ requestId: job.request_id, task, isBroadcast, startsAt, to }, options.json === true)
  if (kids !== undefined) view.sealed(kids)
  job.sent.then(view.sent, () => {}) // a job that cannot be sent says so as its outcome
  const release = onInterrupt(
    () => {
      view.note('cancelling; Ctrl-C again leaves the job to itself')
      job.cancel('cancelled on the command line')
    },
    () => {
      view[Symbol.dispose]()
      process.exit(130)
    },
  )
  try {
    let isUnclaimed = false
    for await (const news of job.replies()) {
      if (news.type === 'unclaimed') isUnclaimed = news.unclaimed
      view.news(news)
    }
    await (job.mode === 'queue' ? job.outcome : job.done)
    const { phase } = job.snapshot
    if (phase.at !== 'ended') throw new DroverError('closed', endedUnseen(stomp.state, tried))
    const { unsealed } = master.discards
    const unread = unreadOf(master.discards) - unsealed
    if (unread > 0) process.stderr.write(`drover: ${unread} of the messages that came could not be read\n`)
    if (unsealed > 0)
      process.stderr.write(
        `drover: ${unsealed} of the messages that came were not sealed as this job asks, and count for nothing\n`,
      )
    const missing = missingReplies(job.snapshot)
    if (missing > 0)
      process.stderr.write(`drover: ${missing} messages of this job did not come; its outcome is whole\n`)
    view.end(phase.outcome, isUnclaimed)
    return exitCodeOfJob(phase.outcome, job.snapshot.workers, isUnclaimed)
  } finally {
    release()
    view[Symbol.dispose]()
    await flushTracing()
  }
}

function endedUnseen(state: StompState, tried: Tried): string {
  const reason = state.at === 'closed' && state.reason ? withAdvice(state.reason, tried).message : undefined
  return `The connection ended before the job did${reason === undefined ? '' : ` (${reason})`}; it may still run`
}

function createView(job: JobViewOptions, isJson: boolean): JobView {
  const out = process.stdout
  if (isJson || !out.isTTY) return createJsonView(job, out)
  return createTerminalView(job, { out, progressLine: createProgressLine(out), env: process.env, now: Date.now })
}

const codes: { readonly [Type in Exclude<Outcome['type'], 'answered'>]: number } = {
  result: exitCodes.ok,
  error: exitCodes.error,
  rejected: exitCodes.rejected,
  cancelled: exitCodes.cancelled,
  timed_out: exitCodes.timedOut,
  no_worker: exitCodes.noWorker,
}

/**
 * The exit code, as the help text lists it.
 * @param parts of a broadcast: its state at each worker
 * @param isUnclaimed whether no worker of the task was there at the end
 */
function exitCodeOfJob(outcome: Outcome, parts: JobState['workers'], isUnclaimed: boolean): number {
  if (outcome.type === 'timed_out' && isUnclaimed) return exitCodes.noWorker
  if (outcome.type !== 'answered') return codes[outcome.type]
  const failures = parts.flatMap(part => (part.outcome === undefined ? [] : [codes[part.outcome.type]]))
  if (outcome.missing.length > 0) failures.push(exitCodes.timedOut)
  return failures.sort((a, b) => a - b).find(code => code !== exitCodes.ok) ?? exitCodes.ok
}
