/** Dispatches a known job again, as a person asks for it: the page around may veto, and hears of the new job. */
import { html, nothing, type TemplateResult } from 'lit'
import type { MasterController } from '../controllers/master.ts'
import type { AnnouncerController } from '../controllers/mod.ts'
import type { DroverElement } from '../element.ts'
import { DroverDispatchEvent, DroverDispatchedEvent } from '../events.ts'
import { icon } from '../look/mod.ts'

export class DispatchAgain {
  readonly #widget: DroverElement
  readonly #source: MasterController
  readonly #announcer: AnnouncerController
  #problem: string | undefined

  /** @param widget the events leave from it */
  constructor(widget: DroverElement, source: MasterController, announcer: AnnouncerController) {
    this.#widget = widget
    this.#source = source
    this.#announcer = announcer
  }

  /** @returns the new job's id; `undefined` when the page around vetoed it or the master refused, which shows */
  dispatch(requestId: string): string | undefined {
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

  /** What was refused is not of interest any more. */
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
    if (job !== undefined) {
      const { task, input, mode, timeout_ms, priority, until } = job
      const options = { timeoutMs: timeout_ms, priority, until }
      if (!this.#widget.dispatchEvent(new DroverDispatchEvent({ task, input, mode, options }))) return undefined
    }
    const again = master?.again(requestId)
    if (again !== undefined) this.#widget.dispatchEvent(new DroverDispatchedEvent(again.task, again.request_id))
    return again?.request_id
  }
}
