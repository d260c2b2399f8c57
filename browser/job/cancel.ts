/** Cancels a job as a person asks for it. A run would be lost, so the button asks once more; a job that only waits is cancelled at once. */
import type { JobState, Master } from '../../shared/master/mod.ts'
import type { SecondPress } from '../controllers/mod.ts'
import { shortId } from '../look/mod.ts'

/** Whether asking for its end makes sense. */
export const canCancel = ({ phase }: JobState): boolean => phase.at !== 'ended' && phase.at !== 'cancelling'

/** The words of the button. */
export const cancelWord = (press: SecondPress, job: JobState): 'Cancel' | 'Really cancel' =>
  press.isAsked(job.request_id) && canCancel(job) ? 'Really cancel' : 'Cancel'

/** For the `click` events of the button. @param job as it is now */
export function pressCancel(press: SecondPress, job: JobState, master: Master | undefined, event: UIEvent): void {
  if (!canCancel(job)) return
  const { request_id, task, phase } = job
  const name = `${task} ${shortId(request_id)}`
  const cancel = (): string => {
    master?.cancel(request_id)
    return `Cancelling ${name}.`
  }
  const isWaiting = phase.at === 'sent' || phase.at === 'unsent'
  press.press(request_id, event, cancel, isWaiting ? undefined : `Press once more to cancel ${name}.`)
}
