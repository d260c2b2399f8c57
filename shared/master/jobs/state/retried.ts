/**
 * Replies about a retry: an operator had a dead job sent again. The first outcome stays. Those of retries are kept as late ones, and
 * say who asked. The attempts of a retry start anew, so its replies are told from those before by its id. Promises 1 and 3.
 */
import { isOutcome, type Reply } from '../../../contract/mod.ts'
import type { JobState } from './job.ts'

/** How many late outcomes are kept. */
const maxLate = 20

/** Whether it is about a retry of a job that has its outcome: nobody waits for that here, and nobody is told to stop. */
export const isAfterTheEnd = ({ phase }: JobState, { retried }: Reply): boolean =>
  phase.at === 'ended' && retried !== undefined

/** Keeps a late outcome, once. @returns the same state for anything else */
export function withLate(state: JobState, reply: Reply): JobState {
  if (!isOutcome(reply) || state.late.some(one => isSameReply(one, reply))) return state
  return { ...state, late: [...state.late, reply].slice(-maxLate) }
}

const isSameReply = (one: Reply, other: Reply): boolean =>
  other.seq !== undefined &&
  one.seq === other.seq &&
  one.worker_id === other.worker_id &&
  one.attempt === other.attempt &&
  one.retried?.id === other.retried?.id
