/**
 * SIGHUP. A terminal that closes sends it: then a command ends as by SIGTERM. One that has no terminal (`nohup`, a
 * supervisor that means "read your settings again") goes on. Node forgets at its start that `nohup` ignores the signal,
 * so a command goes by whether there is a terminal.
 */
import process from 'node:process'

const hasTerminal = [process.stdin, process.stdout, process.stderr].some(stream => stream.isTTY)

/**
 * @param onEnd called when the terminal has closed
 * @param onIgnored called with a sentence when there is none
 * @returns gives the signal back
 */
export function onHangUp(onEnd: () => void, onIgnored: (text: string) => void): () => void {
  const listener = (): void => {
    if (hasTerminal) onEnd()
    else onIgnored('goes on after SIGHUP: there is no terminal that closed; SIGTERM ends it')
  }
  process.on('SIGHUP', listener)
  return () => void process.removeListener('SIGHUP', listener)
}
