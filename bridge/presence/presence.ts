/**
 * Reads presence once for all sessions of a bridge: a connection of its own to the broker while somebody asks, and a topic for
 * each destination. While it cannot, each session's SUBSCRIBE goes on to the broker. Design section 5.11.
 */
import { checkTaskName } from '../../shared/contract/mod.ts'
import { destinationsOf } from '../../shared/stomp/destinations.ts'
import type { OnEvent } from '../events.ts'
import type { BridgeCounts } from '../metrics/counts.ts'
import { PresenceConnection, type PresenceConnectionPorts } from './connection.ts'
import { HandedOn, type PresenceDestination } from './handed-on.ts'
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
/**
 * How long SUBSCRIBEs go on to the broker after the bridge could not read for itself, or had a connection for no longer than
 * `shortMs`: at first, and at most. It doubles each time, until as long as the longest has gone well. Short at first, since
 * sessions that came back say that the broker has.
 */
const coolMs = 500
const maxCoolMs = 60_000
const shortMs = 10_000
/** The same for a destination of which there was more to keep than the bridge may. */
const tooMuchMs = 60_000
/** How long a destination is read before sessions that read it from the broker are called back: workers have answered by then. */
const steadyMs = 1_000
/** How many of these are called back in a second. */
const callsPerSecond = 100

export interface SharedPresencePorts extends Omit<PresenceConnectionPorts, 'onMessage' | 'onLost'> {
  readonly counts: Pick<BridgeCounts, 'presenceDropped'>
  readonly onEvent: OnEvent
  readonly bounds?: PresenceBounds | undefined
}

interface Shared {
  readonly id: string
  readonly topic: Topic
  readonly namespace: string
  /** Rejects where the bridge cannot read it. */
  readonly opened: Promise<PresenceConnection>
  /** Since when it is read; steady, ms. `undefined`: not yet. */
  openedAt?: number
  stopGrace?: (() => void) | undefined
}

/** A subscription that the bridge may answer itself. */
export interface Wanted extends PresenceDestination {
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
  readonly #handedOn = new HandedOn()
  #coolUntil = Number.NEGATIVE_INFINITY
  /** How often in a row. */
  #failed = 0
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
   * @returns whether it does. Else the SUBSCRIBE has to go on to the broker; once it need not have, the reader is told to
   * subscribe again
   */
  async join(wanted: Wanted, reader: Reader, begun: () => void): Promise<boolean> {
    const shared = await this.#opened(wanted)
    if (shared === undefined) {
      if (wanted.isWanted()) this.#handedOn.add(wanted, reader)
      return false
    }
    if (!wanted.isWanted()) {
      this.#endIfUnread(shared)
      return true
    }
    shared.stopGrace?.()
    shared.stopGrace = undefined
    shared.topic.begin(reader, begun)
    return true
  }

  /** Tells the reader nothing more, wherever its SUBSCRIBE went. */
  leave(destination: string, reader: Reader): void {
    this.#handedOn.delete(destination, reader)
    const shared = this.#shared.get(destination)
    if (shared?.topic.readers.delete(reader)) this.#endIfUnread(shared)
  }

  /** @param elapsedMs since the last call */
  tick(elapsedMs: number): void {
    this.#current?.tick(elapsedMs)
    let most = Math.ceil((callsPerSecond * elapsedMs) / 1_000)
    const steadySince = this.#ports.clock.steady() - steadyMs
    for (const waited of this.#handedOn.destinations) {
      const shared = this.#shared.get(waited.destination)
      if (shared === undefined && !this.#mayRead) continue
      const { openedAt = Number.POSITIVE_INFINITY } = shared ?? {}
      if (openedAt <= steadySince) most -= this.#handedOn.callBack(waited.destination, most)
      else void this.#opened(waited).then(opened => opened && this.#endIfUnread(opened))
    }
  }

  close(): void {
    this.#endAll()
    this.#disconnect()
  }

  /** Whether it may read a destination more, and try to. */
  get #mayRead(): boolean {
    return this.#ports.clock.steady() >= this.#coolUntil && this.#shared.size < this.#bounds.maxTopics
  }

  /** @returns `undefined` where the bridge cannot read it now */
  async #opened(wanted: PresenceDestination): Promise<Shared | undefined> {
    const shared = this.#shared.get(wanted.destination) ?? this.#share(wanted)
    await shared?.opened.catch(() => {})
    return this.#shared.get(wanted.destination) === shared ? shared : undefined
  }

  #share({ namespace, destination }: PresenceDestination): Shared | undefined {
    const now = this.#ports.clock.steady()
    if (!this.#mayRead || now < (this.#tooMuch.get(destination) ?? now)) return undefined
    this.#tooMuch.delete(destination)
    const id = String(++this.#ids)
    const opened = this.#read(id, namespace, destination)
    const topic: Topic = new Topic(destination, {
      clock: this.#ports.clock,
      ping: async task => await (await opened).ping(controlOf(namespace, task)),
      keep: (characters, workers) => this.#keep(topic, characters, workers),
      onUnreadable: () => void this.#ports.counts.presenceDropped++,
    })
    const shared: Shared = { id, topic, namespace, opened }
    this.#shared.set(destination, shared)
    this.#byId.set(id, shared)
    opened.then(
      () => {
        shared.openedAt = this.#ports.clock.steady()
      },
      () => {
        this.#cool()
        this.#end(shared)
      },
    )
    return shared
  }

  async #read(id: string, namespace: string, destination: string): Promise<PresenceConnection> {
    const connection = await this.#connect()
    await connection.subscribe(id, destination)
    const task = taskOf(namespace, destination)
    if (task !== undefined) connection.ping(controlOf(namespace, task)).catch(() => {}) // it is lost, and so is the topic
    return connection
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
        this.#current = undefined
        this.#connection = undefined
        if (clock.steady() - since < shortMs) this.#cool()
        this.#endAll()
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

  /** All that fails at one time is one failure. */
  #cool(): void {
    const now = this.#ports.clock.steady()
    if (now < this.#coolUntil) return
    if (now > this.#coolUntil + maxCoolMs) this.#failed = 0
    this.#coolUntil = now + Math.min(maxCoolMs, coolMs * 2 ** this.#failed++)
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
    this.#tooMuch.set(shared.topic.destination, this.#ports.clock.steady() + tooMuchMs)
    this.#end(shared)
  }

  #endIfUnread(shared: Shared): void {
    if (shared.topic.readers.size > 0 || shared.stopGrace !== undefined) return
    shared.stopGrace = this.#ports.clock.timer(graceMs, () => this.#end(shared))
  }

  #end(shared: Shared): void {
    if (this.#shared.get(shared.topic.destination) !== shared) return
    this.#shared.delete(shared.topic.destination)
    this.#byId.delete(shared.id)
    shared.stopGrace?.()
    shared.topic.end()
    this.#current?.unsubscribe(shared.id)
    if (this.#shared.size === 0) this.#disconnect()
  }

  /** Nothing is read any more. */
  #disconnect(): void {
    this.#current?.close()
    this.#current = undefined
    this.#connection = undefined
  }

  #endAll(): void {
    for (const shared of [...this.#shared.values()]) this.#end(shared)
  }
}

const controlOf = (namespace: string, task: string): string => destinationsOf(namespace).control(task)

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
