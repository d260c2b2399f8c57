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
  /** `ending`: closed at this end, and its last bytes are on their way. */
  #at: 'open' | 'ending' | 'closed' = 'open'

  send(bytes: Uint8Array): void {
    if (this.#at !== 'open') return
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
    if (this.#at !== 'open') return
    this.#at = 'ending'
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
    while (this.#at !== 'closed' && this.#inbox.length > 0 && (!this.#isPaused || this.#at === 'ending')) {
      const bytes = this.#inbox.shift()!
      this.peer.#taken(bytes.length)
      if (this.#at === 'open') this.sink?.bytes(bytes)
    }
    const isPeerDone = this.peer.#at !== 'open' && this.#inbox.length === 0
    if (isPeerDone || (this.#at === 'ending' && this.unsentBytes === 0)) this.#finish()
  }

  #taken(bytes: number): void {
    this.unsentBytes -= bytes
    if (this.#isHigh && this.unsentBytes <= lowBytes) {
      this.#isHigh = false
      if (this.#at === 'open') this.sink?.drained()
    }
    if (this.#at === 'ending' && this.unsentBytes === 0) this.#schedule()
  }

  #finish(): void {
    if (this.#at === 'closed') return
    this.#at = 'closed'
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
