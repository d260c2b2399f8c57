/** The last frames of a peer that went are still there to be read when a write finds out that it went. */
import type { Duplex } from 'node:stream'

/** How long reading it may take, in ms: it is on this machine already. */
const readMs = 1_000

/**
 * Holds the error of a failed write back until the socket has been read to its end. A WebSocket endpoint that closes while frames
 * are on their way to it resets the connection. Once a write has failed Node forgets the unread bytes, and in them the reason.
 */
export function readLastWords(socket: Duplex): void {
  const held =
    (done: (error?: Error | null) => void) =>
    (error?: NodeJS.ErrnoException | null): void => {
      if (error?.syscall !== 'write' || socket.readableEnded) {
        done(error)
        return
      }
      const end = (): void => {
        clearTimeout(timer)
        done(error)
      }
      const timer = setTimeout(end, readMs)
      socket.once('end', end)
    }
  const { _write: write, _writev: writev } = socket
  socket._write = (chunk, encoding, done) => write.call(socket, chunk, encoding, held(done))
  if (writev) socket._writev = (chunks, done) => writev.call(socket, chunks, held(done))
}
