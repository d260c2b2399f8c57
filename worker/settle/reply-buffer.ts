/**
 * Replies on their way out. While there is no connection they wait, in order and bounded: of progress the latest of each
 * job, of the rest as many as fit. Outcomes do not come by here (settler.ts): they are never dropped.
 */
import type { Outgoing, Stomp } from '../../shared/stomp/mod.ts'

const maxWaiting = 1_000
const maxWaitingCharacters = 4 * 1024 * 1024

export class ReplyBuffer {
  readonly #stomp: Stomp
  readonly #problem: (message: string, error: unknown) => void
  readonly #onDropped: () => void
  #waiting: { message: Outgoing; mergeKey: string | undefined }[] = []
  #characters = 0

  /** @param onDropped told of each that is let go of, since too many wait or it could not be sent */
  constructor(stomp: Stomp, problem: (message: string, error: unknown) => void, onDropped: () => void = () => {}) {
    this.#stomp = stomp
    this.#problem = problem
    this.#onDropped = onDropped
  }

  /** @param mergeKey a later message with the same key takes the place of one that still waits */
  send(message: Outgoing, mergeKey?: string): void {
    const { at } = this.#stomp.state
    if (at === 'open') this.#publish(message)
    if (at === 'open' || at === 'closed') return
    if (mergeKey !== undefined) this.#drop(waiting => waiting.mergeKey === mergeKey)
    this.#waiting.push({ message, mergeKey })
    this.#characters += message.body.length
    while (this.#waiting.length > maxWaiting || this.#characters > maxWaitingCharacters) {
      this.#drop(() => true)
      this.#onDropped()
    }
  }

  /** There is a connection again. */
  flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    this.#characters = 0
    for (const { message } of waiting) this.#publish(message)
  }

  #drop(isMeant: (waiting: { mergeKey: string | undefined }) => boolean): void {
    const at = this.#waiting.findIndex(isMeant)
    if (at < 0) return
    this.#characters -= this.#waiting[at]!.message.body.length
    this.#waiting.splice(at, 1)
  }

  #publish(message: Outgoing): void {
    try {
      this.#stomp.publishUnconfirmed(message)
    } catch (error) {
      this.#onDropped()
      this.#problem(`A reply to ${message.destination} could not be sent`, error)
    }
  }
}
