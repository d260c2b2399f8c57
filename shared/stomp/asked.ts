/** Whether a socket has been given anything to send: then CONNECT has left, and who ends the connection has refused it. */

import { DroverError } from '../contract/errors.ts'
import type { IStompSocket } from './stompjs.ts'

/**
 * Watches the first send, and none after it.
 * @returns whether it has been
 */
export function watchFirstSend(socket: Pick<IStompSocket, 'send'>): () => boolean {
  const { send } = socket
  let hasSent = false
  socket.send = data => {
    hasSent = true
    socket.send = send
    socket.send(data)
  }
  return () => hasSent
}

/**
 * Who takes a connection and ends it over CONNECT: with a wrong passcode Classic does so without an ERROR, mostly by WebSocket and
 * once in 600 times by TCP.
 * @param how the connection ended
 */
export function unanswered(address: string, how: string): DroverError {
  const found = `${address} took the connection and did not answer CONNECT: check login and passcode`
  return new DroverError('broker_unreachable', `${found} (${how})`)
}
