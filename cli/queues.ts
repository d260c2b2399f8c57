/** `drover queues`: the queues of the embedded broker, and how an operator empties them or moves their messages. */
import process from 'node:process'
import type { Command } from 'commander'
import { exitCodes } from './exit.ts'
import { printable, printableJson } from './printable.ts'
import {
  type BridgeRequests,
  bridgeRequests,
  type Operated,
  type Overview,
  type Preview,
} from './queues/bridge-requests.ts'
import { countOf, describePreview, describeQueues, messagesInWords } from './queues/describe.ts'
import { addTokenOptions, givenToken, type TokenCommandOptions, tokenVariables } from './token-source.ts'
import { wholeNumber } from './whole-number.ts'

interface QueuesOptions extends TokenCommandOptions {
  url?: string
  json?: boolean
}

interface ChangeOptions extends QueuesOptions {
  limit: number
  yes?: boolean
}

const help = `
Examples:
  drover queues
  drover queues --url https://jobs.example --token "$TOKEN" --json
  drover queues purge myapp.tasks.image.thumbnail              # tells what it would take
  drover queues purge myapp.tasks.image.thumbnail --yes
  drover queues move myapp.tasks.image.thumbnail myapp.parked --limit 100 --yes

It asks the bridge with the embedded broker in it ("drover dev", or "drover
serve --broker embedded"), and takes the grant "operate": of a task for its
queues, "*" for all of the namespace. Other brokers have consoles of their own.

WAITING could be handed out now, DELAYED later, IN HAND is with a reader and not
acknowledged. OLDEST is how long the first of those that wait has been there.

Purge and move take what waits and what is delayed, and leave what is in hand.
Without --yes they tell what they would take, and change nothing. A purge is for
good. Jobs move to queues of their own task, or to one that is none of Drover's,
such as myapp.parked, and back. Replies and dead letters do not move.

Exit codes:
  0  done, or told
  1  no bridge, or it refused, or it came to an end before all was moved
  2  the command was called wrongly

Environment:
  DROVER_URL    the bridge, when --url does not say; default: the one on this
                machine, at PORT (8787)
${tokenVariables}
`

export function addQueues(program: Command): void {
  const command = program
    .command('queues')
    .description('Shows the queues of the embedded broker, empties or moves them.')
  addConnection(command).addHelpText('after', help).action(show)
  const purge = command.command('purge').description('Takes out what waits in a queue, for good.').argument('<queue>')
  addConnection(addChange(purge)).action(purgeQueue)
  const move = command
    .command('move')
    .description('Moves what waits in a queue to another.')
    .argument('<from>')
    .argument('<to>')
  addConnection(addChange(move)).action(moveQueue)
}

const addConnection = (command: Command): Command =>
  addTokenOptions(command)
    .option('--url <url>', 'the bridge: https://jobs.example, or http://user:password@127.0.0.1:8787')
    .option('--json', 'write one JSON object instead of text')

const addChange = (command: Command): Command =>
  command
    .option('--limit <n>', 'messages at most', wholeNumber(1, 1_000_000), 10_000)
    .option('--yes', 'does it; without it the command tells what it would do')

async function show(_options: unknown, command: Command): Promise<void> {
  const { requests, isJson } = await connect(command)
  const overview = await requests.ask<Overview>('broker', ['queues', 'namespace'])
  process.stdout.write(isJson ? `${printableJson(overview)}\n` : describeQueues(overview))
}

async function purgeQueue(queue: string, _options: unknown, command: Command): Promise<void> {
  const { limit } = command.optsWithGlobals<ChangeOptions>()
  await change(
    command,
    'broker/purge',
    { queue, limit },
    queue,
    count => `${messagesInWords(count)} taken out of ${printable(queue)}`,
  )
}

async function moveQueue(from: string, to: string, _options: unknown, command: Command): Promise<void> {
  const { limit } = command.optsWithGlobals<ChangeOptions>()
  await change(
    command,
    'broker/move',
    { from, to, limit },
    from,
    count => `${messagesInWords(count)} moved from ${printable(from)} to ${printable(to)}`,
  )
}

async function change<Wish extends { readonly limit: number }>(
  command: Command,
  path: string,
  wish: Wish,
  from: string,
  inWords: (count: number) => string,
): Promise<void> {
  const { requests, isJson } = await connect(command)
  if (command.optsWithGlobals<ChangeOptions>().yes !== true) {
    const preview = await requests.ask<Preview>(path, ['queue', 'messages'], wish)
    if (isJson) return void process.stdout.write(`${printableJson(preview)}\n`)
    const count = countOf(preview, wish.limit)
    const isNew = preview.to === null && count > 0 ? ' That queue is not there yet, and is made.' : ''
    const rest = count === 0 ? '' : `\nThis would be: ${inWords(count)}.${isNew} Add --yes to do it.\n`
    process.stdout.write(`${describePreview(preview, from, wish.limit)}${rest}`)
    return
  }
  const done = await requests.ask<Operated>(path, ['messages', 'left'], { ...wish, confirm: true })
  if (isJson) process.stdout.write(`${printableJson(done)}\n`)
  else process.stdout.write(`${inWords(done.messages)}; ${done.left} left there, those in hand included\n`)
  if (done.stopped_because === undefined) return
  process.stderr.write(`drover: it ended before all was done: ${printable(done.stopped_because)}\n`)
  process.exitCode = exitCodes.error
}

async function connect(command: Command): Promise<{ readonly requests: BridgeRequests; readonly isJson: boolean }> {
  const options = command.optsWithGlobals<QueuesOptions>()
  const { url, json } = options
  const { current } = await givenToken(options, process.env)
  return { requests: bridgeRequests(url, current, process.env), isJson: json === true }
}
