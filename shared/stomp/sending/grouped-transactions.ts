/**
 * Many transactions in one. A broker that writes to disk once for each frame or COMMIT of a connection, one after the other,
 * does so once for a whole group; what comes while a group is under way makes up the next. Each transaction still takes
 * place as a whole or not at all, since all of the group do; if one of them is refused, each is tried by itself.
 */
import { DroverError } from '../../contract/errors.ts'
import type { Step } from './transaction.ts'

/** Transactions of one group, and characters of their bodies together: what the broker has to hold until COMMIT. */
const maxTransactions = 64
const maxCharacters = 256 * 1024

interface Waiting {
  readonly steps: readonly Step[]
  resolve(): void
  reject(error: unknown): void
}

export interface GroupedTransactions {
  /** As one transaction of its own, by itself or in a group. */
  commit(steps: readonly Step[]): Promise<void>
  /** Resolves when nothing waits or is under way. */
  idle(): Promise<void>
}

/** @param commit sends steps as one transaction */
export function groupTransactions(commit: (steps: readonly Step[]) => Promise<void>): GroupedTransactions {
  let waiting: Waiting[] = []
  let running: Promise<void> | undefined

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = waiting.slice(0, fitting(waiting))
      waiting = waiting.slice(group.length)
      try {
        await commit(group.flatMap(({ steps }) => steps))
        for (const { resolve } of group) resolve()
      } catch (error) {
        if (group.length > 1 && isRefusal(error))
          for (const one of group) await commit(one.steps).then(one.resolve, one.reject)
        else for (const { reject } of group) reject(error)
      }
    }
    running = undefined
  }

  return {
    commit: steps =>
      new Promise((resolve, reject) => {
        waiting.push({ steps, resolve, reject })
        running ??= run()
      }),
    async idle() {
      await running
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

/** Nothing took place then. Else it is unknown for all, as it would be for each. */
function isRefusal(error: unknown): boolean {
  return !(error instanceof DroverError) || !['connection_lost', 'timed_out', 'closed'].includes(error.code)
}
