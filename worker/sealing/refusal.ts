/** The end of a job whose seal is refused: its sender is told why, and a queue's job is kept for operators. */
import type { DroverError, WireError } from '../../shared/contract/mod.ts'
import type { HeldJob } from '../held-job.ts'
import type { JobChanges } from '../settle/job-messages.ts'
import type { OutcomeFields } from '../settle/replies.ts'

/** @returns the outcome, and the error with which the job goes to dead */
export function refusal(
  { mode }: Pick<HeldJob, 'mode'>,
  { name, code, message }: DroverError,
): [OutcomeFields, (JobChanges & { error: WireError }) | undefined] {
  const error: WireError = { name, code, message, retryable: false }
  return [{ type: 'rejected', issues: [{ path: '', message }] }, mode === 'queue' ? { error } : undefined]
}
