/**
 * Keeps the job memory on disk. Changes are noted, and written in groups. Where that fails the worker goes on in memory, and all
 * of it is written once that works again. Promises 1 and 6.
 */
import type { Clock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/mod.ts'
import type { Seal } from '../../shared/seal/mod.ts'
import type { EndedJob, JobMemory, JobMemoryListener } from './job-memory.ts'
import { endedJob, keptJob, leftMs, untilAt } from './kept-job.ts'
import type { KeptCancel, KeptJob, StateChanges, StateDisk } from './state-disk.ts'

export interface KeptMemoryPorts {
  readonly disk: StateDisk
  readonly memory: JobMemory
  readonly clock: Clock
  readonly seal?: Seal | undefined
  problem(message: string, error?: unknown): void
}

/** How long a change may wait without which a job is answered once more than it has to be. */
const lingerMs = 100
/** How soon the disk is tried again after a failure; twice as long each time. */
const firstRetryMs = 1_000
const longestRetryMs = 60_000

export class KeptMemory implements JobMemoryListener {
  readonly #ports: KeptMemoryPorts
  /** The rows on disk, each with the job that was written there. */
  readonly #rows = new Map<string, { readonly row: number; readonly ended: EndedJob }>()
  /** What the file had, until it is claimed. */
  #found:
    | {
        readonly jobs: readonly { row: number; kept: KeptJob; ended: EndedJob }[]
        readonly cancels: readonly KeptCancel[]
      }
    | undefined
  #namespace: string | undefined
  #isPlaceDue = false
  #jobs = new Set<string>()
  #cancels = new Set<string>()
  #lastRow = 0
  #isAwaitingTurn = false
  #isClosed = false
  #failures = 0
  #stopTimer: (() => void) | undefined

  /** Reads all that is kept. @throws {DroverError} `store_failed` */
  constructor(ports: KeptMemoryPorts) {
    this.#ports = ports
    const { namespace, jobs, cancels } = ports.disk.load()
    this.#namespace = namespace
    this.#found = { jobs: jobs.map(kept => ({ row: kept.row, kept, ended: this.#endedJob(kept) })), cancels }
  }

  /**
   * Loads all that is kept into the memory, and keeps what comes. Called once it is known where the worker is; later calls do nothing.
   * An outcome of another namespace would be sent where nobody reads it, and could answer another job: a job with a key has
   * the same id everywhere.
   * @throws {DroverError} `config_invalid` when the file is of another namespace; nothing is loaded then
   */
  claim(namespace: string): void {
    const { disk, memory, clock } = this.#ports
    if (this.#found === undefined) return
    if (this.#namespace !== undefined && this.#namespace !== namespace) {
      const found = `${disk.file} is the state of a worker in namespace "${this.#namespace}", and this one is in "${namespace}"`
      throw new DroverError('config_invalid', `${found}; name another file, or start it there`)
    }
    const { jobs, cancels } = this.#found
    this.#found = undefined
    for (const { row, kept, ended } of jobs) {
      memory.restore(ended, kept.isUnsettled)
      this.#rows.set(ended.request_id, { row, ended })
      this.#lastRow = row
    }
    for (const { key, reason, keptAt, leftMs } of cancels)
      memory.restoreCancel(key, { reason, untilAt: untilAt(clock, keptAt, leftMs) })
    memory.listen(this)
    memory.trim(clock.steady())
    if (this.#namespace === namespace) return
    this.#namespace = namespace
    this.#isPlaceDue = true
    void this.#writeSoon()
  }

  #endedJob(kept: KeptJob): EndedJob {
    const { disk, clock, seal } = this.#ports
    try {
      return endedJob(kept, clock, seal)
    } catch (error) {
      const found = `${disk.file} is damaged: its row ${kept.row} is no job; name another file`
      throw new DroverError('store_failed', found, { cause: error })
    }
  }

  jobChanged(requestId: string, isNew: boolean): void {
    if (this.#failures > 0) return
    this.#jobs.add(requestId)
    if (isNew) void this.#writeSoon()
    else this.#writeLater(lingerMs)
  }

  cancelChanged(key: string): void {
    if (this.#failures > 0) return
    this.#cancels.add(key)
    void this.#writeSoon()
  }

  /** Writes the rest, and lets others have the file. */
  close(): void {
    if (this.#isClosed) return
    if (this.#found === undefined) this.#write()
    this.#isClosed = true
    this.#stopTimer?.()
    this.#ports.disk.close()
  }

  async #writeSoon(): Promise<void> {
    if (this.#isAwaitingTurn) return
    this.#isAwaitingTurn = true
    await this.#ports.disk.turn()
    this.#isAwaitingTurn = false
    this.#write()
  }

  #writeLater(ms: number): void {
    this.#stopTimer ??= this.#ports.clock.timer(ms, () => this.#write())
  }

  #write(): void {
    if (this.#isClosed) return
    const { disk, problem } = this.#ports
    this.#stopTimer?.()
    this.#stopTimer = undefined
    const changes = this.#failures > 0 ? this.#all() : this.#changes()
    try {
      disk.write(changes)
    } catch (error) {
      this.#rows.clear()
      if (this.#failures++ === 0)
        problem(`This worker cannot keep its memory of ended jobs in ${disk.file}, and goes on without`, error)
      this.#writeLater(Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(this.#failures - 1, 10)))
      return
    }
    if (this.#failures === 0) return
    this.#failures = 0
    problem(`This worker keeps its memory of ended jobs in ${disk.file} again`)
  }

  #all(): StateChanges {
    const { memory } = this.#ports
    this.#rows.clear()
    this.#isPlaceDue = true
    this.#jobs = new Set(memory.ids())
    this.#cancels = new Set(memory.cancels.keys())
    return { ...this.#changes(), isWhole: true }
  }

  #changes(): StateChanges {
    const { memory, clock } = this.#ports
    const jobs: KeptJob[] = []
    const settled: number[] = []
    const removed: number[] = []
    for (const id of this.#jobs) {
      const ended = memory.kept(id)
      const before = this.#rows.get(id)
      const isSettled = memory.isSettled(id)
      if (ended !== undefined && ended === before?.ended) {
        if (isSettled) settled.push(before.row)
        continue
      }
      if (before !== undefined) removed.push(before.row)
      if (ended === undefined) {
        this.#rows.delete(id)
        continue
      }
      const row = ++this.#lastRow
      this.#rows.set(id, { row, ended })
      jobs.push(keptJob(row, ended, !isSettled, clock))
    }
    this.#jobs.clear()
    const namespace = this.#isPlaceDue ? this.#namespace : undefined
    this.#isPlaceDue = false
    return { isWhole: false, namespace, jobs, settled, removed, ...this.#cancelChanges() }
  }

  #cancelChanges(): Pick<StateChanges, 'cancels' | 'uncancelled'> {
    const { memory, clock } = this.#ports
    const cancels: KeptCancel[] = []
    const uncancelled: string[] = []
    for (const key of this.#cancels) {
      const found = memory.cancels.get(key)
      if (found === undefined) uncancelled.push(key)
      else
        cancels.push({
          key,
          reason: found.reason,
          keptAt: clock.now(),
          leftMs: leftMs(found.untilAt, clock.steady()),
        })
    }
    this.#cancels.clear()
    return { cancels, uncancelled }
  }
}
