/** Sockets that count the frames which pass them, so that a bench can say how much a job costs on the wire. */
import type { StompSocket } from '../shared/stomp/mod.ts'
import { createNodeSocket } from '../shared/stomp/sockets/node.ts'

export interface Counted {
  createSocket(url: URL): StompSocket
  /** Both ways, heart-beats and EOLs apart. */
  frames: number
  /** Both ways, with the bytes between frames. */
  bytes: number
  /** Whether it counts; counting takes time. */
  isOn: boolean
}

export function countFrames(): Counted {
  const count = (data: unknown): void => {
    if (!counted.isOn) return
    counted.frames += framesIn(data)
    counted.bytes += Buffer.byteLength(data as string | Uint8Array)
  }
  const counted: Counted = {
    frames: 0,
    bytes: 0,
    isOn: true,
    createSocket(url) {
      const socket = createNodeSocket(url)
      const send = socket.send
      socket.send = data => {
        count(data)
        send(data)
      }
      // A reader sets onmessage, and may wrap an earlier one: an event is counted by the first of them.
      const seen = new WeakSet<object>()
      let onMessage: StompSocket['onmessage'] = null
      Object.defineProperty(socket, 'onmessage', {
        get: () => onMessage,
        set(handle: NonNullable<StompSocket['onmessage']>) {
          onMessage = event => {
            if (!seen.has(event)) count((event as { data: string | Uint8Array }).data)
            seen.add(event)
            return handle.call(socket as never, event as never)
          }
        },
      })
      return socket
    },
  }
  return counted
}

/** Frames end in NUL, and bodies here hold none. */
function framesIn(data: unknown): number {
  const bytes = typeof data === 'string' ? Buffer.from(data) : (data as Uint8Array)
  let count = 0
  for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, at + 1)) count++
  return count
}
