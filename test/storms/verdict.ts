/** The promises of docs/promises.md that a storm has broken, and its figures. */
import type { Dialect } from '../../shared/stomp/mod.ts'
import type { Fault } from './faults.ts'
import type { Observer } from './observer.ts'
import { isDead, mayEndSo, type Seen } from './seen.ts'

export interface Figures {
  readonly jobs: number
  readonly begunRuns: number
  /** Runs that their worker's death cut off. */
  readonly cutOff: number
  readonly lossesShown: number
  /** Jobs that ran more often than they had attempts. */
  readonly ranTwice: number
  readonly dead: number
  /** How often a job went from one worker to others before it had begun, of a hundred jobs. */
  readonly handedOnPercent: number
  readonly late: number
  /** Runs that began after the outcome of another had shown. */
  readonly afterOutcome: number
  /** From a worker's death until a job that it ran runs again, in ms: half of them, and 99 of 100. */
  readonly againMs: { readonly p50: number; readonly p99: number } | undefined
}

/** Of fewer jobs, a few are one in a hundred. */
const fewForShares = 1_000
const leastPoisonRuns = 3
const mostPoisonRuns = 6

export function figuresOf(observer: Observer): Figures {
  const jobs = [...observer.jobs.values()]
  const queued = jobs.filter(({ kind }) => kind !== 'all')
  const runs = queued.flatMap(one => one.runs)
  const again = queued.flatMap(({ runs }) =>
    runs.flatMap(({ cutOffAt }) => {
      const next = cutOffAt === undefined ? undefined : runs.find(({ at }) => at >= cutOffAt)
      return next === undefined || cutOffAt === undefined ? [] : [next.at - cutOffAt]
    }),
  )
  return {
    jobs: jobs.length,
    begunRuns: runs.length,
    cutOff: countable(queued)
      .flatMap(one => one.runs)
      .filter(({ cutOffAt }) => cutOffAt !== undefined).length,
    lossesShown: countable(queued).reduce((sum, { told }) => sum + (told?.losses ?? 0), 0),
    ranTwice: queued.filter(({ runs, told }) => runs.length > (told?.attempt ?? 1)).length,
    dead: jobs.filter(isDead).length,
    handedOnPercent: (100 * observer.handedOn) / Math.max(1, queued.length),
    late: jobs.reduce((sum, { told }) => sum + (told?.late ?? 0), 0),
    afterOutcome: queued.reduce((sum, seen) => sum + runsAfterOutcome(seen), 0),
    againMs: again.length === 0 ? undefined : { p50: quantile(again, 0.5), p99: quantile(again, 0.99) },
  }
}

/** @returns a sentence, with the history of the job where it is one's, for each promise that was broken */
export function problemsOf(observer: Observer, fault: Fault, dialect: Dialect, figures: Figures): string[] {
  const { acksInTransaction } = dialect
  for (const seen of observer.jobs.values()) {
    if (seen.ended === undefined) {
      observer.accuse(seen, seen.told === undefined ? 'was never heard of' : 'has not ended')
    } else if (!mayEndSo(seen, fault.mayEnd ?? [])) {
      observer.accuse(seen, `ended as ${seen.ended.text}`)
    }
    if (fault.cuts === undefined && seen.ended !== undefined) judgeBroadcast(observer, seen)
    // Where the ACK follows the settling frame of a delivery, a death can come between the two.
    const mayComeTwice = !acksInTransaction && seen.isUnsettled === true
    if (fault.cuts === undefined && !mayComeTwice && runsAfterOutcome(seen) > 0) {
      observer.accuse(seen, 'ran again after its outcome had shown')
    }
    const { ended, told, runs } = seen
    if (ended?.outcome.type === 'result' && runs.length < (told?.attempt ?? 1)) {
      observer.accuse(seen, `has a result of attempt ${told?.attempt}, and was seen to run ${runs.length} times`)
    }
    if (seen.kind === 'poison' && isDead(seen)) judgePoison(observer, seen)
  }
  const { cutOff, lossesShown, handedOnPercent } = figures
  const problems = [...observer.problems]
  const percent = Math.max(1, cutOff / 100)
  const isWrong =
    lossesShown < cutOff - observer.justBegun - percent || lossesShown > cutOff + observer.onEdge + percent
  if (fault.cuts === undefined && isWrong) {
    problems.push(
      `${lossesShown} losses are shown of ${cutOff} runs that were cut off, and ${observer.onEdge} that may be`,
    )
  }
  // Where one subscription reads all queues. Elsewhere a job that cannot begin is put back, or there is no means against it.
  const isBounded = dialect.composite !== undefined && fault.strikes.length === 0 && fault.poison === undefined
  if (isBounded && figures.jobs >= fewForShares && handedOnPercent >= 1) {
    problems.push(`${handedOnPercent.toFixed(1)} % of the jobs went to others unstarted, though nobody died`)
  }
  return problems
}

/** Each worker that was there all the time has answered or is named as missing. */
function judgeBroadcast(observer: Observer, seen: Seen): void {
  const outcome = seen.ended?.outcome
  if (outcome?.type === 'error') return // it was never sent
  const missing = outcome !== undefined && 'missing' in outcome ? outcome.missing : []
  const named = [...(seen.told?.answered ?? []), ...(missing ?? [])]
  const unnamed = [...seen.asked].filter(name => !named.includes(name))
  if (unnamed.length > 0) observer.accuse(seen, `says nothing of ${unnamed.join(', ')}; named: ${named.join(', ')}`)
}

function judgePoison(observer: Observer, seen: Seen): void {
  const { runs, told, ended } = seen
  if (runs.length < leastPoisonRuns || runs.length > mostPoisonRuns) {
    observer.accuse(seen, `is dead after ${runs.length} runs, not after ${leastPoisonRuns} to ${mostPoisonRuns}`)
  }
  if (ended?.text.includes(`lost its worker ${told?.losses} times`) !== true) {
    observer.accuse(seen, `shows ${told?.losses} losses and says: ${ended?.text}`)
  }
}

/** The lines of two processes are read in either order, and on a busy machine later. */
const readApartMs = 200

/** Runs of which the outcome could have been known: an earlier outcome was shown before they began. */
function runsAfterOutcome({ ended, runs }: Seen): number {
  if (ended === undefined || !['result', 'error', 'rejected'].includes(ended.outcome.type)) return 0
  return runs.filter(({ at }) => at > ended.at + readApartMs).length
}

/**
 * Jobs whose losses are to be known. The error of a poison job says the number that its marks say; the master has ended
 * others itself.
 */
const countable = (jobs: readonly Seen[]): Seen[] =>
  jobs.filter(({ kind }) => kind !== 'poison' && kind !== 'cancelled' && kind !== 'endless')

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0)
}
