/** Dispatches a known job again, as a person asks for it: the page around may veto, and hears of the new job. */
import { html, nothing, type TemplateResult } from 'lit'
import { DroverError } from '../../shared/contract/errors.ts'
import { optionsOf } from '../../shared/master/jobs/state/job.ts'
import type { JobState } from '../../shared/master/mod.ts'
import type { MasterController } from '../controllers/master.ts'
import type { AnnouncerController } from '../controllers/mod.ts'
import type { DroverElement } from '../element.ts'
import { DroverDispatchEvent, DroverDispatchedEvent, DroverEditEvent } from '../events.ts'
import { icon } from '../look/mod.ts'
import { Repeats } from '../repeats.ts'

export class DispatchAgain {
  readonly #widget: DroverElement
  readonly #source: MasterController
  readonly #announcer: AnnouncerController
  /** A double click, and a key held down, dispatch once, also where the button has become the new job's by then. */
  readonly #repeats: Repeats<string>
  #problem: string | undefined

  /** @param widget the events leave from it */
  constructor(widget: DroverElement, source: MasterController, announcer: AnnouncerController) {
    this.#widget = widget
    this.#source = source
    this.#announcer = announcer
    this.#repeats = new Repeats(source.clock)
  }

  /** @returns the new job's id; `undefined` when the page around vetoed it or the master refused, which shows */
  dispatch(requestId: string): string | undefined {
    if (this.#repeats.isRepeat(requestId)) return undefined
    this.reset()
    try {
      return this.#dispatch(requestId)
    } catch (error) {
      this.#problem = (error as Error).message
      this.#announcer.say('action', this.#problem)
      return undefined
    } finally {
      this.#widget.requestUpdate()
    }
  }

  /** A refusal is not of interest any more. */
  reset(): void {
    this.#problem = undefined
  }

  render(): TemplateResult | typeof nothing {
    return this.#problem === undefined
      ? nothing
      : html`<p class="note" part="note" data-tone="danger">${icon('warning')}<span>Not dispatched. ${this.#problem}</span></p>`
  }

  #dispatch(requestId: string): string | undefined {
    const { master } = this.#source
    const job = master?.jobs.get(requestId)
    if (job !== undefined && job.unopened === undefined) {
      if (job.secrets !== undefined) return this.#ask(job)
      const { task, input, mode } = job
      const detail = { task, input, mode, options: optionsOf(job) }
      if (!this.#widget.dispatchEvent(new DroverDispatchEvent(detail))) return undefined
    }
    const again = master?.again(requestId)
    if (again !== undefined) this.#repeats.isRepeat(again.request_id)
    if (again !== undefined) this.#widget.dispatchEvent(new DroverDispatchedEvent(again.task, again.request_id))
    return again?.request_id
  }

  /** Its secrets are not kept: a form asks for them, where somebody shows one. */
  #ask(job: JobState): undefined {
    const event = new DroverEditEvent(job)
    if (this.#widget.dispatchEvent(event))
      throw new DroverError('input_invalid', 'Its input holds a secret, which is not kept; fill in the form anew')
  }
}
