/** Workers and tasks as presence tells of them, live. Reads the presence of every task that the session may dispatch. */
import type { ReactiveControllerHost } from 'lit'
import type { Grants } from '../../shared/contract/mod.ts'
import type { Change, Master, TaskInfo, WorkerInfo } from '../../shared/master/mod.ts'
import { LiveView } from './live-view.ts'
import type { MasterController } from './master.ts'

/** Every worker has spoken by then: those of a named task answer a ping, the others are heard at their next beat. */
const settledMs = { named: 1_500, every: 6_000 }

export class WorkersController extends LiveView {
  readonly #task: () => string | undefined
  #workers: readonly WorkerInfo[] = []
  #tasks: readonly TaskInfo[] = []
  #settlesAt: number | undefined
  #stopTimer: (() => void) | undefined

  /** @param task the one task to watch, asked at each render. Default: every task that the grants allow */
  constructor(
    host: ReactiveControllerHost,
    source: MasterController,
    task: () => string | undefined = () => undefined,
  ) {
    super(host, source)
    this.#task = task
  }

  /** By name, those that are gone last. */
  get workers(): readonly WorkerInfo[] {
    return this.#workers
  }

  /** By name. */
  get tasks(): readonly TaskInfo[] {
    return this.#tasks
  }

  /** One task, as presence tells of it; absent while it is not watched. */
  taskInfo(task: string): TaskInfo | undefined {
    return this.#tasks.find(one => one.task === task)
  }

  /** Every worker has had the time to speak. The widget renders again when it becomes true. */
  get isSettled(): boolean {
    return this.#settlesAt !== undefined && this.source.clock.steady() >= this.#settlesAt
  }

  /** Nobody has been heard of, and may yet be. */
  get isLooking(): boolean {
    return !this.isSettled && !this.#isAnyoneThere
  }

  /** It is settled, and nobody is there. */
  get isDeserted(): boolean {
    return this.isSettled && !this.#isAnyoneThere
  }

  get #isAnyoneThere(): boolean {
    const task = this.#task()
    return this.#workers.some(({ state, tasks }) => state !== 'gone' && (task === undefined || tasks.includes(task)))
  }

  override hostDisconnected(): void {
    super.hostDisconnected()
    this.#settle(undefined)
  }

  hostUpdate(): void {
    const { master } = this.source
    if (master !== undefined) this.#watch(master)
  }

  protected concerns({ type }: Change): boolean {
    return type === 'workers' || type === 'connection'
  }

  protected renew(master: Master | undefined): void {
    this.#workers = [...(master?.workers.values() ?? [])].sort(byPresenceAndName)
    this.#tasks = [...(master?.tasks ?? [])].sort((a, b) => compare(a.task, b.task))
    if (master === undefined) this.#settle(undefined)
    else this.#watch(master)
  }

  #watch(master: Master): void {
    const { connection } = master
    if (connection.at !== 'open') {
      this.#settle(undefined)
      return
    }
    const task = this.#task()
    const watched = task ? [task] : watchable(connection.session.grants)
    for (const one of watched) master.watch(one)
    if (this.#settlesAt === undefined) this.#settle(watched.includes('*') ? settledMs.every : settledMs.named)
  }

  /** @param inMs from now; absent while there is no connection */
  #settle(inMs: number | undefined): void {
    const { clock } = this.source
    this.#stopTimer?.()
    this.#settlesAt = inMs === undefined ? undefined : clock.steady() + inMs
    if (inMs !== undefined) this.#stopTimer = clock.timer(inMs + 1, () => this.host.requestUpdate())
  }
}

/** The presence that may be read: all of it, or that of the tasks that the grants name one by one. */
function watchable(grants: Grants | undefined): readonly string[] {
  if (grants === undefined || grants.workers) return ['*']
  const patterns = [...grants.dispatch, ...grants.broadcast]
  if (patterns.includes('*')) return ['*']
  return patterns.filter(pattern => !pattern.endsWith('*'))
}

function byPresenceAndName(a: WorkerInfo, b: WorkerInfo): number {
  const gone = Number(a.state === 'gone') - Number(b.state === 'gone')
  return gone || compare(a.name, b.name) || compare(a.worker_id, b.worker_id)
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
