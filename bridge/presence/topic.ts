/**
 * The workers of one presence destination, as all sessions that read it are told of them. Who is gone is decided as a master
 * decides it, by the same code. Design section 5.11.
 */
import type { Clock } from '../../shared/clock.ts'
import { lateAfterBeats, type Presence, parseJson, presenceIn } from '../../shared/contract/mod.ts'
import { Liveness } from '../../shared/master/presence/liveness.ts'
import { Names } from '../../shared/master/presence/names.ts'
import { type WorkerInfo, workerOf } from '../../shared/master/presence/worker-info.ts'
import { Timeouts } from '../../shared/master/timeouts.ts'
import { bodiesOf, changedItemOf, endBody, itemOf } from './bodies.ts'
import type { Reader } from './reader.ts'
import { Words } from './words.ts'

/** New workers and announcements are told this soon, and together. */
const soonMs = 50
/** Counts are told at most this often. */
const countsMs = 1_000
/** How often, and how many times for one worker, it is asked to announce itself. */
const askEveryMs = 5_000
const maxAsked = 3
/** Characters of a message of a type that this version does not know, and how many of them are told at once. */
const maxOther = 65_536
const maxOthers = 100

/** In how many ways a snapshot is kept as it was written: the same masters subscribe in the same way. */
const maxWritten = 4

/** Those of the same bodies, by how their readers are spoken to. */
type Frames = Map<string, readonly Uint8Array[]>

export interface TopicPorts {
  readonly clock: Clock
  /** Pings the workers of a task. @returns resolves once the broker has it */
  readonly ping: (task: string) => Promise<void>
  /** This many characters more are kept, of so many workers more. @returns whether all is no more than may be */
  readonly keep: (characters: number, workers: number) => boolean
  /** Counts a message that could not be read. */
  readonly onUnreadable: () => void
}

export class Topic {
  readonly destination: string
  readonly readers: Set<Reader> = new Set()
  readonly #ports: TopicPorts
  readonly #workers = new Map<string, WorkerInfo>()
  readonly #words = new Map<string, Words>()
  readonly #names = new Names()
  readonly #timeouts: Timeouts
  readonly #liveness: Liveness<Topic>
  /** News to be told, by worker. The tasks of which all is news; none where only counts are. */
  readonly #news = new Map<string, Set<string>>()
  /** Messages of a type that this version does not know, and `null` for those that cannot be read. */
  #others: string[] = []
  #snapshot: { readonly bodies: readonly string[]; readonly frames: Frames; readonly at: number } | undefined
  /** Of whom a beat is overdue: pages show that. */
  readonly #late = new Set<string>()
  readonly #asked = new Map<string, number>()
  #messages = 0

  constructor(destination: string, ports: TopicPorts) {
    const { clock } = ports
    this.destination = destination
    this.#ports = ports
    this.#timeouts = new Timeouts(clock, () => this.#stoodStill())
    this.#liveness = new Liveness<Topic>({
      timeouts: this.#timeouts,
      workers: this.#workers,
      ask: task => ports.ping(task),
      onGone: worker => this.#onGone(worker),
      onForgotten: id => this.#forget(id),
      isTold: () => false,
    })
    this.#liveness.open(this)
  }

  /** Workers that are kept. */
  get workers(): number {
    return this.#workers.size
  }

  /** Characters of their words, about. Walks over all. */
  get characters(): number {
    let size = 0
    for (const words of this.#words.values()) size += words.size
    return size
  }

  /**
   * A message came.
   * @param task that it came by
   * @returns false where more is kept than may be
   */
  hear(task: string, body: string): boolean {
    const read = readPresence(task, body)
    if (read === 'unreadable' || read.said === undefined) {
      // Masters count these, too
      if (read === 'unreadable') this.#ports.onUnreadable()
      this.#tellOther(task, read === 'unreadable' || body.length > maxOther ? null : read.json)
      return true
    }
    return this.#hear(task, read.json, read.said)
  }

  /**
   * All that is known, as a page is told of it that subscribes now.
   * @param begun called once it was told: later, where much waits for the page already
   */
  begin(reader: Reader, begun?: () => void): void {
    this.readers.add(reader)
    reader.begun = begun
    if (!reader.isFull()) {
      this.#sendSnapshot(reader)
      return
    }
    reader.isBehind = true
    this.#flushIn(countsMs)
  }

  /** Nothing more is told. */
  end(): void {
    if (this.#timeouts.has('flush')) this.#flush()
    this.#liveness.away()
    this.#timeouts.clear()
    const frames: Frames = new Map()
    for (const reader of this.readers) {
      reader.hasBegun()
      this.#send(reader, [endBody], frames)
    }
    this.readers.clear()
    this.#ports.keep(-this.characters, -this.workers)
  }

  #hear(task: string, json: ReadPresence['json'], said: Presence): boolean {
    const { worker_id: id } = said
    const before = this.#workers.get(id)
    if (before === undefined && said.state === 'gone') return true
    const words = this.#words.get(id) ?? new Words()
    const sizeBefore = before === undefined ? 0 : words.size
    const news = words.say(task, json, said)
    const worker = workerOf(said, task, before, this.#ports.clock.steady())
    this.#words.set(id, words)
    this.#workers.set(id, worker)
    const isKept = this.#ports.keep(words.size - sizeBefore, before === undefined ? 1 : 0)
    this.#liveness.heard(worker)
    for (const other of this.#names.named(worker, before)) this.#liveness.suspect(this.#workers.get(other))
    const wasLate = this.#expectBeat(worker)
    if (!words.isAnnounced(task) && said.state !== 'gone') this.#askWho(task, id)
    const isTurn = wasLate || isThere(worker) !== (before !== undefined && isThere(before))
    if (isTurn || news !== 'nothing') this.#tell(id, news === 'all' ? task : undefined, news === 'all' || isTurn)
    // Pages that came while it was gone do not know it
    if (before?.state === 'gone' && said.state !== 'gone') for (const one of words.tasks) this.#tell(id, one, true)
    return isKept
  }

  /** Beats of that time were not heard: no worker is late for them. */
  #stoodStill(): void {
    this.#liveness.stoodStill()
    for (const worker of this.#workers.values()) {
      if (!this.#late.has(worker.worker_id)) this.#expectBeat(worker)
    }
  }

  /** @returns whether this one was late */
  #expectBeat({ worker_id: id, state, interval_ms }: WorkerInfo): boolean {
    const wasLate = this.#late.delete(id)
    this.#timeouts.delete(`late ${id}`)
    if (state === 'gone') return wasLate
    this.#timeouts.set(`late ${id}`, lateAfterBeats * Math.min(600_000, Math.max(100, interval_ms)), () => {
      this.#late.add(id)
      this.#tell(id, undefined, true)
    })
    return wasLate
  }

  /** @param task of which all is news; `undefined`: the counts alone are */
  #tell(id: string, task: string | undefined, isSoon: boolean): void {
    const tasks = this.#news.get(id) ?? new Set()
    if (task !== undefined) tasks.add(task)
    this.#news.set(id, tasks)
    this.#snapshot = undefined
    this.#flushIn(isSoon ? soonMs : countsMs)
  }

  #tellOther(task: string, json: unknown): void {
    if (this.#others.length >= maxOthers) return
    this.#others.push(itemOf(task, 0, json))
    this.#flushIn(countsMs)
  }

  #flushIn(ms: number): void {
    const due = this.#timeouts.remaining('flush')
    if (due === undefined || due > ms) this.#timeouts.set('flush', ms, () => this.#flush())
  }

  #flush(): void {
    const items = [...this.#news].flatMap(([id, tasks]) => this.#takeNews(id, tasks))
    items.push(...this.#others)
    this.#news.clear()
    this.#others = []
    const bodies = bodiesOf(items, false)
    const frames: Frames = new Map()
    for (const reader of this.readers) {
      if (reader.isFull()) reader.isBehind ||= items.length > 0
      else if (reader.isBehind) this.#sendSnapshot(reader)
      else if (items.length > 0) this.#send(reader, bodies, frames)
      if (reader.isBehind) this.#flushIn(countsMs)
    }
  }

  #items(id: string, tasks: Iterable<string>): string[] {
    const words = this.#words.get(id)
    return words === undefined ? [] : [...tasks].map(task => itemOf(task, this.#silentMs(id), words.allOf(task)))
  }

  /** Of a worker, in the tasks of which all is news; where there are none, the facts that changed. */
  #takeNews(id: string, tasks: ReadonlySet<string>): string[] {
    const changed = this.#words.get(id)?.takeChanged()
    if (changed === undefined || tasks.size > 0) return this.#items(id, tasks)
    return [changedItemOf(id, this.#silentMs(id), changed)]
  }

  /** 0 unless its beat is late, or it is gone. */
  #silentMs(id: string): number {
    const worker = this.#workers.get(id)
    if (worker === undefined || !(this.#late.has(id) || worker.state === 'gone')) return 0
    return Math.ceil(this.#ports.clock.steady() - worker.last_seen_at)
  }

  #sendSnapshot(reader: Reader): void {
    reader.isBehind = false
    const at = this.#ports.clock.steady()
    // Many pages may come at once. How long a worker was silent is as old as the snapshot
    if (this.#snapshot === undefined || at - this.#snapshot.at > countsMs) {
      const items = [...this.#words].flatMap(([id, words]) => this.#items(id, words.tasks))
      for (const words of this.#words.values()) words.toldApart()
      this.#snapshot = { bodies: bodiesOf(items, true), frames: new Map(), at }
    }
    // Pages that come back at once wait for the same bytes
    this.#send(reader, this.#snapshot.bodies, this.#snapshot.frames, maxWritten)
    reader.hasBegun()
  }

  /** @param frames those of these bodies that were written before, and are added to, up to `most` */
  #send(reader: Reader, bodies: readonly string[], frames: Frames, most = Number.POSITIVE_INFINITY): void {
    const key = `${reader.version} ${reader.subscription}`
    const written = frames.get(key) ?? bodies.map(body => reader.write(this.destination, ++this.#messages, body))
    if (frames.size < most) frames.set(key, written)
    for (const frame of written) reader.send(frame)
  }

  /** A beat says neither runtime nor schema. */
  #askWho(task: string, id: string): void {
    const asked = this.#asked.get(id) ?? 0
    if (asked >= maxAsked || this.#timeouts.has(`asked ${task}`)) return
    this.#asked.set(id, asked + 1)
    this.#timeouts.set(`asked ${task}`, askEveryMs, () => {})
    this.#ports.ping(task).catch(() => {}) // its connection is lost, and this topic with it
  }

  #onGone(worker: WorkerInfo): void {
    this.#expectBeat(worker)
    this.#workers.set(worker.worker_id, worker)
    const words = this.#words.get(worker.worker_id)
    const sizeBefore = words?.size ?? 0
    words?.leave()
    this.#ports.keep((words?.size ?? 0) - sizeBefore, 0)
    this.#tell(worker.worker_id, undefined, true)
  }

  #forget(id: string): void {
    this.#ports.keep(-(this.#words.get(id)?.size ?? 0), -1)
    this.#names.remove(this.#workers.get(id))
    this.#workers.delete(id)
    this.#words.delete(id)
    this.#asked.delete(id)
    this.#snapshot = undefined
  }
}

const isThere = ({ state }: WorkerInfo): boolean => state === 'idle' || state === 'busy'

interface ReadPresence {
  readonly json: Readonly<Record<string, unknown>>
  /** `undefined` for a type that this version does not know. */
  readonly said: Presence | undefined
}

function readPresence(task: string, body: string): ReadPresence | 'unreadable' {
  try {
    const json = parseJson(body, 'presence message')
    const said = presenceIn(json)
    const isOfAnother = said !== undefined && 'task' in said && said.task !== task
    return isOfAnother ? 'unreadable' : { json: json as Record<string, unknown>, said }
  } catch {
    return 'unreadable'
  }
}
