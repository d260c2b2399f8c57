/**
 * The children of a worker, in which isolated tasks run. A child that a run left as it was takes the next one. Of each kind and
 * module one waits, so that a job need not wait for its start; others end once they had nothing to do for a while.
 *
 * tinypool, piscina and poolifier are pools for Node's threads (tinypool for its processes, too). Their unit is one call with one
 * result, whose signal ends the thread: nothing of it could be told that it is to stop, and nothing sent meanwhile. A list
 * of idle children remains, which is here.
 */
import type { Clock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/mod.ts'
import type { Implementation } from '../implement.ts'
import { type RunEnd, withoutSecrets } from '../run/attempt.ts'
import { ChildRuns, type Died, type IsolatedJob, loadMs } from './child-runs.ts'
import type { IsolateKind, StartChild } from './port.ts'

/** How long a child may wait for a job, unless it is the only one of its pool. */
const idleMs = 60_000
/** How long a child that is to end may take to do so by itself. */
const closeMs = 1_000
/** How long one that is killed may take: a thread ends once its native code returns. */
const killMs = 3_000

export interface IsolatesPorts {
  readonly clock: Clock
  readonly startChild?: StartChild | undefined
  readonly implementations: ReadonlyMap<string, Implementation>
  readonly survivesUncaughtErrors: boolean
  /** Something was thrown in a child where nobody waits for it. */
  uncaught(error: Error): void
}

/** A run in a child. */
export interface IsolatedAttempt {
  /** Never rejects. A child that died of it is a failed run. */
  readonly ended: Promise<RunEnd>
  /** Ends it, also while it computes. @returns whether nothing of it goes on */
  kill(): Promise<boolean>
}

interface Isolated extends Implementation {
  readonly isolate: IsolateKind
  readonly module: string | URL
}

interface Pool {
  readonly of: Isolated
  readonly tasks: string[]
  /** The one that ran last is the last. */
  readonly idle: { readonly child: ChildRuns; readonly since: number }[]
}

export class Isolates {
  readonly #ports: IsolatesPorts
  /** By task. */
  readonly #pools = new Map<string, Pool>()
  readonly #children = new Set<ChildRuns>()
  #stopSweep: (() => void) | undefined
  #isStopped = false

  constructor(ports: IsolatesPorts) {
    this.#ports = ports
    const byKey = new Map<string, Pool>()
    for (const [name, one] of ports.implementations) {
      if (one.isolate === undefined) continue
      const of = checked(one, ports.startChild)
      const key = JSON.stringify([of.isolate, String(of.module), of.memoryMb, of.flags])
      const pool = byKey.get(key) ?? { of, tasks: [], idle: [] }
      byKey.set(key, pool)
      pool.tasks.push(name)
      this.#pools.set(name, pool)
    }
  }

  /**
   * Starts a child for each module.
   * @throws {DroverError} `config_invalid` where a module does not load, or lacks a task
   */
  async start(): Promise<void> {
    try {
      await Promise.all([...new Set(this.#pools.values())].map(pool => this.#warm(pool)))
    } catch (error) {
      if (this.#isStopped) return // told to end meanwhile, which its connection says
      await this.stop()
      throw error
    }
  }

  /** Runs a job of an isolated task. */
  run({ task }: Implementation, job: IsolatedJob, schema: unknown): IsolatedAttempt {
    const pool = this.#pools.get(task.name)!
    let child = this.#take(pool)
    let isOver = false
    const runIn = async (): Promise<RunEnd> => {
      let end = await child.run(job)
      isOver ||= this.#isStopped || job.signal.aborted
      if (end.is === 'died' && !end.hasBegun && !isOver) {
        child = this.#start(pool) // one that waited may have died long before
        end = await child.run(job)
      }
      if (end.is !== 'died') this.#release(pool, child)
      else if (end.hasBegun && pool.idle.length === 0 && !this.#isStopped) this.#release(pool, this.#start(pool))
      return end.is === 'died' ? withoutSecrets(failed(pool.of, end), job.input, schema) : end
    }
    const kill = (): Promise<boolean> => {
      isOver = true
      return this.#kill(child)
    }
    return { ended: runIn(), kill }
  }

  /** Ends all children. Never rejects. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#stopSweep?.()
    await Promise.all([...this.#children].map(child => this.#close(child)))
  }

  async #warm(pool: Pool): Promise<void> {
    const { clock } = this.#ports
    const child = this.#start(pool)
    const late = Promise.withResolvers<never>()
    const { module } = pool.of
    const stop = clock.timer(loadMs, () =>
      late.reject(new DroverError('config_invalid', `${module} was not loaded within ${loadMs / 1_000} s`)),
    )
    const found = await Promise.race([child.loaded, late.promise]).finally(stop)
    const missing = pool.tasks.find(task => !found.includes(task))
    if (missing === undefined) return this.#release(pool, child)
    const remedy = 'export it by itself or in a list, such as "tasks"'
    throw new DroverError('config_invalid', `${module} exports no implementation of task "${missing}"; ${remedy}`)
  }

  #take(pool: Pool): ChildRuns {
    return pool.idle.pop()?.child ?? this.#start(pool)
  }

  #start(pool: Pool): ChildRuns {
    const { clock, startChild, survivesUncaughtErrors, uncaught } = this.#ports
    const { isolate: kind, module, memoryMb, flags } = pool.of
    const child = new ChildRuns({
      kind,
      memoryMb,
      flags,
      module: String(module),
      survivesUncaughtErrors,
      start: startChild!,
      clock,
      uncaught: error => {
        uncaught(error)
        if (forget(pool, child)) void this.#close(child)
      },
      ended: one => {
        this.#children.delete(one)
        forget(pool, one)
      },
    })
    this.#children.add(child)
    return child
  }

  #release(pool: Pool, child: ChildRuns): void {
    if (child.isBroken || this.#isStopped) return void this.#close(child)
    const { clock } = this.#ports
    pool.idle.push({ child, since: clock.steady() })
    this.#stopSweep ??= clock.timer(idleMs, () => this.#sweep())
  }

  #sweep(): void {
    const { clock } = this.#ports
    const until = clock.steady() - idleMs
    for (const { idle } of new Set(this.#pools.values())) {
      while (idle.length > 1 && idle[0]!.since <= until) void this.#close(idle.shift()!.child)
    }
    const isMore = [...this.#pools.values()].some(({ idle }) => idle.length > 1)
    this.#stopSweep = isMore ? clock.timer(idleMs, () => this.#sweep()) : undefined
  }

  async #close(child: ChildRuns): Promise<void> {
    child.close()
    if (!(await this.#endsWithin(child, closeMs))) await this.#kill(child)
  }

  async #kill(child: ChildRuns): Promise<boolean> {
    child.kill()
    return await this.#endsWithin(child, killMs)
  }

  async #endsWithin(child: ChildRuns, ms: number): Promise<boolean> {
    const late = Promise.withResolvers<boolean>()
    const stop = this.#ports.clock.timer(ms, () => late.resolve(false))
    const hasEnded = await Promise.race([child.ended.then(() => true), late.promise])
    stop()
    return hasEnded
  }
}

/** Has no run given to a child that waits for one. @returns whether it waited */
function forget({ idle }: Pool, one: ChildRuns): boolean {
  const at = idle.findIndex(({ child }) => child === one)
  if (at >= 0) idle.splice(at, 1)
  return at >= 0
}

/** @throws {DroverError} `config_invalid` for an isolated task whose code a child would not find, or that no child can run here */
function checked(one: Implementation, startChild: StartChild | undefined): Isolated {
  const { isolate, module, task } = one
  const isolated = `Task "${task.name}" is to run in a ${isolate} of its own`
  if (startChild === undefined)
    throw new DroverError('config_invalid', `${isolated}, which this runtime does not start`)
  if (isolate !== undefined && module !== undefined && URL.canParse(String(module))) return { ...one, isolate, module }
  const found = module === undefined ? 'which has to find its code' : `and its module is "${module}", which is no URL`
  const remedy = `give implement(task, run, { isolate: '${isolate}', module: import.meta.url }), and export the result`
  throw new DroverError('config_invalid', `${isolated}, ${found}: ${remedy}`)
}

function failed({ isolate, task }: Isolated, { how, hasBegun }: Died): RunEnd {
  const message = `The ${isolate} of task "${task.name}" ended ${hasBegun ? 'in the run' : 'before the run'}: ${how}`
  return { is: 'failed', error: { name: 'DroverError', code: 'isolate_died', message, retryable: true } }
}
