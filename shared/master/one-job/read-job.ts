/**
 * One job, read along by a link to it: a token that allows nothing else. Workers are asked again and again, since nobody tells a
 * reader of news; the bridge writes the question. Design section 4.
 */
import { type Clock, systemClock } from '../../clock.ts'
import { DroverError } from '../../contract/errors.ts'
import { objectInBase64url } from '../../contract/json-values.ts'
import type { LinkedJob } from '../../contract/linked-job.ts'
import { isOutcome, type Reply } from '../../contract/mod.ts'
import { RequestId, TaskName } from '../../contract/names.ts'
import { randomId } from '../../random-id.ts'
import type { ConnectOptions } from '../../stomp/connect-options.ts'
import { jobQueryDestination } from '../../stomp/destinations.ts'
import { connectStomp, destinationsOf, type Incoming, prefetchHeaders, type StompState } from '../../stomp/mod.ts'
import { readReply } from '../replies/reply-reader.ts'

export interface ReadJobOptions
  extends Omit<ConnectOptions, 'token' | 'login' | 'passcode' | 'clientId' | 'namespace' | 'dialect'> {
  /** As `POST /token` with `job` gives it. */
  readonly token: string
  /** Ends the reading, which throws its reason. */
  readonly signal?: AbortSignal | undefined
  /** Told of each change of the connection. */
  readonly onConnection?: ((state: StompState) => void) | undefined
}

/** How often workers are asked: at first and after news, and while there are none. A bridge allows one question a second. */
const leastMs = 1_000
const mostMs = 5_000

/**
 * Reads the job of a token.
 * @throws {DroverError} `config_invalid` for one that is no link to a job
 */
export function linkedJobOf(token: string): LinkedJob {
  const claims = objectInBase64url(token.split('.')[1] ?? '')
  const { job } = (claims?.drover ?? {}) as { job?: Partial<LinkedJob> }
  const task = TaskName.safeParse(job?.task)
  const requestId = RequestId.safeParse(job?.request_id)
  if (task.success && requestId.success) return { task: task.data, request_id: requestId.data }
  throw new DroverError('config_invalid', 'This token is no link to a job; get one from POST /token with {"job":{…}}')
}

/**
 * Yields the replies of workers about one job, each once: `accepted` and its latest `progress` while it runs, and its outcome. It
 * ends once all who answer have an outcome. Log lines and partials are for the master alone. While no worker has the job, nothing
 * comes.
 * @throws {DroverError} `config_invalid` for a token that is no link; `not_authenticated` when it has ended, was revoked or has
 * no use left; `forbidden` elsewhere than at its pages; `unsupported` at a bridge without links
 * @example
 * ```ts ignore
 * for await (const reply of readJob({ url: 'wss://jobs.example/stomp', token })) {
 *   if (reply.type === 'progress') console.log(reply.percent)
 *   if (reply.type === 'result') console.log(reply.output)
 * }
 * ```
 */
export async function* readJob(options: ReadJobOptions): AsyncGenerator<Reply, void, undefined> {
  const { token, signal, onConnection, clock = systemClock, ...connecting } = options
  const { request_id } = linkedJobOf(token)
  const inbox = new Inbox(clock, signal)
  const news = new News()
  // A function would be asked again once the token is refused, and it has no other
  const stomp = connectStomp({ wakes: true, ...connecting, clock, passcode: token })
  if (onConnection !== undefined) stomp.onState(onConnection)
  try {
    const session = await stomp.opened(signal)
    if (session.features?.includes('job') !== true) {
      throw new DroverError('unsupported', 'This bridge has no links to jobs; upgrade it')
    }
    const destination = destinationsOf(session.namespace).replyOf(session.owner, `${request_id}_${randomId()}`)
    const headers = ({ dialect }: typeof session) => ({ ...dialect.replyReader, ...prefetchHeaders(dialect, 10) })
    const subscription = stomp.subscribe({ destination, headers }, message => {
      const reply = replyIn(message, request_id)
      message.ack()
      if (reply !== undefined) inbox.add(reply)
    })
    await subscription.ready
    for (let waitMs = leastMs; ; ) {
      await stomp.opened(signal)
      stomp.publishUnconfirmed({ destination: jobQueryDestination, body: '' })
      const round = { isNews: false, hasEnded: false, goesOn: false }
      for await (const reply of inbox.within(waitMs)) {
        if (isOutcome(reply)) round.hasEnded = true
        else round.goesOn = true
        if (!news.isNew(reply)) continue
        round.isNews = true
        yield reply
      }
      if (round.hasEnded && !round.goesOn) return
      waitMs = round.isNews ? leastMs : Math.min(mostMs, waitMs * 1.5)
    }
  } finally {
    await stomp.close()
  }
}

function replyIn(message: Incoming, requestId: string): Reply | undefined {
  const read = readReply(message, id => id === requestId)
  return typeof read === 'string' || read.reply.request_id !== requestId ? undefined : read.reply
}

/** Replies that came, for one reader. */
class Inbox {
  readonly #clock: Clock
  readonly #signal: AbortSignal | undefined
  readonly #replies: Reply[] = []
  #wake = (): void => {}

  constructor(clock: Clock, signal: AbortSignal | undefined) {
    this.#clock = clock
    this.#signal = signal
  }

  add(reply: Reply): void {
    this.#replies.push(reply)
    this.#wake()
  }

  /** Those that are there or come within so long. Throws the signal's reason. */
  async *within(ms: number): AsyncGenerator<Reply, void, undefined> {
    const until = this.#clock.steady() + ms
    for (;;) {
      this.#signal?.throwIfAborted()
      const reply = this.#replies.shift()
      const left = until - this.#clock.steady()
      if (reply !== undefined) yield reply
      else if (left > 0) await this.#wait(left)
      else return
    }
  }

  async #wait(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    const stop = this.#clock.timer(ms, resolve)
    const onAbort = (): void => resolve()
    this.#signal?.addEventListener('abort', onAbort)
    await promise
    stop()
    this.#signal?.removeEventListener('abort', onAbort)
  }
}

/** The last word of each worker, since it says the same when it is asked again. */
class News {
  readonly #said = new Map<string, string>()

  isNew(reply: Reply): boolean {
    const { seq: _, at: _at, ...said } = reply
    const of = `${reply.worker_id} ${reply.attempt} ${isOutcome(reply) ? 'outcome' : reply.type}`
    const text = JSON.stringify(said)
    if (this.#said.get(of) === text) return false
    this.#said.set(of, text)
    return true
  }
}
