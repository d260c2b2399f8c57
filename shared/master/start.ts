/** A master that is waited for. Design section 8. */
import { systemClock } from '../clock.ts'
import { DroverError } from '../contract/errors.ts'
import type { StompState } from '../stomp/mod.ts'
import type { Master, StartOptions } from './api.ts'
import { createMaster } from './master.ts'

/**
 * Makes a master and waits until it can send.
 * @throws {DroverError} `broker_unreachable` when it cannot within `startTimeoutMs`, `keys_unavailable` when the keys are
 * away by which its jobs are stored; `not_authenticated`, `forbidden` or `storage_failed` when it never will
 * @example
 * ```ts ignore
 * await using master = await startMaster({ url: 'wss://jobs.example/stomp', token: () => fetchToken() })
 * const { data_url } = await master.run(thumbnail, { path: 'cat.png', width: 320 })
 * const { outcomes, missing } = await master.broadcast(hostFacts, {}, { timeoutMs: 5_000 }).done
 * ```
 */
export async function startMaster<Tasks = unknown>(options: StartOptions): Promise<Master<Tasks>> {
  const { startTimeoutMs = 30_000, signal, clock = systemClock } = options
  signal?.throwIfAborted()
  const master = createMaster<Tasks>(options)
  const { promise: givenUp, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal?.reason)
  const stop = clock.timer(startTimeoutMs, () => {
    const { connection, seal } = master
    // Stored jobs wait for the key that opens them
    reject((connection.at === 'open' && seal?.problem) || unreachable(options.url, startTimeoutMs, connection))
  })
  signal?.addEventListener('abort', onAbort)
  try {
    await Promise.race([master.ready, givenUp])
    return master
  } catch (error) {
    await master[Symbol.asyncDispose]()
    throw error
  } finally {
    stop()
    signal?.removeEventListener('abort', onAbort)
  }
}

function unreachable(url: string | URL | undefined, ms: number, state: StompState): DroverError {
  const cause = state.at === 'waiting' ? state.reason : undefined
  const where = url === undefined ? 'the broker' : new URL(url).host
  const why = cause === undefined ? 'it gave no answer' : cause.message
  return new DroverError('broker_unreachable', `Cannot reach ${where} within ${ms} ms: ${why}`, { cause })
}
