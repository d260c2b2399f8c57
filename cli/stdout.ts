/** Standard output that takes no more: its reader went before the command ended, as `head` does, or the disk is full. */
import process from 'node:process'

let isClosed = false
let isTold = false
/** Whether this command does more than print. */
let goesOn = false

/** Ends a command whose output takes no more, or lets it go on. */
export function watchStdout(): void {
  process.stderr.on('error', () => {}) // there is nobody left to tell
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') closed()
    // A terminal that closed takes no more either, while work is still to be ended.
    else if (error.code !== 'EIO') failed(error)
  })
}

/**
 * From here on the command is there for more than its output: it ends in order, as on SIGTERM, when nobody reads that any
 * more, so that running jobs are not cut off; and it goes on when only that cannot be written.
 */
export function worksBesideOutput(): void {
  goesOn = true
}

function closed(): void {
  if (!goesOn) process.exit()
  if (!isClosed) process.kill(process.pid, 'SIGTERM')
  isClosed = true
}

function failed({ message }: Error): void {
  if (!goesOn) {
    process.stderr.write(`drover: The output cannot be written: ${message}\n`)
    process.exit(1)
  }
  if (!isTold) process.stderr.write(`drover: The output cannot be written (${message}); the command goes on without\n`)
  isTold = true
}
