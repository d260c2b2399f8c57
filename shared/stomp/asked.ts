/** Whether a socket has been given anything to send: then CONNECT has left, and who ends the connection has refused it. */
import type { IStompSocket } from '@stomp/stompjs'

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
