/** Visitors come one after the other, each in its own way, and it is told how each fared. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '../support/random.ts'
import { type SoakEnvironment, visits } from './visits.ts'

const ways = Object.entries(visits)
/** Owners are the same again and again, as people are. */
const owners = 200

export class Visitors {
  /** How often each way went as it should. */
  readonly done: Map<string, number> = new Map(ways.map(([way]) => [way, 0]))
  /** Those that went otherwise, in words. */
  readonly failures: string[] = []
  /** Visits that the end of a broker may have cut short. */
  cutShort = 0
  count = 0
  readonly #environment: SoakEnvironment
  readonly #random: Random
  readonly #present = new Set<Promise<void>>()
  #troubledUntil = 0

  constructor(environment: SoakEnvironment, random: Random) {
    this.#environment = environment
    this.#random = random
  }

  /** The broker is away, or was: until then a visit may go wrong, and one that is there now. @param until by `performance.now()` */
  trouble(until: number): void {
    this.#troubledUntil = until
  }

  async come(perSecond: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const visit = this.#visit()
      this.#present.add(visit)
      void visit.then(() => this.#present.delete(visit))
      const ms = 1_000 / perSecond
      await delay(this.#random.whole(ms / 2, ms * 1.5), undefined, { signal }).catch(() => {})
    }
  }

  /** Resolves once nobody is there any more. */
  async gone(): Promise<void> {
    await Promise.all(this.#present)
  }

  async #visit(): Promise<void> {
    const index = this.count++
    const [way, visit] = ways[index % ways.length]!
    const began = performance.now()
    try {
      await visit(this.#environment, `visitor-${index % owners}`)
      this.done.set(way, (this.done.get(way) ?? 0) + 1)
    } catch (error) {
      if (this.#troubledUntil >= began) this.cutShort++
      else this.failures.push(`${way}: ${error instanceof Error ? error.message : error}`)
    }
  }
}
