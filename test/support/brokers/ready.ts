/** Knowing that a broker is up: its ports are open, and it answers CONNECT. */
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { GuardedProcess } from '../processes/guarded.ts'

const pollMs = 100
const connectFrame = 'CONNECT\naccept-version:1.2\nhost:/\nlogin:foo\npasscode:bar\n\n\0'

/**
 * Waits until `port` answers a STOMP CONNECT and every one of `alsoOpen` accepts connections.
 * @param options `timeoutMs`: for all of it
 * @throws {Error} with the end of the broker's log, when it ends or does not answer in time
 */
export async function untilReady(
  broker: GuardedProcess,
  port: number,
  alsoOpen: readonly number[],
  options: { name: string; timeoutMs: number },
): Promise<void> {
  const deadline = performance.now() + options.timeoutMs
  const fail = (what: string): never => {
    throw new Error(`${options.name} ${what}. The end of its log:\n${broker.log().slice(-4000) || '(nothing)'}`)
  }
  for (const [at, probe] of [[port, connectFrame] as const, ...alsoOpen.map(other => [other, ''] as const)]) {
    while (!(await answers(at, probe))) {
      if (!broker.isRunning) fail(`ended before port ${at} was open`)
      if (performance.now() > deadline) fail(`did not open port ${at} within ${options.timeoutMs} ms`)
      await delay(pollMs)
    }
  }
}

function answers(port: number, probe: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect({ port, host: '127.0.0.1' })
  socket.setTimeout(2_000, () => resolve(false))
  socket.once('error', () => resolve(false))
  socket.once('close', () => resolve(false))
  socket.once('connect', () => (probe ? socket.write(probe) : resolve(true)))
  socket.once('data', bytes => resolve(bytes.toString().startsWith('CONNECTED')))
  return promise.finally(() => socket.destroy())
}
