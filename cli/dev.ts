/** `drover dev`: everything on this machine, with the example tasks. `npm start` runs it. */
import process from 'node:process'
import type { Command } from 'commander'

const help = `
It runs the embedded broker (STOMP over TCP), the bridge, and two workers with
the example tasks, one under Node and one under Deno; prints a sign-in link when
everything answers, and commands to try. Ctrl-C ends all of it.

Everything listens on 127.0.0.1 only. Programs connect to the broker as foo with
passcode bar.

Examples:
  drover dev
  PORT=9787 STOMP_PORT=62613 drover dev
  drover dev --origin http://localhost:5173                      # a page of your own may connect
  DROVER_BROKER=ws://foo:bar@broker.example:61614 drover dev     # with a broker that runs already
  drover dev --activemq                                          # with ActiveMQ Classic 6, which it starts
  drover dev --seal                                              # nobody on the way reads jobs and replies
  drover dev --memory                                            # at its end its jobs are gone

Its broker keeps jobs and replies in a file, so that they outlive every end of
it. There is one a PORT, $XDG_STATE_HOME/drover/jobs-PORT.db or the same in
~/.local/state; PORT=0, which nobody finds again, has none.

With --seal it makes a key pair for this run. Its workers have it, its page and
each who signs in at its bridge seal by it, and so does "drover dispatch" on
this machine, by itself. The file with the keys goes when it ends.

Environment:
  PORT           port of the bridge; default 8787; 0 for any that is free
  STOMP_PORT     port of the broker; default 61613
  DROVER_BROKER  a running broker to use: stomp://, stomp+ssl://, ws:// or
                 wss://, with user and password; one that does not answer is
                 waited for, 30 s
  DROVER_SECRET, DROVER_SECRET_FILE
                 as for "drover serve": signs tokens and passes of jobs;
                 kept in ~/.local/state/drover by itself
  DROVER_FILES   folder that the example tasks may read; default examples/files

Exit codes:
  0  ended by Ctrl-C, SIGTERM or its terminal
  1  something could not be started, such as on a port that is taken, or the
     broker did not answer
  2  the command was called wrongly
`

interface DevFlags {
  activemq?: boolean
  data?: string
  memory?: boolean
  origin?: string[]
  seal?: boolean
}

export function addDev(program: Command): void {
  program
    .command('dev')
    .description('Runs broker, bridge and two workers on this machine.')
    .option('--activemq', 'start ActiveMQ Classic 6 as the broker; needs Java 17 and, the first time, Maven')
    .option('--data <file>', 'keep jobs and replies in this file')
    .option('--memory', 'keep them in memory alone')
    .option('--origin <origins...>', 'origins of your own pages that may connect, such as http://localhost:5173')
    .option('--seal', 'make keys for this run, and seal jobs and replies by them')
    .addHelpText('after', help)
    .action(async (options: DevFlags) => {
      const { runDev } = await import('./dev/run.ts')
      await runDev({
        env: process.env,
        target: process.stdout,
        isActiveMq: options.activemq === true,
        data: options.data,
        isInMemory: options.memory === true,
        origins: options.origin,
        isSealed: options.seal === true,
      })
    })
}
