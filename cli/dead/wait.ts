/** Waits for the outcomes of retries, by the events of their tasks: their replies go to the masters that dispatched the jobs. */
import { DroverError, type EventType, parseEvent } from 'drover/contract'
import type { DeadLetter } from 'drover/master'
import { destinationsOf, type Stomp, type Subscription } from 'drover/stomp'
import { exitCodes } from '../exit.ts'

export interface AwaitedOutcome {
  readonly request_id: string
  readonly type: EventType | 'timed_out'
  readonly worker_id?: string | undefined
  readonly took_ms?: number | undefined
}

const outcomes: readonly string[] = ['result', 'error', 'rejected', 'cancelled']
const defaultTimeoutMs = 3_600_000
/** Past the job's own time its worker says that it is over. */
const graceMs = 5_000

export class OutcomeWatch implements AsyncDisposable {
  readonly #subscriptions: readonly Subscription[]
  readonly #seen = new Map<string, AwaitedOutcome>()
  #wake = (): void => {}

  private constructor(stomp: Stomp, namespace: string, tasks: ReadonlySet<string>) {
    this.#subscriptions = [...tasks].map(task =>
      stomp.subscribe(
        {
          destination: destinationsOf(namespace).events(task),
          ack: 'auto',
          headers: ({ dialect }) => dialect.topicReader,
        },
        ({ body }) => this.#heard(body),
      ),
    )
  }

  /**
   * Listens to the tasks of letters, before they are sent again.
   * @throws {DroverError} `forbidden` without the grant to observe one of the tasks
   */
  static async start(stomp: Stomp, letters: readonly DeadLetter[]): Promise<OutcomeWatch> {
    const { namespace } = await stomp.opened()
    const watch = new OutcomeWatch(stomp, namespace, new Set(letters.flatMap(({ task }) => task ?? [])))
    try {
      await Promise.all(watch.#subscriptions.map(({ ready }) => ready))
    } catch (cause) {
      await watch[Symbol.asyncDispose]()
      const found = `--wait needs the grant to observe the tasks; nothing was sent: ${(cause as Error).message}`
      throw cause instanceof DroverError && cause.code === 'forbidden'
        ? new DroverError('forbidden', found, { cause })
        : cause
    }
    return watch
  }

  /** @param timeoutMs in place of the time that each job had */
  async outcomes(letters: readonly DeadLetter[], timeoutMs?: number): Promise<readonly AwaitedOutcome[]> {
    const found: AwaitedOutcome[] = []
    const startedAt = performance.now()
    for (const { request_id = '', timeout_ms = defaultTimeoutMs } of letters) {
      const untilAt = startedAt + (timeoutMs ?? timeout_ms) + graceMs
      found.push((await this.#outcome(request_id, untilAt)) ?? { request_id, type: 'timed_out' })
    }
    return found
  }

  async #outcome(requestId: string, untilAt: number): Promise<AwaitedOutcome | undefined> {
    for (;;) {
      const seen = this.#seen.get(requestId.toLowerCase())
      const leftMs = untilAt - performance.now()
      if (seen !== undefined || leftMs <= 0) return seen
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      const timer = setTimeout(resolve, Math.min(leftMs, 60_000))
      await promise
      clearTimeout(timer)
    }
  }

  #heard(body: string): void {
    try {
      const event = parseEvent(body)
      if (event === undefined || !outcomes.includes(event.type)) return
      const { request_id, type, worker_id, took_ms } = event
      this.#seen.set(request_id.toLowerCase(), { request_id, type, worker_id, took_ms })
      this.#wake()
    } catch {
      // of another program
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#subscriptions.map(one => one.unsubscribe()))
  }
}

const codes: Readonly<Record<string, number>> = {
  result: exitCodes.ok,
  error: exitCodes.error,
  rejected: exitCodes.rejected,
  cancelled: exitCodes.cancelled,
  timed_out: exitCodes.timedOut,
}

/** That of the first that did not end with a result. */
export const exitCodeOfAwaited = (awaited: readonly AwaitedOutcome[]): number =>
  awaited.map(({ type }) => codes[type] ?? exitCodes.error).find(code => code !== exitCodes.ok) ?? exitCodes.ok
