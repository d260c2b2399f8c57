/** The jobs of a storm's master, drawn from the seed: plain data, since a master that is killed takes its plan up again. */
import type { Random } from '../support/random.ts'

/** The purpose of a job, and how often it comes among a hundred. */
const shares = { mixed: 58, echo: 8, steps: 8, flaky: 8, strict: 5, cancelled: 6, endless: 4, all: 3 } as const

export type Kind = keyof typeof shares | 'poison'

export interface PlannedJob {
  readonly id: string
  /** When it is dispatched, in ms from the beginning of the storm. */
  readonly at: number
  readonly kind: Kind
  /** How long it runs; of one that is cancelled or endless, when that comes to its end. */
  readonly ms: number
  readonly timeoutMs: number
}

/** The phases that a job of each kind may end in. */
export const mayEnd: Readonly<Record<Kind, readonly string[]>> = {
  mixed: ['result'],
  echo: ['result'],
  steps: ['result'],
  flaky: ['result'],
  strict: ['rejected'],
  cancelled: ['cancelled'],
  endless: ['timed_out'],
  all: ['answered', 'timed_out', 'no_worker'],
  poison: ['dead'],
}

export interface PlanOptions {
  readonly jobs: number
  /** How many of them end their worker; the others are then `mixed`. */
  readonly poison: number
  /** How many are dispatched in a second. */
  readonly perSecond: number
  /** The longest run of a job, in ms. */
  readonly longestMs: number
  /** Of every job that is not to time out. */
  readonly timeoutMs: number
}

/** @returns the jobs in the order in which they are dispatched */
export function makePlan(random: Random, options: PlanOptions): PlannedJob[] {
  const { jobs, poison, perSecond, longestMs, timeoutMs } = options
  const kinds = (Object.keys(shares) as (keyof typeof shares)[]).flatMap(kind => new Array(shares[kind]).fill(kind))
  const isPoison = new Set(Array.from({ length: poison }, (_, at) => Math.floor(((at + 0.5) * jobs) / poison)))
  return Array.from({ length: jobs }, (_, index) => {
    const kind: Kind = isPoison.has(index) ? 'poison' : poison > 0 ? 'mixed' : random.pick<Kind>(kinds)
    return {
      id: uuid(random),
      at: Math.round((index * 1000) / perSecond),
      kind,
      ms: kind === 'cancelled' || kind === 'endless' ? random.whole(50, 2000) : random.whole(20, longestMs),
      timeoutMs: kind === 'all' ? 20_000 : timeoutMs,
    }
  })
}

function uuid(random: Random): string {
  const hex = Array.from({ length: 8 }, () => random.whole(0, 0xffff).toString(16).padStart(4, '0')).join('')
  const part = (from: number, length: number): string => hex.slice(from, from + length)
  return `${part(0, 8)}-${part(8, 4)}-4${part(13, 3)}-8${part(17, 3)}-${part(20, 12)}`
}
