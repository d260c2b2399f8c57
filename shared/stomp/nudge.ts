/**
 * Acknowledging packets at once. A server that leaves Nagle's algorithm on keeps a small frame back until the packet before it
 * is acknowledged, and a kernel acknowledges what it has no answer to only after some 40 ms: two frames in a row, such as a
 * RECEIPT and the next MESSAGE, then cost a job 40 ms each time. Whatever is sent carries the acknowledgement, so where
 * nothing else leaves, an EOL does, which STOMP allows between frames.
 */
export interface Nudge {
  /** Something has come. */
  heard(): void
  /** Something has left. */
  said(): void
  stop(): void
}

/** @param send sends an EOL; called when nothing was said within the turn after something was heard */
export function createNudge(send: () => void): Nudge {
  let isOwed = false
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    heard() {
      isOwed = true
      timer ??= setTimeout(() => {
        timer = undefined
        if (isOwed) send()
        isOwed = false
      }, 0)
    },
    said() {
      isOwed = false
    },
    stop() {
      clearTimeout(timer)
    },
  }
}
