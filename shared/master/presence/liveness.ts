/** Which workers are still there: each owes a beat, and one that owes three is asked before it counts as gone. */
import { DroverError } from '../../contract/errors.ts'
import { isGone } from '../subscriptions.ts'
import type { Timeouts } from '../timeouts.ts'
import type { WorkerInfo } from './worker-info.ts'

const missedBeats = 3
/** How long a worker that was asked may take to answer. */
const answerMs = 500
/** How long a worker that is gone stays to be seen. */
const forgetMs = 300_000

/** @typeParam Session ends with the connection; none is asked by one of before */
export interface LivenessPorts<Session> {
  readonly timeouts: Timeouts
  /** Every worker that was heard of. */
  readonly workers: ReadonlyMap<string, WorkerInfo>
  /** Pings the workers of a task. @returns resolves once the broker has the ping */
  readonly ask: (task: string, session: Session) => Promise<void>
  /** To be noted as it is told here. */
  readonly onGone: (worker: WorkerInfo) => void
  readonly onForgotten: (workerId: string) => void
  /** Whether somebody else says when this worker is gone. */
  readonly isTold: (workerId: string) => boolean
}

export class Liveness<Session> {
  readonly #ports: LivenessPorts<Session>
  /** Pings on their way that somebody's silence has brought about, by task. */
  readonly #asking = new Map<string, Promise<void>>()
  /** Workers that are asked for their name's sake: more that come under it ask no more. */
  readonly #suspects = new Set<string>()
  #session: Session | undefined

  constructor(ports: LivenessPorts<Session>) {
    this.#ports = ports
  }

  open(session: Session): void {
    this.#session = session
    for (const worker of this.#ports.workers.values()) this.heard(worker)
  }

  away(): void {
    this.#session = undefined
    this.#asking.clear()
    for (const id of this.#ports.workers.keys()) this.#ports.timeouts.delete(`worker ${id}`)
  }

  /** Beats of that time were not heard: no worker counts as late for them. */
  stoodStill(): void {
    if (this.#session === undefined) return
    for (const worker of this.#ports.workers.values()) if (worker.state !== 'gone') this.#expectBeat(worker)
  }

  /** It said this now; a worker that says that it is gone is forgotten in a while. */
  heard(worker: WorkerInfo): void {
    if (worker.state === 'gone') {
      const { timeouts, onForgotten } = this.#ports
      timeouts.set(`worker ${worker.worker_id}`, forgetMs, () => onForgotten(worker.worker_id))
    } else this.#expectBeat(worker)
  }

  /** It may have been started again, under another id: it is asked now and not after three beats. */
  suspect(worker: WorkerInfo | undefined): void {
    if (worker === undefined || worker.state === 'gone' || this.#ports.isTold(worker.worker_id)) return
    const { worker_id: id } = worker
    if (this.#suspects.has(id)) return
    this.#suspects.add(id)
    void this.#doubt(worker).finally(() => this.#suspects.delete(id))
  }

  #expectBeat({ worker_id, interval_ms }: WorkerInfo): void {
    if (this.#ports.isTold(worker_id)) {
      this.#ports.timeouts.delete(`worker ${worker_id}`)
      return
    }
    const withinMs = missedBeats * Math.min(600_000, Math.max(100, interval_ms))
    this.#ports.timeouts.set(`worker ${worker_id}`, withinMs, () => {
      const worker = this.#ports.workers.get(worker_id)
      if (worker !== undefined) void this.#doubt(worker)
    })
  }

  /** It may be the broker that is silent: a worker is gone when a ping that the broker has confirmed finds no answer. */
  async #doubt(worker: WorkerInfo): Promise<void> {
    const { timeouts, workers, ask } = this.#ports
    const session = this.#session
    const [task] = worker.tasks
    if (session === undefined || task === undefined) return
    const isMute = (): boolean => this.#session === session && workers.get(worker.worker_id) === worker
    const asking = this.#asking.get(task) ?? ask(task, session)
    this.#asking.set(task, asking)
    try {
      await asking
    } catch (error) {
      const isUnheard = error instanceof DroverError && (isGone(error) || error.code === 'timed_out')
      if (isUnheard && isMute()) this.#expectBeat(worker)
      if (isUnheard) return
    } finally {
      if (this.#asking.get(task) === asking) this.#asking.delete(task)
    }
    if (isMute()) timeouts.set(`worker ${worker.worker_id}`, answerMs, () => this.#leave(worker))
  }

  #leave(worker: WorkerInfo): void {
    const gone: WorkerInfo = { ...worker, state: 'gone', active: 0 }
    this.heard(gone)
    this.#ports.onGone(gone)
  }
}
