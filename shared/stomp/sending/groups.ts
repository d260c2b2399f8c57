/**
 * Transactions that leave as one. The first leaves at once, and those that come while it is under way make up the next. Each still
 * takes place as a whole or not at all, since all of the group do.
 */
import { DroverError } from '../../contract/errors.ts'
import type { Step } from './transaction.ts'

/** Transactions of one group, and characters of their bodies together: the broker has to hold these until COMMIT. */
const maxTransactions = 64
const maxCharacters = 256 * 1024

interface Waiting {
  readonly steps: readonly Step[]
  resolve(): void
  reject(error: unknown): void
}

export interface Groups {
  /** Takes steps together, by themselves or in a group. */
  commit(steps: readonly Step[]): Promise<void>
  /** Resolves when nothing waits or is under way. */
  idle(): Promise<void>
}

/**
 * @param commit sends steps as one transaction
 * @param many so many that wait leave without waiting for those under way; default: they always wait
 */
export function groupTransactions(
  commit: (steps: readonly Step[]) => Promise<void>,
  many: number = Number.POSITIVE_INFINITY,
): Groups {
  const waiting: Waiting[] = []
  const running = new Set<Promise<void>>()

  const leave = (): void => {
    while (waiting.length > 0 && (running.size === 0 || waiting.length >= many)) {
      const group = send(waiting.splice(0, fitting(waiting)))
      running.add(group)
      void group.then(() => {
        running.delete(group)
        leave()
      })
    }
  }

  /** Never rejects. */
  const send = async (group: readonly Waiting[]): Promise<void> => {
    try {
      await commit(group.flatMap(({ steps }) => steps))
      for (const { resolve } of group) resolve()
    } catch (error) {
      if (group.length > 1 && isRefusal(error))
        for (const one of group) await commit(one.steps).then(one.resolve, one.reject)
      else for (const { reject } of group) reject(error)
    }
  }

  return {
    commit: steps =>
      new Promise((resolve, reject) => {
        waiting.push({ steps, resolve, reject })
        leave()
      }),
    async idle() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}

/** How many of those that wait go together: one at least. */
function fitting(waiting: readonly Waiting[]): number {
  let characters = 0
  for (const [at, { steps }] of waiting.entries()) {
    for (const step of steps) if ('send' in step) characters += step.send.body.length
    if (at > 0 && (at >= maxTransactions || characters > maxCharacters)) return at
  }
  return waiting.length
}

/** A refused transaction has not taken place. After another error it is unknown for all, as it would be for each. */
function isRefusal(error: unknown): boolean {
  return !(error instanceof DroverError) || !['connection_lost', 'timed_out', 'closed'].includes(error.code)
}
