/** SIGHUP has a bridge read its settings again. A mistake in them is told, and then nothing changes. */
import type { Reloaded, ServeOptions } from 'drover/bridge'
import { settingOf } from '../../bridge/limit-reached.ts'
import type { Log } from '../../shared/log.ts'
import type { Prepared } from './bridge-options.ts'

export interface ReloadingPorts {
  /** Reads the settings once more. @param running those that count now */
  read(running: Prepared): Promise<Prepared>
  readonly bridge: { reload(options: ServeOptions): Reloaded }
  readonly log: Log
}

export interface Reloading {
  reload(): void
  current(): Prepared['settings']
}

/**
 * @param started the settings of the start
 * @returns `reload` reads them again; a call while it does so has it read once more. `current` gives those that count
 */
export function reloading(started: Prepared, { read, bridge, log }: ReloadingPorts): Reloading {
  let running = started
  let isReading = false
  let isAskedAgain = false
  const reload = async (): Promise<void> => {
    let next: Prepared | undefined
    try {
      next = await read(running)
      const { changed, needRestart } = named(bridge.reload(next.options), { started, running, next })
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
  const ask = (): void => {
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
  return { reload: ask, current: () => running.settings }
}

const names: Readonly<Record<string, string>> = {
  hostname: 'host',
  maxDataBytes: 'data_limit',
  stompPort: 'stomp_port',
}

interface Steps {
  readonly started: Prepared
  readonly running: Prepared
  readonly next: Prepared
}

/** As a file has them, with those that are of the command and not of the bridge. */
function named({ changed, needRestart }: Reloaded, { started, running, next }: Steps): Reloaded {
  const log = started.settings.log === next.settings.log ? [] : ['log']
  const drain = running.settings.drainMs === next.settings.drainMs ? [] : ['drain']
  return { changed: [...changed.map(inFile), ...drain], needRestart: [...needRestart.map(inFile), ...log] }
}

const inFile = (name: string): string => names[name] ?? settingOf(name)
