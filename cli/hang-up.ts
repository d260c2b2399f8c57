/**
 * SIGHUP. A terminal that closes sends it: then a command ends as by SIGTERM. One that has no terminal (`nohup`, a
 * supervisor that means "read your settings again") goes on. Node forgets at its start that `nohup` ignores the signal,
 * so a command goes by whether there is a terminal. One that has settings to read again does that then.
 */
import process from 'node:process'

/** Whether this command was started at a terminal. */
export const hasTerminal: boolean = [process.stdin, process.stdout, process.stderr].some(stream => stream.isTTY)

/**
 * @param onEnd called when the terminal has closed
 * @param onIgnored called with a sentence when there is none
 * @param onReload called in place of that by a command that can read its settings again
 * @returns gives the signal back
 */
export function onHangUp(onEnd: () => void, onIgnored: (text: string) => void, onReload?: () => void): () => void {
  const listener = (): void => {
    if (hasTerminal) onEnd()
    else if (onReload !== undefined) onReload()
    else onIgnored('goes on after SIGHUP: there is no terminal that closed; SIGTERM ends it')
  }
  process.on('SIGHUP', listener)
  return () => void process.removeListener('SIGHUP', listener)
}
