/**
 * Reads presence once for all sessions of a bridge: a connection of its own to the broker while somebody asks, and a topic for
 * each destination. Where it cannot, each session's SUBSCRIBE goes on to the broker. Design section 5.11.
 */
import { checkTaskName } from '../../shared/contract/mod.ts'
import { destinationsOf } from '../../shared/stomp/destinations.ts'
import type { OnEvent } from '../events.ts'
import type { BridgeCounts } from '../metrics/counts.ts'
import { PresenceConnection, type PresenceConnectionPorts } from './connection.ts'
import type { Reader } from './reader.ts'
import { Topic } from './topic.ts'

export interface PresenceBounds {
  /** Destinations that are read. */
  readonly maxTopics: number
  /** Workers, one once for each destination. */
  readonly maxWorkers: number
  /** Characters of their words. */
  readonly maxCharacters: number
}

const defaultBounds: PresenceBounds = { maxTopics: 1_000, maxWorkers: 10_000, maxCharacters: 16 * 1024 * 1024 }

/** How long a destination is read on when its last page has gone: pages reload. */
const graceMs = 30_000
/** How long SUBSCRIBEs go on to the broker after the bridge could not read for itself. */
const coolMs = 5_000
/** The same after there was more to keep than it may, and after a connection that lived no longer than `shortMs`. */
const longCoolMs = 60_000
const shortMs = 10_000

export interface SharedPresencePorts extends Omit<PresenceConnectionPorts, 'onMessage' | 'onLost'> {
  readonly counts: Pick<BridgeCounts, 'presenceDropped'>
  readonly onEvent: OnEvent
  readonly bounds?: PresenceBounds | undefined
}

interface Shared {
  readonly id: string
  readonly topic: Topic
  readonly namespace: string
  readonly opened: Promise<void>
  stopGrace?: (() => void) | undefined
}

/** A subscription that the bridge may answer itself. */
export interface Wanted {
  readonly namespace: string
  readonly destination: string
  /** Whether its session and it are still there. */
  readonly isWanted: () => boolean
}

export class SharedPresence {
  readonly #ports: SharedPresencePorts
  readonly #bounds: PresenceBounds
  readonly #shared = new Map<string, Shared>()
  readonly #byId = new Map<string, Shared>()
  /** Destinations of which there was too much, and until when they are not tried again. */
  readonly #tooMuch = new Map<string, number>()
  #connection: Promise<PresenceConnection> | undefined
  /** It, also before it is open. */
  #current: PresenceConnection | undefined
  #coolUntil = Number.NEGATIVE_INFINITY
  #workers = 0
  #characters = 0
  #ids = 0

  constructor(ports: SharedPresencePorts) {
    this.#ports = ports
    this.#bounds = ports.bounds ?? defaultBounds
  }

  /** How many destinations are read. */
  get topics(): number {
    return this.#shared.size
  }

  /**
   * Tells the reader all that is known, and from there on the changes.
   * @param begun called once all that is known was told
   * @returns whether it does; the SUBSCRIBE has to go on to the broker else
   */
  async join({ namespace, destination, isWanted }: Wanted, reader: Reader, begun: () => void): Promise<boolean> {
    const shared = this.#shared.get(destination) ?? this.#share(namespace, destination)
    if (shared === undefined) return false
    try {
      await shared.opened
    } catch {
      return false
    }
    if (this.#shared.get(destination) !== shared) return false
    if (!isWanted()) {
      this.#endIfUnread(shared)
      return true
    }
    shared.stopGrace?.()
    shared.stopGrace = undefined
    shared.topic.begin(reader, begun)
    return true
  }

  leave(destination: string, reader: Reader): void {
    const shared = this.#shared.get(destination)
    if (shared?.topic.readers.delete(reader)) this.#endIfUnread(shared)
  }

  /** @param elapsedMs since the last call */
  tick(elapsedMs: number): void {
    this.#current?.tick(elapsedMs)
  }

  close(): void {
    this.#endAll()
    this.#current?.close()
    this.#current = undefined
    this.#connection = undefined
  }

  #share(namespace: string, destination: string): Shared | undefined {
    const now = this.#ports.clock.steady()
    if (now < this.#coolUntil || now < (this.#tooMuch.get(destination) ?? now)) return undefined
    this.#tooMuch.delete(destination)
    if (this.#shared.size >= this.#bounds.maxTopics) return undefined
    const id = String(++this.#ids)
    const topic: Topic = new Topic(destination, {
      clock: this.#ports.clock,
      ping: task => this.#ping(namespace, task),
      keep: (characters, workers) => this.#keep(topic, characters, workers),
      onUnreadable: () => void this.#ports.counts.presenceDropped++,
    })
    const opened = this.#read(id, namespace, destination)
    const shared: Shared = { id, topic, namespace, opened }
    this.#shared.set(destination, shared)
    this.#byId.set(id, shared)
    opened.catch(() => {
      this.#cool(coolMs)
      this.#end(shared)
    })
    return shared
  }

  async #read(id: string, namespace: string, destination: string): Promise<void> {
    const connection = await this.#connect()
    await connection.subscribe(id, destination)
    const task = taskOf(namespace, destination)
    if (task !== undefined) this.#ping(namespace, task).catch(() => {}) // it is lost, and so is the topic
  }

  async #ping(namespace: string, task: string): Promise<void> {
    const connection = await this.#connect()
    await connection.ping(destinationsOf(namespace).control(task))
  }

  #connect(): Promise<PresenceConnection> {
    this.#connection ??= this.#newConnection()
    return this.#connection
  }

  async #newConnection(): Promise<PresenceConnection> {
    const { clock, onEvent } = this.#ports
    const connection = new PresenceConnection({
      ...this.#ports,
      onMessage: (id, from, body) => this.#heard(id, from, body),
      onLost: reason => {
        if (this.#current !== connection) return
        onEvent({ type: 'broker_lost', message: `The bridge reads presence no longer: ${reason.message}` })
        this.#lost(clock.steady() - since < shortMs ? longCoolMs : 0)
      },
    })
    const since = clock.steady()
    this.#current = connection
    try {
      await connection.open()
    } catch (error) {
      if (this.#current === connection) {
        this.#current = undefined
        this.#connection = undefined
      }
      throw error
    }
    return connection
  }

  #lost(coolingMs: number): void {
    this.#current = undefined
    this.#connection = undefined
    this.#cool(coolingMs)
    this.#endAll()
  }

  #cool(ms: number): void {
    this.#coolUntil = Math.max(this.#coolUntil, this.#ports.clock.steady() + ms)
  }

  #heard(id: string, from: string, body: string): void {
    const shared = this.#byId.get(id)
    if (shared === undefined) return
    const task = taskOf(shared.namespace, from)
    if (task === undefined) this.#ports.counts.presenceDropped++
    else if (!shared.topic.hear(task, body)) this.#giveUp(shared)
  }

  /** Where there is too much, the destination that has most gives way: who fills one takes no room from the pages of others. */
  #keep(topic: Topic, characters: number, workers: number): boolean {
    const { maxCharacters, maxWorkers } = this.#bounds
    this.#characters += characters
    this.#workers += workers
    for (;;) {
      const unit = this.#workers > maxWorkers ? 'workers' : this.#characters > maxCharacters ? 'characters' : undefined
      if (unit === undefined) return true
      const others = [...this.#shared.values()].filter(other => other.topic[unit] > topic[unit])
      const [largest] = others.toSorted((a, b) => b.topic[unit] - a.topic[unit])
      if (largest === undefined) return false
      this.#giveUp(largest)
    }
  }

  /** It is told by the broker for a while. */
  #giveUp(shared: Shared): void {
    if (this.#tooMuch.size >= this.#bounds.maxTopics) this.#tooMuch.clear()
    this.#tooMuch.set(shared.topic.destination, this.#ports.clock.steady() + longCoolMs)
    this.#end(shared)
  }

  #endIfUnread(shared: Shared): void {
    if (shared.topic.readers.size > 0 || shared.stopGrace !== undefined) return
    shared.stopGrace = this.#ports.clock.timer(graceMs, () => {
      this.#end(shared)
      if (this.#shared.size === 0) this.close()
    })
  }

  #end(shared: Shared): void {
    if (this.#shared.get(shared.topic.destination) !== shared) return
    this.#shared.delete(shared.topic.destination)
    this.#byId.delete(shared.id)
    shared.stopGrace?.()
    shared.topic.end()
    this.#current?.unsubscribe(shared.id)
  }

  #endAll(): void {
    for (const shared of [...this.#shared.values()]) this.#end(shared)
  }
}

/** Of a presence destination; `undefined` for those of several tasks. */
function taskOf(namespace: string, destination: string): string | undefined {
  const prefix = destinationsOf(namespace).presence('')
  if (!destination.startsWith(prefix)) return undefined
  try {
    return checkTaskName(destination.slice(prefix.length))
  } catch {
    return undefined
  }
}
