/** A child as the worker sees it: whether it has loaded, the run that it has, and how that ends, also where the child dies of it. */
import type { Clock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/mod.ts'
import type { Stopped } from '../held-job.ts'
import type { RunEnd } from '../run/attempt.ts'
import type { JobContextPorts } from '../run/job-context.ts'
import { type FromChild, type PayloadLimit, stopNumber } from './messages.ts'
import type { Child, ChildOptions, StartChild } from './port.ts'

/** A job for a child. Its replies and its words go on from here as those of any run do. */
export interface IsolatedJob extends Omit<JobContextPorts, 'clock'> {
  readonly input: unknown
  /** Why its signal aborted. */
  stopped(): Stopped | undefined
}

export interface ChildRunsPorts extends Pick<ChildOptions, 'kind' | 'memoryMb' | 'flags'> {
  readonly module: string
  readonly survivesUncaughtErrors: boolean
  readonly start: StartChild
  readonly clock: Pick<Clock, 'timer'>
  /** It is gone. */
  ended(child: ChildRuns): void
  uncaught(error: Error): void
}

/** A run whose child has ended. `hasBegun`: so that its code may have. */
export interface Died {
  readonly is: 'died'
  readonly how: string
  readonly hasBegun: boolean
}

interface Current {
  readonly run: number
  readonly job: IsolatedJob
  readonly end: PromiseWithResolvers<RunEnd | Died>
  hasBegun: boolean
  stopTimer(): void
}

/** How long a module may take to load. */
export const loadMs = 60_000
/** How long a child that has loaded may take to begin a run. */
const beginMs = 3_000
const unreadMs = 100

export class ChildRuns {
  /** The tasks that its module implements; rejects where that cannot be loaded. Never unhandled. */
  readonly loaded: Promise<readonly string[]>
  /** Resolves with how it ended. */
  readonly ended: Promise<string>
  /** Something that its runs left behind went wrong: no other job is to run in it. */
  isBroken = false
  readonly #ports: ChildRunsPorts
  readonly #loaded = Promise.withResolvers<readonly string[]>()
  readonly #ended = Promise.withResolvers<string>()
  readonly #child: Child
  #current: Current | undefined
  #runs = 0
  #isLoaded = false
  #hasEnded = false
  /** Why it ends, where that is known before it does. */
  #reason: string | undefined

  constructor(ports: ChildRunsPorts) {
    const { kind, memoryMb, flags, module, survivesUncaughtErrors } = ports
    this.#ports = ports
    this.loaded = this.#loaded.promise
    this.loaded.catch(() => {})
    this.ended = this.#ended.promise
    this.#child = ports.start({
      kind,
      memoryMb,
      flags,
      onMessage: message => this.#hear(message),
      onEnd: how => this.#end(how),
    })
    this.#child.send({ is: 'load', module, survivesUncaughtErrors })
  }

  /** Runs a job in it, once it has loaded. One at a time. Never rejects. */
  async run(job: IsolatedJob): Promise<RunEnd | Died> {
    const run = ++this.#runs
    const current: Current = { run, job, end: Promise.withResolvers(), hasBegun: false, stopTimer() {} }
    if (this.#hasEnded) return { is: 'died', how: await this.ended, hasBegun: false }
    this.#current = current
    const { task, request_id, attempt, losses, tags, trace, input, signal } = job
    const limit = limitOf(job)
    this.#child.send({ is: 'run', run, task, request_id, attempt, losses, tags, trace, input, limit })
    this.#awaitBegin(current)
    const onAbort = (): void => this.#stop(current)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    const end = await current.end.promise
    current.stopTimer()
    signal.removeEventListener('abort', onAbort)
    return end
  }

  /** Ends it, also while its code computes. */
  kill(): void {
    if (!this.#hasEnded) this.#child.kill()
  }

  /** Has it end by itself. */
  close(): void {
    if (!this.#hasEnded) this.#child.send({ is: 'close' })
  }

  #stop({ run, job }: Current): void {
    const stopped = job.stopped()
    if (stopped === undefined) return
    this.#child.raise(run, stopNumber(stopped.why))
    this.#child.send({ is: 'stop', run, stopped })
  }

  /** The code of a task can say anything in its child's name. */
  #hear(message: FromChild): void {
    try {
      this.#heard(message)
    } catch (error) {
      this.#endFor(`it said something that cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  #endFor(reason: string): void {
    this.#reason ??= reason
    this.kill()
  }

  #heard(message: FromChild): void {
    switch (message.is) {
      case 'loaded':
        this.#isLoaded = true
        this.#loaded.resolve(message.tasks)
        return
      case 'unloadable':
        this.#reason = message.reason
        return
      case 'uncaught':
        this.isBroken = true
        this.#ports.uncaught(Object.assign(new Error(message.message), { stack: message.stack ?? '' }))
        return
    }
    const current = this.#current
    if (current === undefined || message.run !== current.run) return // of a run that is over
    if (message.is === 'begun') this.#begun(current)
    else if (message.is === 'reply') current.job.send(message.fields)
    else if (message.is === 'drain') void this.#drain(current)
    else if (message.is === 'problem') current.job.problem(message.message, message.error && new Error(message.error))
    else if (message.is === 'end' && isRunEnd(message.end)) {
      this.#current = undefined
      current.end.resolve(message.end)
    } else throw new TypeError(message.is)
  }

  #begun(current: Current): void {
    current.hasBegun = true
    current.stopTimer()
  }

  /**
   * Ends a child that does not begin a run: code of an earlier one computes on in it, heeds no message or was stopped, or it does not
   * load.
   */
  #awaitBegin(current: Current): void {
    const { clock } = this.#ports
    const ms = this.#isLoaded ? beginMs : loadMs
    const why = this.#isLoaded ? 'did not begin the run' : 'was not loaded'
    current.stopTimer = clock.timer(ms, () => {
      // Where this process stood still meanwhile, the word is there, and yet to be read.
      current.stopTimer = clock.timer(unreadMs, () => this.#endFor(`it ${why} within ${ms / 1_000} s`))
    })
  }

  async #drain({ run, job }: Current): Promise<void> {
    await job.drained()
    if (this.#current?.run === run && !this.#hasEnded) this.#child.send({ is: 'drained', run, limit: limitOf(job) })
  }

  #end(how: string): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const reason = this.#reason ?? how
    this.#loaded.reject(new DroverError('config_invalid', `Cannot load ${this.#ports.module}: ${reason}`))
    this.#current?.end.resolve({ is: 'died', how: reason, hasBegun: this.#current.hasBegun })
    this.#current = undefined
    this.#ended.resolve(how)
    this.#ports.ended(this)
  }
}

function isRunEnd(end: Partial<RunEnd> | undefined): end is RunEnd {
  if (end?.is === 'failed') return typeof end.error?.message === 'string'
  return end?.is === 'done' || (end?.is === 'rejected' && Array.isArray(end.issues))
}

const limitOf = ({ maxCharacters, whyNoMore }: IsolatedJob): PayloadLimit => ({
  maxCharacters: maxCharacters(),
  why: whyNoMore?.(),
})
