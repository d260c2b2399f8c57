/** What is seen of every job in a storm, and what of it breaks a promise. Promises 1, 3 and 5. */
import type { FleetHandle, JobHandle, JobState, Master } from 'drover/master'

interface Seen {
  readonly what: string
  readonly handle: JobHandle | FleetHandle
  readonly mayEnd: readonly string[]
  readonly history: string[]
  readonly replies: Set<string>
  /** The phase it ended in, as text. */
  ended?: string
}

export class Witness {
  readonly #jobs = new Map<string, Seen>()
  readonly #problems: string[] = []
  readonly #master: Master
  readonly #startedAt = performance.now()

  constructor(master: Master) {
    this.#master = master
    master.onChange(change => {
      if (change.type === 'job') this.#look(change.request_id)
    })
  }

  /** @param mayEnd types of outcome that are as they should be */
  watch(what: string, handle: JobHandle | FleetHandle, mayEnd: readonly string[]): void {
    const seen: Seen = { what, handle, mayEnd, history: [], replies: new Set() }
    this.#jobs.set(handle.request_id, seen)
    this.#look(handle.request_id) // it may have ended before this
    void this.#read(seen)
  }

  /** What goes on, for the history of jobs that were open then. */
  say(text: string): void {
    for (const seen of this.#jobs.values()) if (seen.ended === undefined) this.#tell(seen, `-- ${text}`)
  }

  get open(): number {
    return [...this.#jobs.values()].filter(({ ended }) => ended === undefined).length
  }

  /** Jobs that were given up after too many losses, which is as it should be when a storm takes their workers. */
  dead(): string[] {
    return [...this.#jobs.values()].filter(seen => isDead(seen.handle.snapshot)).map(({ handle }) => handle.request_id)
  }

  /** Every promise that was broken, with the history of its job. */
  problems(): string[] {
    const problems = [...this.#problems]
    for (const seen of this.#jobs.values()) {
      const { phase } = seen.handle.snapshot
      if (phase.at !== 'ended') problems.push(accusation(seen, 'has not ended'))
      else if (!isDead(seen.handle.snapshot) && !seen.mayEnd.includes(phase.outcome.type)) {
        problems.push(accusation(seen, `ended as ${JSON.stringify(phase.outcome)}, not as ${seen.mayEnd.join(' or ')}`))
      }
    }
    return problems
  }

  #look(requestId: string): void {
    const seen = this.#jobs.get(requestId)
    const state = this.#master.jobs.get(requestId)
    if (seen === undefined || state === undefined) return
    const line = describe(state)
    if (seen.history.at(-1)?.endsWith(` ${line}`) !== true) this.#tell(seen, line)
    const ended = state.phase.at === 'ended' ? JSON.stringify(state.phase) : undefined
    if (seen.ended !== undefined && seen.ended !== ended) this.#accuse(seen, `went on after its end: ${seen.ended}`)
    if (ended !== undefined) seen.ended ??= ended
  }

  async #read(seen: Seen): Promise<void> {
    for await (const news of seen.handle.replies()) {
      if (!('seq' in news) || news.seq === undefined) continue
      const key = `${news.worker_id} ${news.attempt} ${news.seq}`
      if (seen.replies.has(key)) this.#accuse(seen, `was told a reply twice: ${news.type} ${key}`)
      seen.replies.add(key)
    }
  }

  #tell(seen: Seen, text: string): void {
    seen.history.push(`${((performance.now() - this.#startedAt) / 1000).toFixed(2)} ${text}`)
  }

  #accuse(seen: Seen, found: string): void {
    this.#problems.push(accusation(seen, found))
  }
}

const accusation = ({ handle, what, history }: Seen, found: string): string =>
  `Job ${handle.request_id} (${what}) ${found}\n  ${history.join('\n  ')}`

const isDead = ({ phase }: JobState): boolean =>
  phase.at === 'ended' && phase.outcome.type === 'error' && phase.outcome.error.code === 'job_dead'

function describe({ phase, attempt, losses, workers }: JobState): string {
  const outcome = phase.at === 'ended' ? ` ${phase.outcome.type}` : ''
  return `${phase.at}${outcome}, attempt ${attempt}, ${losses} losses, ${workers.map(({ at, name }) => `${name} ${at}`).join(', ')}`
}
