/** Notes each change, and has batch after batch written, one at a time. `port.ts` has the reasons. */
import type { Clock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/errors.ts'
import type { Entry, LoadedEntry } from '../entry.ts'
import { contentOf, type Message } from '../message.ts'
import { Batch } from './batch.ts'
import { KeptMessages } from './kept-messages.ts'
import type { Disk, KeptDurable, KeptMessage, RowState } from './port.ts'
import { Reads, retryMs } from './reads.ts'

export interface JournalOptions {
  readonly disk: Disk
  readonly clock: Clock
  /** The disk failed, with the reason for people; or it works again. */
  readonly onState: (failure: DroverError | undefined) => void
}

/** Bytes of kept messages that stay in memory; those of others are read again when they are handed out. */
const windowBytes = 16 * 1_048_576
/** How long a change may wait that nobody waits for. */
const lingerMs = 20
export class Journal {
  /** Grows with each change. */
  changes = 0
  readonly #disk: Disk
  readonly #clock: Clock
  readonly #onState: (failure: DroverError | undefined) => void
  readonly #reads: Reads
  readonly #messages = new KeptMessages()
  #batch = new Batch()
  #number = 1
  #written = 0
  #writing: { readonly batch: Batch; readonly number: number } | undefined
  #failure: DroverError | undefined
  #stopTimer: (() => void) | undefined
  #lastRow = 0
  #loadedBytes = 0

  constructor({ disk, clock, onState }: JournalOptions) {
    this.#disk = disk
    this.#clock = clock
    this.#onState = onState
    const onMended = (): void => this.#mended()
    this.#reads = new Reads({ disk, clock, onFailed: onState, onMended })
  }

  /** The batch that takes the changes of now. */
  get number(): number {
    return this.#number
  }

  /**
   * Makes sure that a message that is to be kept can be, before anything is changed.
   * @throws {DroverError} `store_failed`
   */
  check(message: Message): void {
    const isFailing = this.#failure !== undefined || this.#reads.areFailing
    if (!isFailing || !this.keeps(message)) return
    const failure: DroverError | undefined = this.#failure ?? this.#reads.failureAt(message.route)
    if (failure) throw failure
  }

  /** Whether a message is to outlive the broker; a topic's may have no place that is kept. */
  keeps({ mayBeDropped, destination, delayMs }: Message): boolean {
    return !mayBeDropped && (destination.kind === 'queue' || (destination.kind === 'topic' && delayMs > 0))
  }

  /** Rows up to this one are there already. */
  startAfter(row: number): void {
    this.#lastRow = Math.max(this.#lastRow, row)
  }

  /** A message came to a place, or a delayed one is due there. */
  keep(place: string, entry: LoadedEntry): void {
    const { message, sequence, row, isRedelivered } = entry
    const state = { sequence, dueAt: undefined, isHandedOut: isRedelivered }
    if (row !== 0) this.#move(row, state)
    else if (!message.mayBeDropped) entry.row = this.#add(place, message, state)
  }

  /**
   * A message came whose delay ends at `dueAt`, ms since the epoch.
   * @returns its row; 0 where it is not kept
   */
  keepDelayed(place: string, message: Message, dueAt: number): number {
    return this.keeps(message) ? this.#add(place, message, { sequence: 0, dueAt, isHandedOut: false }) : 0
  }

  handedOut({ row, isRedelivered, sequence }: Entry): void {
    // It is marked already then
    if (row !== 0 && !isRedelivered) this.#move(row, { sequence, dueAt: undefined, isHandedOut: true })
  }

  /** It came back to its queue, marked or not. */
  cameBack({ row, isRedelivered, sequence }: Entry): void {
    if (row !== 0) this.#move(row, { sequence, dueAt: undefined, isHandedOut: isRedelivered })
  }

  /** The message is done with in this place. */
  remove({ row, bytes, message }: Pick<Entry, 'row' | 'bytes'> & { readonly message?: Message | undefined }): void {
    if (row === 0) return
    if (message?.content) this.#loadedBytes -= bytes
    this.#reads.forget(row)
    this.#batch.remove(row)
    this.#changed()
  }

  keepDurable(durable: KeptDurable): void {
    this.#batch.durables.set(durable.name, durable)
    this.#changed()
  }

  removeDurable(name: string): void {
    this.#batch.durables.set(name, undefined)
    this.#changed()
  }

  /**
   * Has a message in memory, before it is handed out.
   * @param place where it waits
   * @param retry called when it can be read, where it cannot be now
   */
  load(entry: Entry, place: string, retry: () => void): entry is LoadedEntry {
    const { message, row } = entry
    if (message) return this.loadContent(row, message, place, retry)
    const kept = this.#reads.read(row, place, retry)
    if (!kept) return false
    entry.message = this.#messages.loaded(kept, place)
    this.#loadedBytes += entry.bytes
    return true
  }

  /** The same for a message of which memory has all but its bytes. */
  loadContent(row: number, message: Message, place: string, retry: () => void = () => {}): boolean {
    if (message.content) return true
    const kept = this.#reads.read(row, place, retry)
    if (!kept) return false
    message.content = contentOf(kept.content, message.bytes)
    this.#loadedBytes += message.bytes
    return true
  }

  /** A message that only the disk has, for somebody who looks at it; `undefined` where it cannot be read. */
  peek(row: number): KeptMessage | undefined {
    try {
      return this.#disk.read(row)
    } catch {
      return undefined
    }
  }

  /** A delayed message that the disk alone has, without its bytes; `undefined` where it cannot be read now. */
  delayed(row: number): Message | undefined {
    const kept = this.#reads.read(row, 'those with a delay', () => {})
    return kept && this.#messages.message(kept, kept.destination, 1)
  }

  /** A message was handed out: its bytes are on their way, and are read again should it come back. */
  letGoBytes({ row, message, bytes }: LoadedEntry): void {
    if (!this.#isEnough(row) || !message.content) return
    message.content = undefined
    this.#loadedBytes -= bytes
  }

  /** A message waits again that was handed out: where memory has enough of others, the disk alone has it. */
  letGo(entry: Entry): void {
    const { row, message, bytes } = entry
    if (!this.#isEnough(row) || !message) return
    entry.message = undefined
    if (message.content) this.#loadedBytes -= bytes
  }

  /** Whether memory has enough of others, and the disk has this one. */
  #isEnough(row: number): boolean {
    if (row === 0 || this.#loadedBytes <= windowBytes) return false
    return !this.#batch.added.has(row) && this.#writing?.batch.added.has(row) !== true
  }

  /**
   * Calls `done` once the batch of this number is on disk, at once where it is; or with the reason why it is not.
   * Those that wait are told in the order of their calls.
   */
  whenWritten(number: number, done: (error?: Error) => void): void {
    if (number <= this.#written) done()
    else if (this.#failure) done(this.#failure)
    else if (this.#writing && number <= this.#writing.number) this.#writing.batch.waiting.push(done)
    else {
      this.#batch.waiting.push(done)
      this.#start()
    }
  }

  /**
   * Has all changes written, also where the store failed before.
   * @throws {DroverError} `store_failed` when it cannot be written
   */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#batch.waiting.push(error => (error ? reject(error) : resolve()))
      this.#start()
    })
  }

  /** Stops, without another write. */
  close(): void {
    this.#stopTimer?.()
    this.#reads.close()
    this.#disk.close()
  }

  #add(place: string, message: Message, state: RowState): number {
    const row = ++this.#lastRow
    this.#loadedBytes += message.bytes
    this.#batch.add({ row, place, message, ...state })
    this.#changed()
    return row
  }

  #move(row: number, state: RowState): void {
    this.#batch.move(row, state)
    this.#changed()
  }

  #changed(): void {
    this.changes++
    this.#startLater(lingerMs)
  }

  /** Unless it is to start by then anyway. */
  #startLater(ms: number): void {
    this.#stopTimer ??= this.#clock.timer(ms, () => this.#start())
  }

  #start(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
    if (!this.#writing) void this.#write()
  }

  async #write(): Promise<void> {
    // Taken at once, for two writes never overlap. Changes until the disk's turn still go along
    this.#writing = { batch: new Batch(), number: 0 }
    await this.#disk.turn()
    const batch = this.#batch
    this.#writing = { batch, number: this.#number++ }
    this.#batch = new Batch()
    let error: unknown
    let isWritten = true
    try {
      if (!batch.isEmpty) await this.#disk.write(batch)
    } catch (thrown) {
      error = thrown
      isWritten = false
    }
    const { number } = this.#writing
    this.#writing = undefined
    if (isWritten) this.#wrote(batch, number)
    else this.#failed(batch, error)
    if (this.#batch.waiting.length > 0) this.#start()
    else if (!this.#batch.isEmpty) this.#startLater(lingerMs)
  }

  #wrote(batch: Batch, number: number): void {
    this.#written = number
    if (this.#failure) {
      this.#failure = undefined
      this.#mended()
    }
    for (const { row, message } of batch.added.values()) {
      if (this.#loadedBytes <= windowBytes) break
      if (this.#batch.removed.has(row) || !message.content) continue
      message.content = undefined
      this.#loadedBytes -= message.bytes
    }
    for (const done of batch.waiting) done(undefined)
  }

  #failed(batch: Batch, error: unknown): void {
    const later = this.#batch
    this.#batch = new Batch(batch)
    this.#batch.follow(later)
    const failure = this.#fail(error)
    for (const done of [...batch.waiting, ...later.waiting]) done(failure)
  }

  #mended(): void {
    if (!this.#failure && !this.#reads.areFailing) this.#onState(undefined)
  }

  #fail(error: unknown): DroverError {
    const why = error instanceof Error ? error.message : String(error)
    const isNew = this.#failure === undefined
    this.#failure = new DroverError('store_failed', `The broker cannot keep messages now: ${why}`, { cause: error })
    this.#stopTimer?.()
    this.#stopTimer = undefined
    this.#startLater(retryMs)
    if (isNew) this.#onState(this.#failure)
    return this.#failure
  }
}
