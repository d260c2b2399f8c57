/** SIGHUP has a bridge read its settings again. A mistake in them is told, and then nothing changes. */
import type { Reloaded, ServeOptions } from 'drover/bridge'
import type { Log } from '../../shared/log.ts'
import type { Prepared } from './bridge-options.ts'

export interface ReloadingPorts {
  /** Reads the settings once more. @param running those that count now */
  read(running: Prepared): Promise<Prepared>
  readonly bridge: { reload(options: ServeOptions): Reloaded }
  readonly log: Log
}

/**
 * @param started the settings of the start
 * @returns reads them again; a call while it does so has it read once more
 */
export function reloading(started: Prepared, { read, bridge, log }: ReloadingPorts): () => void {
  let running = started
  let isReading = false
  let isAskedAgain = false
  const reload = async (): Promise<void> => {
    let next: Prepared | undefined
    try {
      next = await read(running)
      const { changed, needRestart } = named(bridge.reload(next.options), started, next)
      for (const note of next.notes) if (!running.notes.includes(note)) log('note', { level: 'warn', text: note })
      running.seal?.stop()
      running = next
      tell(changed, needRestart)
    } catch (error) {
      next?.seal?.stop()
      const reason = (error as Error).message.replace(/:\n */, ': ').replace(/\n */g, '; ')
      log('reload_failed', { level: 'error', text: `the settings stay as they were: ${reason}` })
    }
  }
  const tell = (changed: readonly string[], needRestart: readonly string[]): void => {
    const fields = { changed, need_restart: needRestart }
    const what = changed.length === 0 ? 'nothing is different' : `${changed.join(', ')} changed`
    log('reloaded', { level: 'info', text: `read its settings again: ${what}`, fields })
    if (needRestart.length > 0) {
      log('note', { level: 'warn', text: `these need a new start to count: ${needRestart.join(', ')}` })
    }
  }
  return () => {
    isAskedAgain = true
    if (isReading) return
    isReading = true
    void (async () => {
      while (isAskedAgain) {
        isAskedAgain = false
        await reload()
      }
      isReading = false
    })()
  }
}

const names: Readonly<Record<string, string>> = {
  hostname: 'host',
  maxDataBytes: 'data_limit',
  stompPort: 'stomp_port',
}

/** As a file has them. */
function named({ changed, needRestart }: Reloaded, started: Prepared, next: Prepared): Reloaded {
  const inFile = (name: string): string => names[name] ?? name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
  const log = started.settings.log === next.settings.log ? [] : ['log']
  return { changed: changed.map(inFile), needRestart: [...needRestart.map(inFile), ...log] }
}
