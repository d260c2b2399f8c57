/** The last frames of a peer that went are still there to be read when a write finds out that it went. */
import type { Duplex } from 'node:stream'

/** How long reading it may take, in ms: it is on this machine already. */
const readMs = 1_000

/**
 * Holds the error of a failed write back until the socket has been read to its end. A WebSocket endpoint that closes while frames
 * are on their way to it resets the connection. Once a write has failed Node forgets the unread bytes, and in them the reason.
 */
export function readLastWords(socket: Duplex): void {
  socket._write = write
  if (socket._writev) socket._writev = writev
}

type Done = (error?: NodeJS.ErrnoException | null) => void
type Write = Duplex['_write']
type Writev = NonNullable<Duplex['_writev']>

// The same functions for every socket: a bridge has thousands
const write = function (this: Duplex, chunk, encoding, done) {
  classOf(this)._write.call(this, chunk, encoding, held(this, done))
} as Write

const writev = function (this: Duplex, chunks, done) {
  classOf(this)._writev?.call(this, chunks, held(this, done))
} as Writev

const classOf = (socket: Duplex): Duplex => Object.getPrototypeOf(socket) as Duplex

const held =
  (socket: Duplex, done: Done): Done =>
  error => {
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
