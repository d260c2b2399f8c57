/**
 * Sealed jobs of which this worker has no key. Its keys are read anew; then a queue's job goes on to another worker, as it came:
 * nothing of it counts as an attempt or a loss. One that comes back stays a little longer each time, so that it does not go round
 * without end. It bears no mark of that: a marked job that ends its worker would be no loss of it, and in a broadcast where some have
 * the key and others do not it would end one after the other.
 */
import type { Clock } from '../../shared/clock.ts'
import type { DroverError } from '../../shared/contract/errors.ts'
import { readRecipients } from '../../shared/seal/header.ts'
import type { Seal } from '../../shared/seal/mod.ts'
import type { HeldJob, HeldJobs } from '../held-job.ts'
import { keepNewest } from '../keep-newest.ts'
import type { JobEnds } from '../settle/job-ends.ts'
import type { JobEvents } from '../settle/job-events.ts'
import { sealRefusal } from '../settle/outcome.ts'
import type { Slots } from './slots.ts'

export interface UnopenablePorts {
  readonly clock: Clock
  readonly name: string
  readonly heldJobs: Pick<HeldJobs, 'hold' | 'holds'>
  readonly slots: Pick<Slots, 'adjust' | 'offer'>
  readonly ends: Pick<JobEnds, 'stop' | 'outcome' | 'republish'>
  readonly events: Pick<JobEvents, 'log'>
  /** Absent: this worker opens nothing. */
  readonly seal?: Seal | undefined
}

const firstMs = 50
const longestMs = 10_000
/** So many jobs are known to have come before. */
const maxKnown = 10_000

export class Unopenable {
  readonly #ports: UnopenablePorts
  /** How often each came. */
  readonly #times = new Map<string, number>()

  constructor(ports: UnopenablePorts) {
    this.#ports = ports
  }

  /** Whether this worker has no key of a job, as far as is known without a wait. */
  has(sealed: unknown): boolean {
    const { seal } = this.#ports
    if (sealed === undefined) return false
    try {
      return seal === undefined || !seal.canOpen(sealed)
    } catch {
      return false // it is no sealed body, which its sender is told as it is opened
    }
  }

  take(held: HeldJob): void {
    const { clock, heldJobs, slots, ends } = this.#ports
    let kids: readonly string[]
    try {
      kids = kidsOf(held.job.sealed)
    } catch (error) {
      return void ends.outcome(held, ...sealRefusal(held, error as DroverError)) // no worker could open it
    }
    heldJobs.hold(held, clock, () => ends.stop(held, { why: 'timed_out' }))
    if (held.stopped !== undefined) return
    void this.#decide(held, kids)
    slots.adjust()
  }

  async #decide(held: HeldJob, kids: readonly string[]): Promise<void> {
    const { name, seal, slots, heldJobs, ends, events } = this.#ports
    const { sealed } = held.job
    const isHere = seal !== undefined && (await seal.canOpenRenewed(sealed).catch(() => false))
    if (!heldJobs.holds(held) || held.stopped !== undefined) return
    if (isHere) return slots.offer(held)
    const without = seal === undefined ? ', and this worker was started without keys' : ''
    events.log(held, 'cannot_open', { reason: `it is sealed for ${kids.join(', ')}${without}` })
    if (held.mode === 'topic') {
      const message = `${name} has none of the keys that the job is sealed for`
      const error = { name: 'DroverError', code: 'cannot_open', message, retryable: false }
      return void ends.outcome(held, { type: 'error', error })
    }
    this.#passOn(held, kids)
  }

  #passOn(held: HeldJob, kids: readonly string[]): void {
    const { clock, name, ends } = this.#ports
    const { requestId } = held
    const times = this.#times.get(requestId) ?? 0
    this.#times.set(requestId, times + 1)
    keepNewest(this.#times, maxKnown)
    if (times === 0) held.replies.send({ type: 'cannot_open', name, kids: [...kids] })
    const waitMs = Math.min(longestMs, firstMs * 2 ** Math.min(times, 10))
    held.timers.add(clock.timer(waitMs, () => void ends.republish(held)))
  }
}

const maxKids = 10

/** @throws {DroverError} `seal_refused` */
const kidsOf = (sealed: unknown): readonly string[] =>
  readRecipients(sealed)
    .map(({ kid }) => kid.slice(0, 200))
    .slice(0, maxKids)
