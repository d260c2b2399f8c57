/** Counts by a label that others choose, such as a task's name: past so many they are one, or a stranger could fill the memory. */

/** How many labels have something of their own. */
const mostLabels = 200
/** The label of all others. */
const otherLabel = 'other'

/** A value for each label. */
export class ByLabel<Value> {
  readonly #values: Map<string, Value> = new Map()
  readonly #first: () => Value

  /** @param first makes the value that a label begins with */
  constructor(first: () => Value) {
    this.#first = first
  }

  /** The value of a label, or that of the others once there are too many. */
  of(label: string): Value {
    const known = this.#values.get(label)
    if (known !== undefined) return known
    if (this.#values.size >= mostLabels && label !== otherLabel) return this.of(otherLabel)
    const value = this.#first()
    this.#values.set(label, value)
    return value
  }

  [Symbol.iterator](): IterableIterator<[label: string, value: Value]> {
    return this.#values.entries()
  }
}

/** A number that is added to. */
export interface Count {
  n: number
}

export class LabelledCounts extends ByLabel<Count> {
  constructor() {
    super(() => ({ n: 0 }))
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
