/**
 * Jobs that have lost two workers: either they end them, or something beside them did. Each runs by itself, so that the next
 * loss is certain evidence. Promise 6.
 */
import type { Job } from '../../shared/contract/mod.ts'
import type { Core } from '../core.ts'
import { stopClaim } from '../run/work.ts'
import { keepNewest } from '../settle/keep-newest.ts'
import { giveBack, publishAgain } from '../settle/onward.ts'
import type { Claim } from './claim.ts'
import { hold } from './take.ts'

/** How long a worker takes nothing else on for one: what runs may run for an hour, and another worker may be free. */
const longestWaitMs = 5_000
/** How long one stays that was passed on before, so that it does not go round without end. */
const passOnMs = 50
/** So many jobs are known to have been passed on. */
const maxPassedOn = 1_000

/**
 * Whether this worker may end by something else than the job, would it keep it: by one that lost a worker before, or, the first
 * time that it comes, by whatever runs here. The second time it has to be kept, else a busy worker would never run it.
 */
export function isBesideDoubt(core: Core, requestId: string): boolean {
  if (hasDoubt(core)) return true
  if (core.claims.size === 0 || core.passedOn.has(requestId)) return false
  core.passedOn.add(requestId)
  keepNewest(core.passedOn, maxPassedOn)
  return true
}

/** Whether a job that lost its worker before is here, other than to be passed on. */
function hasDoubt({ claims }: Core): boolean {
  for (const { job, mode } of claims) if (mode === 'queue' && job.losses > 0 && !isPassing(job)) return true
  return false
}

/** One that may not begin is here for a moment, and ends nobody. */
const isPassing = ({ alone, handed_back }: Job): boolean => alone !== undefined && handed_back === true

/** Takes nothing else on, lets what runs end, and then runs the job by itself. */
export function runAlone(core: Core, claim: Claim): void {
  hold(core, claim, () => stopClaim(core, claim, { why: 'timed_out' }))
  if (claim.stopped !== undefined) return // its time may have ended since it was decided upon
  const { maxUnackedMs = Number.POSITIVE_INFINITY } = core.session().dialect
  core.slots.offerAlone(claim)
  whileHere(core, claim, Math.min(longestWaitMs, maxUnackedMs / 2), () => {
    if (core.slots.withdraw(claim)) void giveBack(core, claim)
  })
}

/**
 * Publishes the job again for another worker, marked so that it is no loss should something here end this one meanwhile.
 * @param isAgain it is marked already: it stays a moment
 */
export function passOn(core: Core, claim: Claim, isAgain: boolean): void {
  if (!isAgain) return void publishAgain(core, claim, { handed_back: true })
  hold(core, claim, () => stopClaim(core, claim, { why: 'timed_out' }))
  if (claim.stopped !== undefined) return
  whileHere(core, claim, passOnMs, () => {
    void publishAgain(core, claim)
    core.slots.adjust()
  })
  core.slots.adjust()
}

function whileHere(core: Core, claim: Claim, ms: number, act: () => void): void {
  const stop = core.clock.timer(ms, () => {
    if (core.claims.get(claim.requestId) === claim && claim.phase === 'waiting') act()
  })
  claim.stop.signal.addEventListener('abort', stop, { once: true })
}
