/** Makes messages of the rows of a store. Many share the texts that name places and people. */
import { type Destination, parseDestination } from '../destination.ts'
import { isDurableRoute } from '../durable-route.ts'
import { isSmallEnd } from '../ends.ts'
import { contentOf, type Message } from '../message.ts'
import type { KeptFacts, KeptMessage } from './port.ts'

/** Names may be ever new ones, so no more than so many are remembered. */
const maxTexts = 10_000

export class KeptMessages {
  readonly #texts = new Map<string, string>()
  readonly #destinations = new Map<string, Destination>()

  /** One text in memory for all messages that name it. */
  shared(text: string): string {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    if (this.#texts.size >= maxTexts) this.#texts.clear()
    this.#texts.set(text, text)
    return text
  }

  destination(text: string): Destination {
    const known = this.#destinations.get(text)
    if (known) return known
    if (this.#destinations.size >= maxTexts) this.#destinations.clear()
    const destination = parseDestination(text)
    this.#destinations.set(this.shared(text), destination)
    return destination
  }

  /**
   * Without its bytes.
   * @param place as its row names it
   * @param delayMs the rest of its delay
   */
  message(kept: KeptFacts, place: string, delayMs = 0): Message {
    const { id, priority, expiresAt = Number.POSITIVE_INFINITY, bytes } = kept
    const destination = this.destination(kept.destination)
    const route = isDurableRoute(place) ? destination.text : this.shared(place)
    return {
      id,
      destination,
      route,
      owner: this.shared(kept.owner),
      payer: this.shared(kept.payer),
      priority,
      expiresAt,
      delayMs,
      mayBeDropped: false,
      bytes,
      isSmallEnd: isSmallEnd(route, bytes),
      hasReservedRoom: false,
      content: undefined,
    }
  }

  loaded(kept: KeptMessage, place: string): Message {
    const message = this.message(kept, place)
    message.content = contentOf(kept.content, kept.bytes)
    return message
  }
}
