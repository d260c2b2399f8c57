/** The `drover` command. Each subcommand has a file of its own and loads its parts when it runs. */
import process from 'node:process'
import { Command, CommanderError } from 'commander'
import packageJson from '../package.json' with { type: 'json' }
import { addDead } from './dead.ts'
import { addDev } from './dev.ts'
import { addDispatch } from './dispatch.ts'
import { describeError, exitCodeOf, exitCodes } from './exit.ts'
import { addKeys } from './keys.ts'
import { checkNothingEmpty } from './no-empty.ts'
import { addPause } from './pause.ts'
import { addQueues } from './queues.ts'
import { addServe } from './serve.ts'
import { watchStdout } from './stdout.ts'
import { addToken } from './token.ts'
import { addWorker } from './worker.ts'

const program = new Command('drover')
  .description('Dispatches jobs to workers over the STOMP broker you already run.')
  .version(packageJson.version)
  .exitOverride()
  .showHelpAfterError('(--help shows all commands and options)')
  .addHelpText(
    'after',
    '\nEach command has its own help: drover dispatch --help\nDROVER_DEBUG=1 shows where an error came from.',
  )
const commands = [addDev, addServe, addWorker, addDispatch, addDead, addQueues, addPause, addToken, addKeys]
for (const add of commands) add(program)
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
