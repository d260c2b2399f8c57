/** Whether a broker that runs elsewhere answers, asked before anything depends on it. */
import { setTimeout as wait } from 'node:timers/promises'
import { DroverError } from 'drover/contract'
import type { TlsOptions } from 'drover/stomp'
import { openConnection } from './connection.ts'
import { withoutPassword } from './settings.ts'

/** Logs in and out again. */
export async function checkBroker(url: string, tls?: TlsOptions, signal?: AbortSignal): Promise<void> {
  await using _ = await openConnection({ url, tls, signal })
}

export interface UntilBrokerAnswersOptions {
  readonly url: string
  readonly tls?: TlsOptions | undefined
  /** For how long a broker may stay away. */
  readonly waitMs: number
  /** Where the address came from, such as `DROVER_BROKER`. */
  readonly name: string
  /** Told of the first failure, in a sentence; then it is tried again. */
  readonly onAway: (text: string) => void
  readonly signal: AbortSignal
}

const retryMs = 500

/**
 * Waits for a broker that may be starting.
 * @throws {DroverError} at once when it refuses, after `waitMs` when it cannot be reached; and the signal's reason
 */
export async function untilBrokerAnswers(options: UntilBrokerAnswersOptions): Promise<void> {
  const { url, tls, waitMs, name, onAway, signal } = options
  const deadline = performance.now() + waitMs
  for (let isFirst = true; ; isFirst = false) {
    signal.throwIfAborted()
    const failure = await checkBroker(url, tls, signal).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (failure === undefined) return
    if (!isAway(failure)) throw failure
    if (performance.now() + retryMs > deadline) {
      const message = `No broker answered at ${withoutPassword(url)} within ${waitMs / 1000} s; start it, or correct ${name}. The last try: ${failure.message}`
      throw new DroverError('broker_unreachable', message, { cause: failure })
    }
    if (isFirst) onAway(`${failure.message}. Trying for ${waitMs / 1000} s`)
    await wait(retryMs, undefined, { signal })
  }
}

const isAway = (error: unknown): error is DroverError =>
  error instanceof DroverError && (error.code === 'broker_unreachable' || error.code === 'connection_lost')
