/** A connection of the project's own that a test can cut as a process does that is killed. */
import { type BrokerSession, connectStomp, type Stomp } from '../../shared/stomp/mod.ts'
import type { StompSocket } from '../../shared/stomp/session/link.ts'
import { createNodeSocket } from '../../shared/stomp/sockets/node.ts'

export interface PlainSession {
  readonly stomp: Stomp
  readonly session: BrokerSession
  /** Ends its socket without a word, and it does not come back. */
  kill(): void
}

export async function openSession(url: string, namespace: string): Promise<PlainSession> {
  let socket: StompSocket | undefined
  let isKilled = false
  const stomp = connectStomp({
    url,
    namespace,
    createSocket(address) {
      if (isKilled) throw new Error('It was killed')
      socket = createNodeSocket(address)
      return socket
    },
  })
  const session = await stomp.opened()
  return {
    stomp,
    session,
    kill() {
      isKilled = true
      socket?.terminate?.()
    },
  }
}
