/** Subscriptions to presence that went on to the broker, since the bridge could not answer them: until it can. */
import { endBody } from './bodies.ts'
import type { Reader } from './reader.ts'

/** Where workers are told of. */
export interface PresenceDestination {
  readonly namespace: string
  readonly destination: string
}

interface Waiting {
  readonly at: PresenceDestination
  readonly readers: Set<Reader>
}

export class HandedOn {
  /** By destination. */
  readonly #waiting = new Map<string, Waiting>()
  #messages = 0

  /** Where somebody waits. */
  get destinations(): readonly PresenceDestination[] {
    return [...this.#waiting.values()].map(({ at }) => at)
  }

  add({ namespace, destination }: PresenceDestination, reader: Reader): void {
    const waiting = this.#waiting.get(destination) ?? { at: { namespace, destination }, readers: new Set() }
    waiting.readers.add(reader)
    this.#waiting.set(destination, waiting)
  }

  delete(destination: string, reader: Reader): void {
    const readers = this.#waiting.get(destination)?.readers
    readers?.delete(reader)
    if (readers?.size === 0) this.#waiting.delete(destination)
  }

  /**
   * Has some of them subscribe again: those that have waited longest.
   * @returns how many
   */
  callBack(destination: string, most: number): number {
    const called = [...(this.#waiting.get(destination)?.readers ?? [])].slice(0, most)
    for (const reader of called) {
      this.delete(destination, reader)
      reader.send(reader.write(destination, ++this.#messages, endBody))
    }
    return called.length
  }
}
