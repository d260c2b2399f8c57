/** The job that was dispatched last from a form: dispatches it, tells how it stands, brings back rejections. */
import { html, nothing, type ReactiveControllerHost, type TemplateResult } from 'lit'
import { JobController } from '../controllers/live-view.ts'
import type { MasterController } from '../controllers/master.ts'
import { type DispatchDetail, DroverDispatchEvent, DroverDispatchedEvent, DroverSelectEvent } from '../events.ts'
import { shortId } from '../look/mod.ts'
import type { FieldIssue } from './schema/mod.ts'
import { rejectionsOf, sentWords } from './sent.ts'
import { tooLargeToSend } from './size.ts'
import type { Mode } from './standing.ts'
import { note } from './status-note.ts'

/** The options that a form gives its jobs beside their input. */
export const optionsOf = (form: {
  readonly timeoutMs: number | undefined
  readonly schema: unknown
}): DispatchDetail['options'] => ({
  ...(typeof form.timeoutMs === 'number' ? { timeoutMs: form.timeoutMs } : {}),
  ...(form.schema === undefined ? {} : { inputSchema: form.schema }),
})

export class SentJob {
  readonly #host: ReactiveControllerHost & EventTarget
  readonly #source: MasterController
  readonly #job: JobController
  #sent: { readonly requestId: string; readonly mode: Mode } | undefined
  #failure: string | undefined
  #rejections: readonly FieldIssue[] = []

  constructor(host: ReactiveControllerHost & EventTarget, source: MasterController) {
    this.#host = host
    this.#source = source
    this.#job = new JobController(host, source, () => this.#sent?.requestId)
  }

  /** Unless a host says no. A job that the master refuses at once is told in the form. */
  dispatch(detail: DispatchDetail): void {
    const { master } = this.#source
    this.forget()
    if (master === undefined || !this.#host.dispatchEvent(new DroverDispatchEvent(detail))) return
    const { task, input, mode, options } = detail
    this.#failure = tooLargeToSend(input, master)
    if (this.#failure !== undefined) return
    try {
      const job = mode === 'topic' ? master.broadcast(task, input, options) : master.dispatch(task, input, options)
      this.#sent = { requestId: job.request_id, mode }
      this.#host.dispatchEvent(new DroverDispatchedEvent(task, job.request_id))
    } catch (error) {
      this.#failure = (error as Error).message
    }
  }

  forget(): void {
    this.#sent = undefined
    this.#failure = undefined
    this.#rejections = []
    this.#host.requestUpdate()
  }

  /** @returns all that workers rejected, when there is more of it than the last time; `isFirst`: there was none */
  newRejections(): { readonly issues: readonly FieldIssue[]; readonly isFirst: boolean } | undefined {
    const issues = rejectionsOf(this.#job.job)
    const isFirst = this.#rejections.length === 0
    if (issues.length <= this.#rejections.length) return undefined
    this.#rejections = issues
    return { issues, isFirst }
  }

  render(): TemplateResult | typeof nothing {
    if (this.#failure !== undefined) return note('error', 'danger', this.#failure)
    const sent = this.#sent
    if (sent === undefined) return nothing
    const { tone, text } = sentWords(this.#job.job, sent.mode)
    const onClick = () => this.#host.dispatchEvent(new DroverSelectEvent('job', sent.requestId))
    const link = html`<button type="button" class="link" part="button" @click=${onClick}>Job <span class="mono">${shortId(sent.requestId)}</span></button>`
    return note('note', tone, html`${text} ${link}`)
  }
}
