/** Both kinds of children, by Node's own modules. Deno has these too, and of its own ones none tells that a thread has ended. */
import { spawn } from 'node:child_process'
import { extname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { type FromChild, unwrapped, wrapped } from './messages.ts'
import type { Child, ChildOptions, StartChild } from './port.ts'
import { newStopFlag, raiseFlag } from './stop-flag.ts'

/** The command that runs a program as a process of its own. */
export type CommandOf = (program: string, options: Pick<ChildOptions, 'memoryMb' | 'flags'>) => [string, ...string[]]

/** TypeScript in a checkout, JavaScript in the published package. */
const ending = extname(import.meta.url)
const besideThis = (name: string): URL => new URL(`./${name}${ending}`, import.meta.url)

/** How long the last messages of a process may take that has ended. */
const lastWordsMs = 300

export const startChildBy =
  (commandOf: CommandOf): StartChild =>
  options => {
    try {
      return options.kind === 'thread' ? startThread(options) : startProcess(options, commandOf)
    } catch (error) {
      setImmediate(() => options.onEnd(error instanceof Error ? error.message : String(error)))
      return { send() {}, raise() {}, kill() {} }
    }
  }

function startThread({ memoryMb, onMessage, onEnd }: ChildOptions): Child {
  const flag = newStopFlag()
  const resourceLimits = memoryMb === undefined ? {} : { maxOldGenerationSizeMb: memoryMb }
  const thread = new Worker(besideThis('node-thread-main'), { workerData: flag, resourceLimits })
  let reason: string | undefined
  thread.on('message', hear(onMessage))
  thread.on('error', error => {
    reason = error.message
  })
  thread.on('exit', code => onEnd(reason ?? `exit code ${code}`))
  return {
    send: message => thread.postMessage(wrapped(message)),
    raise: (run, why) => raiseFlag(flag, run, why),
    kill: () => void thread.terminate(),
  }
}

/**
 * Its standard input is a pipe that a thread of it reads (node-watchdog.ts): by that it hears that a run is to stop, or that this
 * process is gone, while its code computes.
 */
function startProcess(options: ChildOptions, commandOf: CommandOf): Child {
  const { onMessage, onEnd } = options
  const [program, ...args] = commandOf(fileURLToPath(besideThis('node-process-main')), options)
  const child = spawn(program, args, { stdio: ['pipe', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' })
  let hasEnded = false
  const end = (how: string): void => {
    if (!hasEnded) onEnd(how)
    hasEnded = true
  }
  child.on('message', hear(onMessage))
  child.on('error', error => child.pid === undefined && end(error.message)) // else of a message that did not arrive
  child.on('exit', (code, signal) => {
    // Its last messages are read before its channel closes, which may be after this. Under Deno another child may hold that open.
    child.once('disconnect', () => end(howOf(code, signal)))
    setTimeout(() => end(howOf(code, signal)), child.connected ? lastWordsMs : 0)
  })
  child.stdin?.on('error', () => {}) // its end is told by `exit`; there is none where this process may open no more files
  return {
    send: message => void (child.connected && child.send(wrapped(message), () => {})),
    raise: (run, why) => void child.stdin?.write(`${run} ${why}\n`),
    kill: () => void child.kill('SIGKILL'),
  }
}

const hear =
  (onMessage: ChildOptions['onMessage']) =>
  (value: unknown): void => {
    const message = unwrapped<FromChild>(value)
    if (message !== undefined) onMessage(message)
  }

const howOf = (code: number | null, signal: string | null): string =>
  signal === null ? `exit code ${code}` : `ended by ${signal}`

/** As this process was started, but for options that only one process may have. */
export const nodeCommand: CommandOf = (program, { memoryMb, flags = [] }) => {
  const memory = memoryMb === undefined ? [] : [`--max-old-space-size=${memoryMb}`]
  return [process.execPath, ...optionsForAll(process.execArgv), ...memory, ...flags, program]
}

const ofOneProcess = /^(-[epci]+|--(inspect|debug-port|eval|print|check|interactive|input-type|watch|test))/
/** What comes behind one of these is its value. */
const withValue = /^(-[ep]+|--(eval|print|input-type|inspect-port|debug-port|watch-path))$/

/** Those of a command line of Node that hold for several processes. @example `['-r', './a.js', '-e', '1']` gives `['-r', './a.js']` */
export function optionsForAll(given: readonly string[]): string[] {
  return given.filter((option, at) => !ofOneProcess.test(option) && !withValue.test(given[at - 1] ?? ''))
}
