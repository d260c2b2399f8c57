/** Processes of a storm, workers or masters: each is killed, stopped or drained now and then, and starts again under its name. */
import { setTimeout as delay } from 'node:timers/promises'
import type { GuardedProcess } from '../support/processes/guarded.ts'
import type { Random } from '../support/random.ts'
import { within } from '../support/until.ts'

/** Where one process after the other stands. */
export interface Post {
  readonly name: string
  start(onOutput: (text: string) => void): GuardedProcess
}

/** What is told of a crew. */
export interface CrewLog {
  /** @param run which process of its post it is, from 1 */
  up(name: string, run: number): void
  line(name: string, run: number, line: string): void
  /** Its process is gone, and has said all that it had to. */
  down(name: string, run: number): void
  /** It ended and nobody had told it to. */
  endedItself(name: string, log: string): void
}

interface Place extends Post {
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

export class Crew {
  readonly #places: Place[]
  readonly #log: CrewLog
  readonly #pauseMs: number
  #isOver = false

  /** @param pauseMs between a death and the next start */
  constructor(posts: readonly Post[], log: CrewLog, pauseMs: number) {
    this.#places = posts.map(post => ({
      ...post,
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
    for (const place of this.#places) this.#start(place)
  }

  /** With -9. @returns what was done */
  async kill(random: Random): Promise<string> {
    return this.#end(this.#any(random), 'SIGKILL')
  }

  async killAll(): Promise<string> {
    await Promise.all(this.#places.map(place => this.#end(place, 'SIGKILL')))
    return 'killed all with -9'
  }

  /** By SIGTERM: it ends by itself, once it has begun. @returns what was done */
  async drain(random: Random): Promise<string> {
    const place = this.#any(random)
    return place.isReady ? this.#end(place, 'SIGTERM') : `${place.name} is starting`
  }

  /** Stands still for so long. @returns what was done */
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
    const place = this.#places[at % this.#places.length]!
    place.away = delay(ms)
    await this.#end(place, 'SIGKILL')
    await place.away
    return `${place.name} was away for ${ms} ms`
  }

  /** Drains everyone for good. @returns those that did not end as they should */
  async dismiss(): Promise<string[]> {
    this.#isOver = true
    const badly: string[] = []
    await Promise.all(
      this.#places.map(async ({ name, running }) => {
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
    await Promise.all(this.#places.flatMap(({ running }) => running?.end() ?? []))
  }

  #any(random: Random): Place {
    const present = this.#places.filter(({ running }) => running !== undefined)
    return random.pick(present.length > 0 ? present : this.#places)
  }

  async #end(place: Place, signal: 'SIGKILL' | 'SIGTERM'): Promise<string> {
    const { name, running } = place
    if (running === undefined) return `${name} is between two`
    place.isBidden = true
    running.signal(signal)
    await running.ended
    return `${signal} ${name}`
  }

  #start(place: Place): void {
    const { name } = place
    const run = ++place.runs
    let rest = ''
    place.isBidden = false
    place.isReady = false
    this.#log.up(name, run)
    const running = place.start(text => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line === 'ready') place.isReady = true
        this.#log.line(name, run, line)
      }
    })
    place.running = running
    void running.ended.then(async () => {
      place.running = undefined
      this.#log.down(name, run)
      if (this.#isOver) return
      if (!place.isBidden) this.#log.endedItself(name, running.log())
      await Promise.all([place.away, delay(this.#pauseMs)])
      if (!this.#isOver) this.#start(place)
    })
  }
}
