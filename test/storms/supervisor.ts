/** Supervises processes of a storm: each is killed, stopped or drained now and then, and starts again under its name. */
import { setTimeout as delay } from 'node:timers/promises'
import type { GuardedProcess } from '../support/processes/guarded.ts'
import type { Random } from '../support/random.ts'
import { within } from '../support/until.ts'

/** A supervised process: it is started again and again under its name. */
export interface ProcessSpec {
  readonly name: string
  start(onOutput: (text: string) => void): GuardedProcess
}

/** The events of a supervisor. */
export interface SupervisorLog {
  /** @param run how often its name has been started, from 1 */
  up(name: string, run: number): void
  line(name: string, run: number, line: string): void
  /** Its process is gone, and has said all that it had to. */
  down(name: string, run: number): void
  /** It ended and nobody had told it to. */
  endedItself(name: string, log: string): void
}

interface Child extends ProcessSpec {
  runs: number
  /** Absent between two. */
  running: GuardedProcess | undefined
  /** It has said so. */
  isReady: boolean
  /** Whether its end was asked for. */
  isBidden: boolean
  /** It is not started again before this. */
  away: Promise<void>
}

export class Supervisor {
  readonly #children: Child[]
  readonly #log: SupervisorLog
  readonly #pauseMs: number
  #isOver = false

  /** @param pauseMs between a death and the next start */
  constructor(specs: readonly ProcessSpec[], log: SupervisorLog, pauseMs: number) {
    this.#children = specs.map(spec => ({
      ...spec,
      runs: 0,
      running: undefined,
      isReady: false,
      isBidden: false,
      away: Promise.resolve(),
    }))
    this.#log = log
    this.#pauseMs = pauseMs
  }

  start(): void {
    for (const child of this.#children) this.#start(child)
  }

  /** With -9. @returns the deed in words */
  async kill(random: Random): Promise<string> {
    return this.#end(this.#any(random), 'SIGKILL')
  }

  async killAll(): Promise<string> {
    await Promise.all(this.#children.map(child => this.#end(child, 'SIGKILL')))
    return 'killed all with -9'
  }

  /** By SIGTERM: it ends by itself, once it has begun. @returns the deed in words */
  async drain(random: Random): Promise<string> {
    const child = this.#any(random)
    return child.isReady ? this.#end(child, 'SIGTERM') : `${child.name} is starting`
  }

  /** Stands still for so long. @returns the deed in words */
  async stop(random: Random, ms: number): Promise<string> {
    const { name, running } = this.#any(random)
    if (running === undefined) return `${name} is between two`
    running.signal('SIGSTOP')
    await delay(ms)
    if (running.isRunning) running.signal('SIGCONT')
    return `stopped ${name} for ${ms} ms`
  }

  /** With -9, and away for so long. @param at which one, from 0 */
  async leave(at: number, ms: number): Promise<string> {
    const child = this.#children[at % this.#children.length]!
    child.away = delay(ms)
    await this.#end(child, 'SIGKILL')
    await child.away
    return `${child.name} was away for ${ms} ms`
  }

  /** Drains everyone for good. @returns those that did not end as they should */
  async drainAll(): Promise<string[]> {
    this.#isOver = true
    const badly: string[] = []
    await Promise.all(
      this.#children.map(async ({ name, running }) => {
        if (running === undefined) return
        running.signal('SIGCONT')
        running.signal('SIGTERM')
        await within(`${name} has drained`, running.ended, { timeoutMs: 60_000, evidence: () => running.log() }).catch(
          (error: Error) => badly.push(error.message),
        )
        if (!/^closed$/m.test(running.log())) badly.push(`${name} ended badly:\n${running.log().slice(-2000)}`)
      }),
    )
    return badly
  }

  /** Ends everyone with -9. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#children.flatMap(({ running }) => running?.end() ?? []))
  }

  #any(random: Random): Child {
    const present = this.#children.filter(({ running }) => running !== undefined)
    return random.pick(present.length > 0 ? present : this.#children)
  }

  async #end(child: Child, signal: 'SIGKILL' | 'SIGTERM'): Promise<string> {
    const { name, running } = child
    if (running === undefined) return `${name} is between two`
    child.isBidden = true
    running.signal(signal)
    await running.ended
    return `${signal} ${name}`
  }

  #start(child: Child): void {
    const { name } = child
    const run = ++child.runs
    let rest = ''
    child.isBidden = false
    child.isReady = false
    this.#log.up(name, run)
    const running = child.start(text => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line === 'ready') child.isReady = true
        this.#log.line(name, run, line)
      }
    })
    child.running = running
    void running.ended.then(async () => {
      child.running = undefined
      this.#log.down(name, run)
      if (this.#isOver) return
      if (!child.isBidden) this.#log.endedItself(name, running.log())
      await Promise.all([child.away, delay(this.#pauseMs)])
      if (!this.#isOver) this.#start(child)
    })
  }
}
