/**
 * Replies that are acknowledged together, where an ACK settles all messages of its subscription before its own. Each waits until
 * those before it are stored too, for a moment. One that cannot be stored must not keep the others, and then the queue is to be
 * read with an ACK for each.
 */
import type { Clock } from '../../clock.ts'
import type { Incoming } from '../../stomp/mod.ts'

/** So many are acknowledged at once. */
const many = 32
/** How long one may keep those behind it. */
const stuckMs = 1_000

interface Waiting {
  readonly message: Incoming
  isDone: boolean
}

export class ReplyAcks {
  readonly #clock: Pick<Clock, 'timer'>
  readonly #onStuck: () => void
  /** Those that came and are not acknowledged, in order. */
  #waiting: Waiting[] = []
  #done = 0
  #stopSoon: (() => void) | undefined
  #stopWatching: (() => void) | undefined
  #isStopped = false

  /** @param onStuck told once that one keeps others behind it */
  constructor(clock: Pick<Clock, 'timer'>, onStuck: () => void) {
    this.#clock = clock
    this.#onStuck = onStuck
  }

  /** @returns the message, whose ACK leaves with others */
  take(message: Incoming): Incoming {
    const one: Waiting = { message, isDone: false }
    this.#waiting.push(one)
    return {
      ...message,
      ack: () => {
        if (one.isDone) return
        one.isDone = true
        this.#done++
        if (this.#done >= many) this.flush()
        else this.#stopSoon ??= this.#clock.timer(0, () => this.flush())
      },
    }
  }

  /** Acknowledges those that are done and have none before them that is not. */
  flush(): void {
    this.#stopSoon?.()
    this.#stopSoon = undefined
    if (this.#isStopped) return
    const end = this.#waiting.findIndex(({ isDone }) => !isDone)
    const done = this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
    this.#done -= done.length
    done.at(-1)?.message.ack()
    if (done.length > 0) this.#unwatch()
    if (this.#done > 0) this.#stopWatching ??= this.#clock.timer(stuckMs, () => this.#stuck())
    else this.#unwatch()
  }

  /** Its subscription has ended, so that its messages are no longer to be acknowledged. */
  stop(): void {
    this.#isStopped = true
    this.#waiting = []
    this.#stopSoon?.()
    this.#unwatch()
  }

  #stuck(): void {
    this.#stopWatching = undefined
    this.flush()
    if (this.#done > 0) this.#onStuck()
  }

  #unwatch(): void {
    this.#stopWatching?.()
    this.#stopWatching = undefined
  }
}
