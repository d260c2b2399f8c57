/** A task with its workers in the hand of a test, and a master that hears each beat, or is told of changes by a bridge. */
import { expect } from 'vitest'
import { type Clock, systemClock } from '../../shared/clock.ts'
import { ChangeListeners } from '../../shared/master/changes.ts'
import { Roster } from '../../shared/master/presence/roster.ts'
import { Timeouts } from '../../shared/master/timeouts.ts'
import { type BrokerSession, embedded, type Incoming, type Stomp } from '../../shared/stomp/mod.ts'
import { Reader } from './reader.ts'
import { Topic } from './topic.ts'

const clock: Clock = { ...systemClock, steady: () => Date.now() }
const destination = '/topic/myapp.workers.t'
export const intervalMs = 1_000
const decoder = new TextDecoder()

export interface WorldWorker {
  readonly id: string
  readonly name: string
  active: number
  processed: number
  state: string
  connection: number
  isHeard: boolean
}

export class World {
  readonly roster: Roster
  readonly workers: WorldWorker[] = []
  messages = 0
  topic: Topic | undefined
  readonly #isBridged: boolean
  #hear: ((message: Incoming) => void) | undefined
  #reader: Reader | undefined

  constructor(isBridged: boolean) {
    this.#isBridged = isBridged
    const stomp = {
      publishUnconfirmed: () => this.#ping(),
      publish: async () => this.#ping(),
      subscribe: (_: unknown, onMessage: (message: Incoming) => void) => {
        this.#hear = onMessage
        const { promise: ready, resolve } = Promise.withResolvers<void>()
        setTimeout(() => {
          if (this.#isBridged) this.#join()
          resolve()
        }, 5)
        return { ready, unsubscribe: async () => {} }
      },
    } as unknown as Stomp
    this.roster = new Roster({
      stomp,
      clock,
      timeouts: new Timeouts(clock),
      changes: new ChangeListeners(),
      discards: { count: what => expect.fail(`a message counts as ${what}`) },
    })
    this.roster.watch('t')
    this.connect()
  }

  get isConnected(): boolean {
    return this.#hear !== undefined
  }

  connect(): void {
    const features = this.#isBridged ? ['presence'] : []
    this.roster.open({ dialect: embedded, owner: 'a', namespace: 'myapp', bridged: true, features } as BrokerSession)
  }

  away(): void {
    if (this.#reader !== undefined) this.topic?.readers.delete(this.#reader)
    this.#reader = undefined
    this.#hear = undefined
    this.roster.away()
  }

  /** The bridge has no connection of its own any more. */
  lose(): void {
    const { topic } = this
    this.topic = undefined
    topic?.end()
  }

  start(name: string): void {
    const id = `${name}-${this.workers.length}`
    const worker: WorldWorker = { id, name, active: 0, processed: 0, state: 'idle', connection: 1, isHeard: true }
    this.workers.push(worker)
    this.announce(worker)
    const beat = (): void => {
      if (worker.state === 'gone') return
      this.#say(worker, { type: 'beat' })
      setTimeout(beat, intervalMs)
    }
    setTimeout(beat, intervalMs)
  }

  announce(worker: WorldWorker): void {
    const { connection } = worker
    const more = { runtime: 'node', host: 'here', started_at: 1, features: ['state'], connection }
    this.#say(worker, { type: 'announce', task: 't', ...more })
  }

  end(worker: WorldWorker): void {
    worker.state = 'gone'
    this.#say(worker, { type: 'beat' })
  }

  #ping(): void {
    for (const worker of this.workers) if (worker.state !== 'gone') setTimeout(() => this.announce(worker), 10)
  }

  #join(): void {
    if (this.#hear === undefined) return
    if (this.topic === undefined) {
      const ping = async (): Promise<void> => this.#ping()
      this.topic = new Topic(destination, { clock, ping, keep: () => true, onUnreadable() {} })
      this.#ping()
    }
    this.#reader = new Reader('0', { version: '1.2', isFull: () => false, send: frame => this.#deliver(frame) })
    this.topic.begin(this.#reader)
  }

  #say(worker: WorldWorker, words: object): void {
    if (!worker.isHeard) return
    const { id, name, active, processed, state } = worker
    const counts = { concurrency: 4, active, processed, failed: 0, at: Date.now(), interval_ms: intervalMs }
    const body = JSON.stringify({ v: 1, worker_id: id, name, state, ...counts, ...words })
    if (this.#isBridged) this.topic?.hear('t', body)
    else this.#tell({}, body)
  }

  #deliver(frame: Uint8Array): void {
    const text = decoder.decode(frame)
    const end = text.indexOf('\n\n')
    const headers = Object.fromEntries(
      text
        .slice(0, end)
        .split('\n')
        .slice(1)
        .map(line => line.split(':', 2)),
    )
    this.#tell(headers, text.slice(end + 2, -1))
  }

  #tell(headers: Record<string, string>, body: string): void {
    if (this.#hear !== undefined) this.messages++
    this.#hear?.({ headers, body, destination, ack() {} })
  }

  /** @param others workers that another master knows: those that are gone count where both know them */
  shown(others: ReadonlyMap<string, unknown>): unknown {
    const workers = [...this.roster.workers.values()].map(one => {
      const { last_seen_at, is_told, ...rest } = one
      const { worker_id, name, state, tasks } = rest
      // Of one that went away while this master was away too, only a bridge heard the last words
      return state === 'gone' ? { worker_id, name, state, tasks } : rest
    })
    const shown = workers.filter(({ state, worker_id }) => state !== 'gone' || others.has(worker_id))
    shown.sort((a, b) => (a.worker_id < b.worker_id ? -1 : 1))
    return { workers: shown, tasks: this.roster.tasks() }
  }
}
