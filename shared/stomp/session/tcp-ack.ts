/**
 * Acknowledging packets at once. A server that leaves Nagle's algorithm on keeps a small frame back until the packet before it
 * is acknowledged, and a kernel acknowledges a packet without an answer only after some 40 ms: two frames in a row, such as a
 * RECEIPT and the next MESSAGE, then cost a job 40 ms each time. Any packet that is sent carries the acknowledgement, so
 * where nothing else leaves, an EOL does, which STOMP allows between frames.
 */
import type { Clock } from '../../clock.ts'

export interface TcpAck {
  /** Something has come. */
  heard(): void
  /** Something has left. */
  said(): void
  stop(): void
}

/** @param send sends an EOL; called when nothing was said within the turn after something was heard */
export function createTcpAck(clock: Pick<Clock, 'timer'>, send: () => void): TcpAck {
  let isOwed = false
  let stop: (() => void) | undefined
  return {
    heard() {
      isOwed = true
      stop ??= clock.timer(0, () => {
        stop = undefined
        if (isOwed) send()
        isOwed = false
      })
    },
    said() {
      isOwed = false
    },
    stop: () => stop?.(),
  }
}
