/** Workers and tasks as presence tells of them, live. Reads the presence of whatever the session may dispatch. */
import type { ReactiveControllerHost } from 'lit'
import type { Grants } from '../../shared/contract/mod.ts'
import type { Change, Master, TaskInfo, WorkerInfo } from '../../shared/master/mod.ts'
import { LiveView } from './live-view.ts'
import type { MasterController } from './master.ts'

/** Whoever is there has said so by then. */
const settledMs = 1500

export class WorkersController extends LiveView {
  readonly #task: () => string | undefined
  #workers: readonly WorkerInfo[] = []
  #tasks: readonly TaskInfo[] = []
  #watchedSince: number | undefined

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

  /** What presence says of one task; absent while it is not watched. */
  taskInfo(task: string): TaskInfo | undefined {
    return this.#tasks.find(one => one.task === task)
  }

  /** Whoever is there has had the time to say so. Does not become true by itself: ask again as time goes by. */
  get isSettled(): boolean {
    return this.#watchedSince !== undefined && Date.now() - this.#watchedSince >= settledMs
  }

  /** It is settled, and nobody is there. */
  get isDeserted(): boolean {
    if (!this.isSettled) return false
    const task = this.#task()
    return !this.#workers.some(({ state, tasks }) => state !== 'gone' && (task === undefined || tasks.includes(task)))
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
    if (master === undefined) this.#watchedSince = undefined
    else this.#watch(master)
  }

  #watch(master: Master): void {
    const { connection } = master
    if (connection.at !== 'open') {
      this.#watchedSince = undefined
      return
    }
    this.#watchedSince ??= Date.now()
    const task = this.#task()
    for (const one of task ? [task] : watchable(connection.session.grants)) master.watch(one)
  }
}

/** What presence may be read: all of it, or that of the tasks that the grants name one by one. */
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
