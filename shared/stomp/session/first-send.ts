/** The first frame on a socket: once it was sent CONNECT has left, and a peer that ends the connection has refused it. */

import { DroverError } from '../../contract/errors.ts'
import type { IStompSocket } from './stompjs.ts'

/**
 * Watches the first send, which is CONNECT, and none after it. stompjs is to keep no timers, so it is told of no heart-beats:
 * CONNECT offers them here.
 * @param heartbeatMs asked of both sides
 * @returns whether it has been
 */
export function watchFirstSend(socket: Pick<IStompSocket, 'send'>, heartbeatMs: number): () => boolean {
  const { send } = socket
  let hasSent = false
  socket.send = data => {
    hasSent = true
    socket.send = send
    socket.send(`${data}`.replace(/^heart-beat:.*/m, `heart-beat:${heartbeatMs},${heartbeatMs}`))
  }
  return () => hasSent
}

/**
 * The error for a peer that takes a connection and ends it over CONNECT. With a wrong passcode Classic does so without an ERROR,
 * mostly by WebSocket and once in 600 times by TCP.
 * @param how the connection ended
 */
export function unanswered(address: string, how: string): DroverError {
  const found = `${address} took the connection and did not answer CONNECT: check login and passcode`
  return new DroverError('broker_unreachable', `${found} (${how})`)
}
