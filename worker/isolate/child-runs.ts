/** A child as the worker sees it: whether it has loaded, the run that it has, and how that ends, also where the child dies of it. */
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
}

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
  #hasEnded = false
  /** Why its module could not be loaded, before it ends for that. */
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
      onMessage: message => this.#heard(message),
      onEnd: how => this.#end(how),
    })
    this.#child.send({ is: 'load', module, survivesUncaughtErrors })
  }

  /** Runs a job in it, once it has loaded. One at a time. Never rejects. */
  async run(job: IsolatedJob): Promise<RunEnd | Died> {
    const run = ++this.#runs
    const current: Current = { run, job, end: Promise.withResolvers(), hasBegun: false }
    if (this.#hasEnded) return { is: 'died', how: await this.ended, hasBegun: false }
    this.#current = current
    const { task, request_id, attempt, losses, tags, input, signal } = job
    const limit = limitOf(job)
    this.#child.send({ is: 'run', run, task, request_id, attempt, losses, tags, input, limit })
    const onAbort = (): void => this.#stop(current)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    const end = await current.end.promise
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

  #heard(message: FromChild): void {
    switch (message.is) {
      case 'loaded':
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
    if (message.is === 'begun') current.hasBegun = true
    else if (message.is === 'reply') current.job.send(message.fields)
    else if (message.is === 'drain') void this.#drain(current)
    else if (message.is === 'problem') current.job.problem(message.message, message.error && new Error(message.error))
    else {
      this.#current = undefined
      current.end.resolve(message.end)
    }
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

const limitOf = ({ maxCharacters, whyNoMore }: IsolatedJob): PayloadLimit => ({
  maxCharacters: maxCharacters(),
  why: whyNoMore?.(),
})
