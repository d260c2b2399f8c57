/** The `drover` command. A run loads the file of the subcommand that it names; that one loads its parts when it runs. */
import process from 'node:process'
import { Command, CommanderError } from 'commander'
import packageJson from '../package.json' with { type: 'json' }
import { describeError, exitCodeOf, exitCodes } from './exit.ts'
import { checkNothingEmpty } from './no-empty.ts'
import { watchStdout } from './stdout.ts'

const program = new Command('drover')
  .description('Dispatches jobs to workers over the STOMP broker you already run.')
  .version(packageJson.version)
  .exitOverride()
  .showHelpAfterError('(--help shows all commands and options)')
  .addHelpText(
    'after',
    '\nEach command has its own help: drover dispatch --help\nDROVER_DEBUG=1 shows where an error came from.',
  )
/** In the order in which help shows them. */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  dev: async () => (await import('./dev.ts')).addDev,
  serve: async () => (await import('./serve.ts')).addServe,
  worker: async () => (await import('./worker.ts')).addWorker,
  dispatch: async () => (await import('./dispatch.ts')).addDispatch,
  dead: async () => (await import('./dead.ts')).addDead,
  queues: async () => (await import('./queues.ts')).addQueues,
  pause: async () => (await import('./pause.ts')).addPause,
  token: async () => (await import('./token.ts')).addToken,
  keys: async () => (await import('./keys.ts')).addKeys,
}
const [, , named = ''] = process.argv
for (const [name, load] of Object.entries(commands)) {
  // Help wants them all, and so do a word that is none of them and `resume`, which comes with `pause`
  if (name === named || !Object.hasOwn(commands, named)) (await load())(program)
}
program.hook('preAction', (_program, command) => checkNothingEmpty(command))

watchStdout()

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = report(error)
}

function report(error: unknown): number {
  // Commander has written its own message, and help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  process.stderr.write(`drover: ${describeError(error, Boolean(process.env['DROVER_DEBUG']))}\n`)
  return exitCodeOf(error)
}
