/** Whoever reads what a command prints may go before it ends, as `head` does. */
import process from 'node:process'

let isClosed = false
let onClosed = (): void => process.exit()

/** Takes note of a standard output that nobody reads: there is no more to say. */
export function watchStdout(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A terminal that closed takes no more either, while work is still to be ended.
    if (error.code === 'EIO') return
    if (error.code !== 'EPIPE') throw error
    if (!isClosed) onClosed()
    isClosed = true
  })
}

/** From here on the command ends in order then, as on SIGTERM: what runs is not cut off. */
export function endInOrderOnClosedPipe(): void {
  onClosed = () => void process.kill(process.pid, 'SIGTERM')
}
