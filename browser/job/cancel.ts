/** Cancels a job as a person asks for it. A run would be lost, so the button asks once more; a job that only waits is cancelled at once. */
import type { JobState } from '../../shared/master/mod.ts'
import type { MasterController } from '../controllers/master.ts'
import { type AnnouncerController, SecondPress } from '../controllers/mod.ts'
import type { DroverElement } from '../element.ts'
import { shortId } from '../look/mod.ts'

/** Whether asking for its end makes sense. */
export const canCancel = ({ phase }: JobState): boolean => phase.at !== 'ended' && phase.at !== 'cancelling'

export class CancelButton {
  readonly #source: MasterController
  readonly #announcer: AnnouncerController
  readonly #press: SecondPress

  constructor(widget: DroverElement, source: MasterController, announcer: AnnouncerController) {
    this.#source = source
    this.#announcer = announcer
    this.#press = new SecondPress(widget, source.clock, announcer)
  }

  /** @returns the words of the button */
  wordOf(job: JobState): 'Cancel' | 'Really cancel' {
    return this.#press.isAsked(job.request_id) && canCancel(job) ? 'Really cancel' : 'Cancel'
  }

  /** For its `click` events. @param job as it is now */
  press(job: JobState, event: UIEvent): void {
    if (!canCancel(job)) return
    const { request_id, task, phase } = job
    const name = `${task} ${shortId(request_id)}`
    const isWaiting = phase.at === 'sent' || phase.at === 'unsent'
    const cancel = (): void => {
      this.#source.master?.cancel(request_id)
      this.#announcer.say('action', `Cancelling ${name}.`)
    }
    this.#press.press(request_id, event, cancel, isWaiting ? undefined : `Press once more to cancel ${name}.`)
  }

  /** For its `keydown` events. */
  readonly onKey = (event: KeyboardEvent): void => this.#press.onKey(event)

  /** For its `focusout` events. */
  readonly drop = (): void => this.#press.drop()
}
