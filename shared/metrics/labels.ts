/** Counts by a label that others choose, such as a task's name: past so many they are one, or a stranger could fill the memory. */

/** A number that is added to. */
export interface Count {
  n: number
}

/** How many labels have a count of their own. */
const mostLabels = 200
/** The label of all others. */
const otherLabel = 'other'

export class LabelledCounts {
  readonly #counts: Map<string, Count> = new Map()
  readonly #most: number

  constructor(most: number = mostLabels) {
    this.#most = most
  }

  /** The count of a label, or that of the others once there are too many. */
  of(label: string): Count {
    const known = this.#counts.get(label)
    if (known !== undefined) return known
    if (this.#counts.size >= this.#most && label !== otherLabel) return this.of(otherLabel)
    const count = { n: 0 }
    this.#counts.set(label, count)
    return count
  }

  *[Symbol.iterator](): IterableIterator<readonly [label: string, n: number]> {
    for (const [label, { n }] of this.#counts) yield [label, n]
  }
}

/** The first labels that come, and `other` for the rest. */
export class KnownLabels {
  readonly #known: Set<string> = new Set()

  of(label: string): string {
    if (this.#known.has(label)) return label
    if (this.#known.size >= mostLabels) return otherLabel
    this.#known.add(label)
    return label
  }
}
