/** A connection without a network: two links, each the other's peer, with the same back-pressure as a socket. */
import type { ByteLink, ByteSink } from '../shared/frames/byte-link.ts'
import { Deque } from './deque.ts'

/** From here on down, a sender that had more than twice this unsent is told that it may go on. */
const lowBytes = 65_536

/** One end. Its bytes arrive at the other in a later microtask, in order, unless that end has paused. */
export class LocalLink implements ByteLink {
  readonly oneFrameASend = false
  owner: string | undefined
  unsentBytes = 0
  peer!: LocalLink
  sink: ByteSink | undefined
  readonly #inbox = new Deque<Uint8Array>()
  #isPaused = false
  #isScheduled = false
  #isHigh = false
  #isEnding = false
  #isClosed = false

  send(bytes: Uint8Array): void {
    if (this.#isEnding || this.#isClosed) return
    this.unsentBytes += bytes.length
    if (this.unsentBytes > lowBytes * 2) this.#isHigh = true
    this.peer.#inbox.push(bytes)
    this.peer.#schedule()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#schedule()
  }

  close(): void {
    if (this.#isEnding || this.#isClosed) return
    this.#isEnding = true
    this.peer.#schedule()
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      this.#deliver()
    })
  }

  #deliver(): void {
    // An end that closed wants no more, and must not keep its peer waiting
    while (!this.#isClosed && this.#inbox.length > 0 && (!this.#isPaused || this.#isEnding)) {
      const bytes = this.#inbox.shift()!
      this.peer.#taken(bytes.length)
      if (!this.#isEnding) this.sink?.bytes(bytes)
    }
    const isPeerDone = (this.peer.#isEnding || this.peer.#isClosed) && this.#inbox.length === 0
    if (isPeerDone || (this.#isEnding && this.unsentBytes === 0)) this.#finish()
  }

  #taken(bytes: number): void {
    this.unsentBytes -= bytes
    if (this.#isHigh && this.unsentBytes <= lowBytes) {
      this.#isHigh = false
      if (!this.#isClosed && !this.#isEnding) this.sink?.drained()
    }
    if (this.#isEnding && this.unsentBytes === 0) this.#schedule()
  }

  #finish(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.sink?.closed()
    this.peer.#schedule()
  }
}

/** Two ends of one connection. */
export function createLocalPair(): [LocalLink, LocalLink] {
  const pair: [LocalLink, LocalLink] = [new LocalLink(), new LocalLink()]
  pair[0].peer = pair[1]
  pair[1].peer = pair[0]
  return pair
}
