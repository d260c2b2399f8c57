/** `drover pause` and `drover resume`: workers take no more jobs of a task, or take them again. */
import process from 'node:process'
import type { Command } from 'commander'
import { checkTaskName, DroverError } from 'drover/contract'
import type { Master, WorkerInfo } from 'drover/master'
import { exitCodes } from './exit.ts'
import { printable, printableJson } from './printable.ts'
import { addTargetOptions, connectTo, givenTarget, type TargetOptions, urlVariables } from './target.ts'
import { tokenVariables } from './token-source.ts'

interface PauseCommandOptions extends TargetOptions {
  worker?: string[]
  json?: boolean
}

const help = `
Examples:
  drover pause image.thumbnail                        # every worker that is there
  drover pause image.thumbnail --worker box-1 box-2
  drover resume image.thumbnail --url https://jobs.example --token "$TOKEN"

A paused worker takes no more jobs of the task: those that have not begun go to
other workers, those that run go on, and its other tasks too. It stays paused,
through new connections, until it is resumed or its process ends. A worker that
starts later is not paused.

Through a bridge this takes the grant "operate" of the task. The command ends
once presence says of each worker that it has obeyed, and names them.

Exit codes:
  0  done
  1  refused, no connection, or a worker did not say so within 5 s
  2  the command was called wrongly
  6  no worker of the task, or of that name, is there

Environment:
${urlVariables}
${tokenVariables}
`

const whatFor = {
  pause: 'Has workers take no more jobs of a task.',
  resume: 'Has paused workers take jobs of a task again.',
}
/** How long presence takes to say who is there, and how long a worker may take to obey. */
const waitMs = 5_000

export function addPause(program: Command): void {
  for (const type of ['pause', 'resume'] as const) {
    addTargetOptions(program.command(type))
      .description(whatFor[type])
      .argument('<task>', 'name of the task, such as image.thumbnail')
      .option('--worker <names...>', 'only the workers of these names')
      .option('--json', 'write one JSON object instead of text')
      .addHelpText('after', help)
      .action(async (task: string, options: PauseCommandOptions) => {
        process.exitCode = await tell(type, task, options)
      })
  }
}

async function tell(type: 'pause' | 'resume', task: string, options: PauseCommandOptions): Promise<number> {
  checkTaskName(task)
  const target = await givenTarget(options)
  const [connection, { startMaster }] = await Promise.all([connectTo(target), import('drover/master')])
  await using stomp = connection
  await using master = await startMaster({ url: target.url, stomp })
  master.watch(task)
  const names = options.worker
  await master[type](task, names && { names })
  await changed(master, () => master.tasks.some(one => one.task === task && one.known))
  const meant = (): WorkerInfo[] =>
    [...master.workers.values()].filter(
      ({ name, state, tasks }) => state !== 'gone' && tasks.includes(task) && (names?.includes(name) ?? true),
    )
  if (meant().length === 0) {
    const which = names === undefined ? '' : ` of the name ${names.map(printable).join(' or ')}`
    throw new DroverError('no_worker', `No worker of ${task}${which} is there to ${type}`)
  }
  const hasObeyed = ({ paused }: WorkerInfo): boolean => (paused?.includes(task) ?? false) === (type === 'pause')
  await changed(master, () => meant().every(hasObeyed))
  const [obeyed, rest] = [meant().filter(hasObeyed), meant().filter(worker => !hasObeyed(worker))]
  write(type, task, obeyed, rest, options.json === true)
  return rest.length === 0 ? exitCodes.ok : exitCodes.error
}

function write(
  type: string,
  task: string,
  obeyed: readonly WorkerInfo[],
  rest: readonly WorkerInfo[],
  isJson: boolean,
): void {
  const namesOf = (workers: readonly WorkerInfo[]): string[] => workers.map(({ name }) => name).toSorted()
  if (isJson) {
    process.stdout.write(`${printableJson({ task, type, workers: namesOf(obeyed), silent: namesOf(rest) })}\n`)
    return
  }
  for (const name of namesOf(obeyed))
    process.stdout.write(`${printable(name)} ${type === 'pause' ? 'is paused for' : 'takes jobs of'} ${task}\n`)
  for (const name of namesOf(rest))
    process.stderr.write(`drover: ${printable(name)} did not say that it obeys; it may be of an older version\n`)
}

/** Resolves once it holds, or when the time for it is over. */
async function changed(master: Pick<Master, 'onChange'>, holds: () => boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const look = (): void => void (holds() && resolve())
  const stop = master.onChange(look)
  const timer = setTimeout(resolve, waitMs)
  look()
  await promise
  clearTimeout(timer)
  stop()
}
