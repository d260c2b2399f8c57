/** Sealed jobs as they are stored. Without their master's key they show which jobs there are, and how they ended. */
import { DroverError } from '../../contract/errors.ts'
import { sealedError } from '../../contract/sealed-payload.ts'
import type { JobState, Phase, WorkerPart } from '../jobs/state/job.ts'
import type { Outcome } from '../jobs/state/outcome.ts'

interface StoringSeals {
  store(job: JobState): Promise<unknown>
  restore(requestId: string, sealed: unknown): Promise<JobState>
}

/** A job as it is stored. No error stays open: also one of Drover's own may quote the job, as one about an output does. */
export async function closedJob(job: JobState, seals: StoringSeals): Promise<JobState> {
  if (job.sealed === undefined || job.unopened !== undefined) return job
  return { ...withoutPayloads(job), unopened: await seals.store(job) }
}

/**
 * @returns the job as it is where this master has no key for it
 * @throws {DroverError} `keys_unavailable` where that is not known yet
 */
export async function openedJob(job: JobState, seals: StoringSeals): Promise<JobState> {
  if (job.unopened === undefined) return job
  let whole: JobState
  try {
    whole = await seals.restore(job.request_id, job.unopened)
  } catch (error) {
    if (error instanceof DroverError && error.code === 'keys_unavailable') throw error
    return job
  }
  if (job.phase.at !== 'ended' || whole.phase.at === 'ended') return whole
  // A master without the key went on with it meanwhile, and it has ended since
  const { unopened: _, ...ended } = job
  const { input, secrets, replies } = whole
  return { ...ended, input, ...(secrets === undefined ? {} : { secrets }), replies: [...replies, ...job.replies] }
}

function withoutPayloads(job: JobState): JobState {
  const { progress: _, secrets: _secrets, ...kept } = job
  return {
    ...kept,
    input: null,
    phase: phaseWithout(job.phase),
    workers: job.workers.map(partWithout),
    replies: [],
    late: [],
  }
}

function phaseWithout(phase: Phase): Phase {
  if (phase.at === 'retrying') return { ...phase, error: sealedError(phase.error) }
  return phase.at === 'ended' ? { ...phase, outcome: outcomeWithout(phase.outcome) } : phase
}

function partWithout({ progress: _, outcome, ...part }: WorkerPart): WorkerPart {
  return outcome === undefined ? part : { ...part, outcome: outcomeWithout(outcome) }
}

function outcomeWithout<One extends Outcome>(outcome: One): One {
  switch (outcome.type) {
    case 'result':
      return { ...outcome, output: undefined, sealed: true }
    case 'error':
      return { ...outcome, error: sealedError(outcome.error), sealed: true }
    case 'rejected':
      return { ...outcome, issues: [], sealed: true }
    default:
      return outcome
  }
}
