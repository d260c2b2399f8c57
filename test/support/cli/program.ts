/** A program that a test runs: its output, line by line, and how it ends. It ends with the test at the latest. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { atEnd } from '../../../scripts/test/at-end.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

export interface ProgramOptions {
  /** Added to this process's environment, without the variables that would steer the command by accident. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Written to standard input, which is then closed. Default: it stays open. */
  readonly input?: string | Uint8Array
}

/** How a program ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

const steering = [
  'PORT',
  'STOMP_PORT',
  'DROVER_URL',
  'DROVER_BROKER',
  'DROVER_TOKEN',
  'DROVER_TOKEN_FILE',
  'DROVER_TOKEN_COMMAND',
  'DROVER_TOKEN_URL',
  'DROVER_SECRET',
  'DROVER_SECRET_FILE',
  'DROVER_FILES',
  'DROVER_SEAL',
  'DROVER_TLS_CA',
  'DROVER_TLS_CERT',
  'DROVER_TLS_KEY',
  'DROVER_TLS_KEY_PASSPHRASE',
  'DROVER_TLS_SERVER_NAME',
]

/** The leftovers of a test that timed out go with the process that ran it. */
const running = new Set<ChildProcess>()
/** The files that programs keep there are not this user's. */
const stateFolder = mkdtempSync(join(tmpdir(), 'drover-state-'))
atEnd(() => {
  rmSync(stateFolder, { recursive: true, force: true })
  for (const child of running) child.kill('SIGKILL')
})

export class Program implements AsyncDisposable {
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  readonly #waiting = new Set<() => void>()
  #stdout = ''
  #stderr = ''
  #isRunning = true

  constructor(command: readonly [string, ...string[]], { env, cwd = root, input }: ProgramOptions = {}) {
    const [program, ...args] = command
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !steering.includes(name)))
    const child = spawn(program, args, {
      cwd,
      env: { ...inherited, XDG_STATE_HOME: stateFolder, ...env },
      stdio: 'pipe',
    })
    this.#child = child
    running.add(child)
    child.stdin.on('error', () => {})
    if (input !== undefined) child.stdin.end(input)
    createInterface({ input: child.stdout }).on('line', line => this.#saw(() => (this.#stdout += `${line}\n`)))
    createInterface({ input: child.stderr }).on('line', line => this.#saw(() => (this.#stderr += `${line}\n`)))
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => {
        running.delete(child)
        this.#saw(() => (this.#isRunning = false))
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr })
      })
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get stdout(): string {
    return this.#stdout
  }

  /** Resolves with the first match in its standard output so far; fails after `timeoutMs`. */
  async says(pattern: RegExp, timeoutMs = 20_000): Promise<RegExpExecArray> {
    const deadline = AbortSignal.timeout(timeoutMs)
    for (;;) {
      const match = pattern.exec(this.#stdout)
      if (match !== null) return match
      if (!this.#isRunning || deadline.aborted)
        throw new Error(`It never said ${pattern}:\n${this.#stdout}${this.#stderr}`)
      await this.#change(deadline)
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** As `head` does. */
  closeStdout(): void {
    this.#child.stdout?.destroy()
  }

  closeStdin(): void {
    this.#child.stdin?.end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isRunning) this.#child.kill('SIGKILL')
    await this.ended.catch(() => {})
  }

  #saw(change: () => unknown): void {
    change()
    for (const wake of [...this.#waiting]) wake()
  }

  async #change(deadline: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    deadline.addEventListener('abort', () => resolve(), { once: true })
    await promise
    this.#waiting.delete(resolve)
  }
}

/** Starts `drover` with arguments. */
export function startDrover(args: readonly string[], options: ProgramOptions = {}): Program {
  return new Program([process.execPath, `${root}cli/main.ts`, ...args], options)
}

/** Runs `drover` to its end. */
export async function drover(args: readonly string[], options: ProgramOptions = {}): Promise<Ended> {
  await using program = startDrover(args, { input: '', ...options })
  return await program.ended
}

/** The JSON lines of an output. */
// biome-ignore lint/suspicious/noExplicitAny: lines of several kinds, which tests look into
export function jsonLines(text: string): any[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}
