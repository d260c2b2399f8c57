/** The words of one worker as the bridge keeps them, and whether a message of it says anything new. */
import type { Presence } from '../../shared/contract/mod.ts'

type Json = Readonly<Record<string, unknown>>

/** The fields of every presence message, but for its time. */
const facts = [
  'worker_id',
  'name',
  'state',
  'concurrency',
  'active',
  'processed',
  'failed',
  'interval_ms',
] as const satisfies readonly (keyof Presence)[]

interface Announced {
  readonly words: Json
  /** The fields that only an announcement has. */
  readonly text: string
}

/** `all`: of the task, and for everybody to know soon. `counts`: in every message. */
export type News = 'nothing' | 'counts' | 'all'

export class Words {
  /** By task; `undefined` where the worker was heard of by beats alone. */
  readonly #tasks = new Map<string, Announced | undefined>()
  #beat: Json = {}
  #facts = ''
  /** The beat as pages were told of it. */
  #told: Json = {}
  /** The facts of which a snapshot told a page otherwise. */
  #toldApart: Set<string> | undefined

  /** Characters that are kept, about. */
  get size(): number {
    let size = this.#facts.length * 2
    for (const [task, announced] of this.#tasks) size += task.length + 2 * (announced?.text.length ?? 0) + 200
    return size
  }

  /** Those that it was heard of in. */
  get tasks(): Iterable<string> {
    return this.#tasks.keys()
  }

  isAnnounced(task: string): boolean {
    return this.#tasks.get(task) !== undefined
  }

  /**
   * The worker said this.
   * @param json as it came
   * @param said the same, as far as this version knows it
   */
  say(task: string, json: Json, said: Presence): News {
    const isNewTask = !this.#tasks.has(task)
    const before = this.#tasks.get(task)
    let isNews = isNewTask
    if ('task' in said) {
      const text = JSON.stringify(without(json, [...facts, 'at']))
      isNews ||= before?.text !== text
      this.#tasks.set(task, { words: json, text })
    } else if (isNewTask) this.#tasks.set(task, undefined)
    const found = JSON.stringify(facts.map(name => said[name]))
    const isOther = found !== this.#facts
    this.#facts = found
    this.#beat = beatIn(said)
    return isNews ? 'all' : isOther ? 'counts' : 'nothing'
  }

  /** The bridge found that it says nothing any more. */
  leave(): void {
    this.#beat = { ...this.#beat, state: 'gone', active: 0 }
    this.#facts = ''
  }

  /** A snapshot tells its pages all that is known now. */
  toldApart(): void {
    for (const name of facts) {
      if (this.#beat[name] === this.#told[name]) continue
      this.#toldApart ??= new Set()
      this.#toldApart.add(name)
    }
  }

  /** The facts that some page knows otherwise since the last call. */
  takeChanged(): Json {
    const now = this.#beat
    const changed = facts.filter(name => now[name] !== this.#told[name] || this.#toldApart?.has(name))
    this.#told = now
    this.#toldApart = undefined
    return Object.fromEntries(changed.map(name => [name, now[name]]))
  }

  /** All that is known of it in a task: its announcement, with the counts of now. */
  allOf(task: string): Json {
    const announced = this.#tasks.get(task)
    if (announced === undefined) return this.#beat
    const { type, v, ...now } = this.#beat
    return { ...announced.words, ...now }
  }
}

const beatIn = (said: Presence): Json => ({
  v: said.v,
  type: 'beat',
  ...Object.fromEntries(facts.map(name => [name, said[name]])),
  at: said.at,
})

const without = (json: Json, names: readonly string[]): Json =>
  Object.fromEntries(Object.entries(json).filter(([name]) => !names.includes(name)))
