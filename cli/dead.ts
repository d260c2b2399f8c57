/** `drover dead`: the jobs that were given up, from the command line. */
import process from 'node:process'
import { type Command, Option } from 'commander'
import type { DeadFilter, DeadLetter, DeadLetters, DeadResult } from 'drover/master'
import type { Stomp } from 'drover/stomp'
import { type Tried, withAdvice } from './connection-advice.ts'
import { cutLine, letterLines, listLines, stayLine } from './dead/describe.ts'
import { type FilterOptions, filterOf, isNarrow, namedInVain } from './dead/filter.ts'
import { type AwaitedOutcome, exitCodeOfAwaited, OutcomeWatch } from './dead/wait.ts'
import { asDuration } from './duration.ts'
import { exitCodes, UsageError } from './exit.ts'
import { printable, printableJson } from './printable.ts'
import { addTargetOptions, connectTo, givenTarget, type TargetOptions } from './target.ts'

interface ConnectOptions extends TargetOptions {
  json?: boolean
}
type ListOptions = ConnectOptions & FilterOptions
interface DropOptions extends ListOptions {
  yes?: boolean
}
interface RetryOptions extends DropOptions {
  timeout?: number
  by?: string
  replyTo?: string
  wait?: boolean
}

const help = `
Examples:
  drover dead list --task 'image.*' --newer-than 2h
  drover dead show 3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11
  drover dead retry 3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11 --wait
  drover dead retry --error no_part --limit 50          (shows what it would do)
  drover dead retry --error no_part --limit 50 --yes
  drover dead drop --all --older-than 30d --yes

A retry is the same job: the same request_id, input and place to answer. Its
attempts, losses and time begin anew, and its history goes on. Its first master
keeps its first outcome and shows that of the retry as a late one. Two retries
of one letter, also by two people, are one. A retry that no worker takes within
its time is gone, as any job: --wait tells, and --timeout gives it longer.

More than single letters are changed with --yes only. Without it the letters are
listed, nothing changes, and the exit code is 2.

Behind a bridge it takes the grant "dead". To retry takes "operate" of the tasks
as well, and --wait "observe".

Exit codes:
  0  done; of --wait: each retry has a result
  1  no letter fits, or none fits an id that was named; some stay where they
     are; no connection; of --wait: an error
  2  the command was called wrongly, or --yes is missing
  3, 4, 5  of --wait: rejected, cancelled, not over in time

Environment:
  DROVER_URL, STOMP_PORT and DROVER_TOKEN, DROVER_TOKEN_FILE and its like, as
  "drover dispatch --help" says
`

export function addDead(program: Command): void {
  const dead = program.command('dead').description('Lists the jobs that were given up, sends them again or drops them.')
  dead.addHelpText('after', help)
  const list = dead.command('list').description('Lists dead letters, the oldest first.').argument('[ids...]', ids)
  addOptions(list).action(async (named: string[], options: ListOptions) => {
    process.exitCode = await listLetters(named, options)
  })
  const show = dead.command('show').description('Shows one, with its history.').argument('<id>', id)
  addConnectOptions(show).action(async (named: string, options: ConnectOptions) => {
    process.exitCode = await showLetter(named, options)
  })
  const retry = dead
    .command('retry')
    .description('Sends jobs again, and takes their letters away.')
    .argument('[ids...]', ids)
  addChangeOptions(retry)
    .option('--timeout <duration>', 'how long each may take from now (default: as the job had it)', asDuration)
    .option('--by <name>', 'who asks, for the history (default: the login; a bridge says it itself)')
    .option(
      '--reply-to <destination>',
      'where the outcome goes, in place of where the letter says; not through a bridge',
    )
    .option('--wait', 'wait for the outcomes')
    .action(async (named: string[], options: RetryOptions) => {
      process.exitCode = await retryLetters(named, options)
    })
  const drop = dead.command('drop').description('Takes letters away for good.').argument('[ids...]', ids)
  addChangeOptions(drop).action(async (named: string[], options: DropOptions) => {
    process.exitCode = await dropLetters(named, options)
  })
}

const id = 'request_id of a job, or id of a letter'
const ids = `${id}, several with blanks between`

const addConnectOptions = (command: Command): Command =>
  addTargetOptions(command).option('--json', 'write JSON, one line a letter')

function addOptions(command: Command): Command {
  command
    .option('--task <pattern>', 'those of a task, such as image.thumbnail or image.*')
    .option('--error <text>', 'those whose error has this code, or this text in its message')
    .option('--older-than <duration>', 'those given up at least so long ago, such as 2h', asDuration)
    .option('--newer-than <duration>', 'those given up at most so long ago', asDuration)
    .option('--limit <count>', 'so many at most, the oldest first', '100')
  return addConnectOptions(command)
}

function addChangeOptions(command: Command): Command {
  command.addOption(new Option('--all', 'all letters, or all that fit the other options'))
  command.option('--yes', 'do it; without this the letters are only listed')
  return addOptions(command)
}

async function listLetters(named: readonly string[], options: ListOptions): Promise<number> {
  await using master = await openMaster(options)
  const list = await told(master.dead.list(filterOf(named, options), { limit: limitOf(options) }), master.tried)
  write(list.letters, options, listLines(list.letters))
  if (options.json !== true) note(`${list.letters.length} of ${list.matched} that fit, ${list.total} in all`)
  if (list.isCut) note(cutLine)
  return exitCodes.ok
}

async function showLetter(named: string, options: ConnectOptions): Promise<number> {
  await using master = await openMaster(options)
  const letter = await told(master.dead.show(named), master.tried)
  if (letter === undefined) return none(named)
  write([letter], options, letterLines(letter))
  return exitCodes.ok
}

async function retryLetters(named: readonly string[], options: RetryOptions): Promise<number> {
  const filter = changeFilter(named, options, 'retry')
  const limit = limitOf(options)
  await using master = await openMaster(options)
  if (options.yes !== true && !isNarrow(named, options))
    return await preview(master, filter, limit, options, 'sent again')
  const { timeout, by, replyTo, wait } = options
  const letters = wait === true ? (await told(master.dead.list(filter, { limit }), master.tried)).letters : []
  const watch = wait === true ? await OutcomeWatch.start(master.stomp, letters) : undefined
  try {
    const result = await told(master.dead.retry(filter, { limit, timeoutMs: timeout, by, replyTo }), master.tried)
    const code = report(result, named, options, 'sent again')
    if (watch === undefined) return code
    const awaited = await watch.outcomes(result.done, timeout)
    for (const one of awaited) writeAwaited(one, options)
    return code === exitCodes.ok ? exitCodeOfAwaited(awaited) : code
  } finally {
    await watch?.[Symbol.asyncDispose]()
  }
}

async function dropLetters(named: readonly string[], options: DropOptions): Promise<number> {
  const filter = changeFilter(named, options, 'drop')
  const limit = limitOf(options)
  await using master = await openMaster(options)
  if (options.yes !== true && !isNarrow(named, options)) return await preview(master, filter, limit, options, 'dropped')
  return report(await told(master.dead.drop(filter, { limit }), master.tried), named, options, 'dropped')
}

function changeFilter(named: readonly string[], options: FilterOptions, what: string): DeadFilter {
  const filter = filterOf(named, options)
  if (named.length > 0 || options.all === true || Object.values(filter).some(one => one !== undefined)) return filter
  throw new UsageError(
    `Say which letters to ${what}: by id, by --task, --error, --older-than or --newer-than, or --all`,
  )
}

async function preview(
  { dead, tried }: Pick<CommandMaster, 'dead' | 'tried'>,
  filter: DeadFilter,
  limit: number,
  options: ListOptions,
  what: string,
): Promise<number> {
  const list = await told(dead.list(filter, { limit }), tried)
  write(list.letters, options, listLines(list.letters))
  if (list.letters.length === 0) return none('this')
  const beyond = list.matched - list.letters.length
  const more = beyond > 0 ? ` (${beyond} more are beyond --limit ${limit})` : ''
  note(`${list.letters.length} would be ${what}${more}. Nothing was changed; add --yes to do it`)
  return exitCodes.usage
}

/** Says how it went. @returns the exit code */
function report(
  { done, left, beyond, isCut }: DeadResult,
  named: readonly string[],
  options: ConnectOptions,
  what: string,
): number {
  write(done, options, listLines(done))
  for (const { letter, why } of left) note(stayLine(letter, why))
  if (done.length + left.length === 0) return none(named.join(', ') || 'this')
  note(`${done.length} ${what}${beyond > 0 ? `; ${beyond} more are beyond --limit` : ''}`)
  if (isCut) note(cutLine)
  const missing = beyond > 0 ? [] : namedInVain(named, [...done, ...left.map(({ letter }) => letter)])
  if (missing.length > 0) none(missing.join(', '))
  return left.length + missing.length > 0 ? exitCodes.error : exitCodes.ok
}

function none(what: string): number {
  note(`No dead letter fits ${printable(what)}. One that somebody else reads now may be back in a moment`)
  return exitCodes.error
}

function write(letters: readonly DeadLetter[], { json }: ConnectOptions, lines: readonly string[]): void {
  const all = json === true ? letters.map(letter => printableJson(letter)) : lines
  for (const line of all) process.stdout.write(`${line}\n`)
}

function writeAwaited(one: AwaitedOutcome, { json }: ConnectOptions): void {
  const text = `${printable(one.request_id)} ${one.type}${one.worker_id === undefined ? '' : ` by worker ${printable(one.worker_id)}`}`
  process.stdout.write(`${json === true ? printableJson(one) : text}\n`)
}

const note = (text: string): void => void process.stderr.write(`drover: ${text}\n`)

function limitOf({ limit }: FilterOptions): number {
  const count = Number(limit)
  if (/^\d+$/.test(limit ?? '') && count >= 1) return count
  throw new UsageError(`--limit is "${limit}"; expected a whole number from 1`)
}

interface CommandMaster extends AsyncDisposable {
  readonly dead: DeadLetters
  readonly stomp: Stomp
  readonly tried: Tried
}

async function openMaster(options: ConnectOptions): Promise<CommandMaster> {
  const target = await givenTarget(options)
  const [stomp, { startMaster }] = await Promise.all([connectTo(target), import('drover/master')])
  await using opened = new AsyncDisposableStack()
  opened.use(stomp)
  const { url, namespace, token } = target
  // It reads letters by connections of its own
  const { dead } = opened.use(await startMaster({ url, stomp, namespace, ...token.connect }))
  const stack = opened.move()
  return { dead, tried: target.tried, stomp, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

async function told<T>(asked: Promise<T>, tried: Tried): Promise<T> {
  return await asked.catch((error: unknown) => {
    throw withAdvice(error, tried)
  })
}
