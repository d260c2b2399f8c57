/** The connection of a command that lasts no longer than its work. */
import { connectStomp, type Stomp, type StompState, type TlsOptions } from 'drover/stomp'
import { isDeno } from './executables.ts'
import { withoutPassword } from './settings.ts'
import type { GivenToken } from './token-source.ts'

export interface ConnectionOptions {
  readonly url: string
  readonly tls?: TlsOptions | undefined
  /** Absent: the address says who connects. */
  readonly token?: Pick<GivenToken, 'connect'> | undefined
  readonly namespace?: string | undefined
  /** Gives up when it aborts. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Opens a connection for a command that has nothing to do without one: the first failure is final.
 * @throws {DroverError} the reason of that failure; or the signal's
 */
export async function openConnection({ url, tls, token, namespace, signal }: ConnectionOptions): Promise<Stomp> {
  const createSocket = (await loadSockets())(url, tls)
  signal?.throwIfAborted()
  const stomp = connectStomp({
    url,
    namespace,
    createSocket,
    ...token?.connect,
  })
  try {
    await new Promise<void>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      const settle = (state: StompState): void => {
        if (state.at === 'open') resolve()
        if (state.at === 'waiting') reject(state.reason)
        if (state.at === 'closed') reject(state.reason ?? new Error(`${withoutPassword(url)} closed the connection`))
      }
      stomp.onState(settle)
      settle(stomp.state)
    })
    return stomp
  } catch (error) {
    await stomp.close()
    throw error
  }
}

type Sockets = typeof import('../shared/stomp/sockets/node.ts').nodeSockets

async function loadSockets(): Promise<Sockets> {
  if (!isDeno) return (await import('../shared/stomp/sockets/node.ts')).nodeSockets
  // In a variable, because the compiler for Node does not know the types of Deno's file.
  const file = '../shared/stomp/sockets/deno.ts'
  return ((await import(file)) as { denoSockets: Sockets }).denoSockets
}
