/** The workers of `drover dev`: started, read, and started again when one goes. */
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { DroverError } from 'drover/contract'
import type { LogLine } from '../../shared/log.ts'
import type { Output } from '../output.ts'
import type { Processes } from '../processes.ts'
import { givenTls } from '../tls-options.ts'
import { type WorkerCommand, workerCommands } from './commands.ts'

export interface DevWorkersOptions {
  readonly processes: Processes
  readonly output: Output
  /** Where they connect. */
  readonly url: string
  /** The folder that the example tasks may read. */
  readonly files: string
  /** The file of the keys that open sealed jobs. */
  readonly keys: string | undefined
  /** Once it aborts, nothing is started again. */
  readonly signal: AbortSignal
}

export interface DevWorkers {
  /** Resolves when each has said that it takes jobs. Rejects when one ends before; then `failed` does, too. */
  readonly ready: Promise<void>
  /** Rejects when a worker cannot work, such as when the broker refuses it. */
  readonly failed: Promise<never>
}

const restartMs = 1_000

/** Starts them. */
export function startDevWorkers(options: DevWorkersOptions): DevWorkers {
  const { output, url, files, keys, signal } = options
  const { ca = [], cert = [], key = [] } = givenTls({}, process.env, url) ?? {}
  const { workers, notes } = workerCommands(url, [files, keys ?? [], ca, cert, key].flat())
  for (const note of notes) output.event('drover', note, 'warn')
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => {}) // the code that waits for it hears of it
  const ready = workers.map(worker => {
    const { promise, resolve } = Promise.withResolvers<void>()
    keepRunning(worker, options, resolve).catch((error: unknown) => {
      if (!signal.aborted) failed.reject(error)
    })
    return promise
  })
  return { ready: Promise.race([Promise.all(ready).then(() => {}), failed.promise]), failed: failed.promise }
}

/** One that was ready once is started again when it goes; one that never was has something wrong with it. */
async function keepRunning(worker: WorkerCommand, options: DevWorkersOptions, onReady: () => void): Promise<void> {
  const { processes, output, url, files, keys = '', signal } = options
  const { name, command } = worker
  for (;;) {
    let wasReady = false
    let lastText = ''
    const started = processes.start({
      command,
      env: { DROVER_URL: url, DROVER_FILES: files, DROVER_SEAL: keys, NO_COLOR: '1' },
      onLine: text => {
        const line = readLine(text)
        lastText = line.text
        output.event(name, line.text, line.level)
        if (line.event !== 'ready') return
        wasReady = true
        onReady()
      },
    })
    const how = await started.ended
    if (signal.aborted) return
    if (!wasReady) throw new DroverError('closed', `The worker ${name} could not start: ${lastText || how}`)
    output.event(name, `ended (${how}); starting again`, 'warn')
    await wait(restartMs, undefined, { signal })
  }
}

/** A line of `drover worker --json`, or any other that the process wrote. */
function readLine(text: string): { event: string; level: LogLine['level']; text: string } {
  try {
    const { event, level, text: said } = JSON.parse(text) as { event: string; level: LogLine['level']; text: string }
    if (typeof said === 'string') return { event, level, text: said }
  } catch {} // not one of ours
  return { event: 'output', level: 'info', text: text.replace(/^drover: /, '') }
}
