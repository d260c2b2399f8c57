/**
 * Losses, as a master counts them: runs that it heard `accepted` of, whose worker is gone or which another took over, and
 * which neither ended nor were handed back. A worker counts the broker's marks instead, of runs begun or not.
 */
import type { JobState, Loss, WorkerPart } from './job.ts'
import type { Step } from './reply.ts'
import { retain } from './retention.ts'

/**
 * Counts the losses of a step: a run that is cut off is one loss more, and one of which something is heard again one less.
 * @param said a job that is given up is so for a number, which its error names: one number for both
 */
export function withLosses(before: JobState, step: Step, at: number, said?: number): Step {
  const { state } = step
  if (state.workers === before.workers && said === undefined) return step
  let { losses } = before
  const workers = state.workers.map((part, index) => {
    const wasCounted = part.loss === true
    const isCounted = isCutOff(part) && (wasCounted || isNewlyCutOff(before.workers[index], part, state))
    if (isCounted === wasCounted) return part
    if (isCounted) losses++
    else if (!isAnotherRun(before.workers[index], part)) losses--
    const { loss: _, ...rest } = part
    return isCounted ? { ...rest, loss: true as const } : rest
  })
  if (said !== undefined) return { ...step, state: { ...state, workers, losses: said } }
  if (losses === before.losses) return step
  if (losses < before.losses) return { ...step, state: { ...state, workers, losses } }
  const notice: Loss = { type: 'loss', losses, at }
  return {
    ...step,
    state: { ...state, workers, losses, ...retain(state, notice, false) },
    news: [...step.news, notice],
  }
}

const isCutOff = ({ at }: WorkerPart): boolean => at === 'lost' || at === 'gone'

/** A cancel takes silent workers for gone; and of an attempt that came to an end nothing is lost. */
function isNewlyCutOff(was: WorkerPart | undefined, { at, accepted }: WorkerPart, state: JobState): boolean {
  if (accepted === undefined || accepted.attempt < state.attempt) return false
  if (was !== undefined && isCutOff(was)) return false
  return at === 'lost' || state.phase.at !== 'cancelling'
}

/** The worker has it once more, and the run before stays lost. */
function isAnotherRun(was: WorkerPart | undefined, { accepted }: WorkerPart): boolean {
  return was?.accepted?.attempt !== accepted?.attempt || was?.accepted?.losses !== accepted?.losses
}
