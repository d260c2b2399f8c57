/** Who reads which topic; names and wildcards. */
import { covers, type Destination } from './destination.ts'
import type { Message } from './message.ts'

export interface TopicReader {
  readonly destination: Destination
  publish(message: Message): void
}

const maxRemembered = 10_000

export class Topics {
  readonly #readers = new Set<TopicReader>()
  // Names seen since the last change: matching each wildcard at each message would cost by their number
  readonly #readersByName = new Map<string, readonly TopicReader[]>()

  add(reader: TopicReader): void {
    this.#readers.add(reader)
    this.#readersByName.clear()
  }

  remove(reader: TopicReader): void {
    this.#readers.delete(reader)
    this.#readersByName.clear()
  }

  publish(message: Message): void {
    for (const reader of this.#readersOf(message.destination.name)) reader.publish(message)
  }

  #readersOf(name: string): readonly TopicReader[] {
    const known = this.#readersByName.get(name)
    if (known) return known
    const readers = [...this.#readers].filter(({ destination }) =>
      destination.hasWildcard ? covers(destination.name, name) : destination.name === name,
    )
    if (this.#readersByName.size >= maxRemembered) this.#readersByName.clear()
    this.#readersByName.set(name, readers)
    return readers
  }
}
