/**
 * Cancels a job as a person asks for it. A run would be lost, so the button asks once more: for some seconds, or until the
 * focus leaves it. A job that only waits is cancelled at once. Neither a double click nor a key held down is a second answer.
 */
import type { ReactiveController } from 'lit'
import type { JobState } from '../../shared/master/mod.ts'
import type { MasterController } from '../controllers/master.ts'
import type { AnnouncerController } from '../controllers/mod.ts'
import type { DroverElement } from '../element.ts'
import { shortId } from '../look/mod.ts'

const askedForMs = 6000

/** Whether asking for its end makes sense. */
export const canCancel = ({ phase }: JobState): boolean => phase.at !== 'ended' && phase.at !== 'cancelling'

export class CancelButton implements ReactiveController {
  readonly #widget: DroverElement
  readonly #source: MasterController
  readonly #announcer: AnnouncerController
  #asked: string | undefined
  #stopTimer: (() => void) | undefined

  constructor(widget: DroverElement, source: MasterController, announcer: AnnouncerController) {
    this.#widget = widget
    this.#source = source
    this.#announcer = announcer
    widget.addController(this)
  }

  /** @returns the words of the button */
  wordOf(job: JobState): 'Cancel' | 'Really cancel' {
    return job.request_id === this.#asked && canCancel(job) ? 'Really cancel' : 'Cancel'
  }

  /** For its `click` events. @param job as it is now */
  press(job: JobState, { detail }: UIEvent): void {
    if (!canCancel(job) || detail > 1) return
    const { request_id, task, phase } = job
    const name = `${task} ${shortId(request_id)}`
    const isAsked = this.#asked === request_id
    this.drop()
    if (isAsked || phase.at === 'sent' || phase.at === 'unsent') {
      this.#source.master?.cancel(request_id)
      this.#announcer.say('action', `Cancelling ${name}.`)
    } else {
      this.#asked = request_id
      this.#stopTimer = this.#source.clock.timer(askedForMs, this.drop)
      this.#announcer.say('action', `Press once more to cancel ${name}.`)
    }
  }

  /** For its `keydown` events. */
  readonly onKey = (event: KeyboardEvent): void => {
    if (event.repeat && event.key === 'Enter') event.preventDefault()
  }

  /** Asks no more: for its `focusout` events, of which one may come in the midst of an update. */
  readonly drop = (): void => {
    this.#stopTimer?.()
    this.#asked = undefined
    queueMicrotask(() => this.#widget.requestUpdate())
  }

  hostDisconnected(): void {
    this.drop()
  }
}
