/** The workers of a storm: each is killed, stopped or drained now and then, and started again under its name. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Place } from '../jobs/place.ts'
import { within } from '../jobs/until.ts'
import type { Runtime, WorkerProcess } from '../jobs/worker-process.ts'
import type { Random } from './random.ts'

interface Post {
  readonly name: string
  readonly runtime: Runtime
  /** Absent while it is between two. */
  worker: WorkerProcess | undefined
}

export class Crew {
  readonly #place: Place
  readonly #posts: Post[]
  /** What goes on beside the storm; the first failure ends the test. */
  readonly #changes: Promise<void>[] = []

  constructor(place: Place, posts: readonly { readonly name: string; readonly runtime: Runtime }[]) {
    this.#place = place
    this.#posts = posts.map(post => ({ ...post, worker: undefined }))
  }

  async start(): Promise<void> {
    await Promise.all(this.#posts.map(post => this.#start(post)))
  }

  /** With -9, and starts it again. @returns what was done */
  kill(random: Random): string {
    return this.#replace(random, 'kill -9', worker => worker.kill())
  }

  /** By SIGTERM, and starts it again. @returns what was done */
  drain(random: Random): string {
    return this.#replace(random, 'SIGTERM', drain)
  }

  /** For a while. @returns what was done */
  stop(random: Random): string {
    const post = this.#present(random)
    const ms = random.whole(200, 2500)
    if (post?.worker === undefined) return 'nobody to stop'
    const { worker } = post
    worker.signal('SIGSTOP')
    this.#keep(
      delay(ms).then(() => {
        if (worker.isRunning) worker.signal('SIGCONT')
      }),
    )
    return `SIGSTOP ${post.name} for ${ms} ms`
  }

  /** Resolves when everyone is back at work. */
  async settled(): Promise<void> {
    await Promise.all(this.#changes)
  }

  /** Drains everyone, and gives what they wrote. */
  async dismiss(): Promise<string> {
    await this.settled()
    const workers = this.#posts.flatMap(({ worker }) => worker ?? [])
    await Promise.all(workers.map(drain))
    return workers.map(worker => worker.log()).join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#changes)
    await Promise.all(this.#posts.map(async ({ worker }) => await worker?.[Symbol.asyncDispose]()))
  }

  #replace(random: Random, how: string, end: (worker: WorkerProcess) => Promise<void>): string {
    const post = this.#present(random)
    if (post?.worker === undefined) return `nobody to ${how}`
    const { worker } = post
    post.worker = undefined
    this.#keep(
      (async () => {
        await end(worker)
        await this.#start(post)
      })(),
    )
    return `${how} ${post.name}`
  }

  #present(random: Random): Post | undefined {
    const present = this.#posts.filter(({ worker }) => worker !== undefined)
    return present.length === 0 ? undefined : random.pick(present)
  }

  async #start(post: Post): Promise<void> {
    post.worker = await this.#place.worker(post.runtime, post.name, { concurrency: 3 })
  }

  #keep(change: Promise<void>): void {
    change.catch(() => {}) // told by whoever waits for all of them
    this.#changes.push(change)
  }
}

/** SIGTERM, after which a worker ends by itself and says so. */
async function drain(worker: WorkerProcess): Promise<void> {
  worker.signal('SIGCONT')
  worker.signal('SIGTERM')
  await within(`${worker.name} has drained`, worker.ended, { timeoutMs: 60_000, evidence: () => worker.log() })
  if (!/^closed$/m.test(worker.log())) throw new Error(`${worker.name} ended badly:\n${worker.log().slice(-3000)}`)
}
