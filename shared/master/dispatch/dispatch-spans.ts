/** The spans of jobs that were dispatched and not confirmed yet. They end with the page, as its SDK does. */
import type { Span, TraceContext, Tracing } from '../../tracing/port.ts'

export class DispatchSpans {
  readonly #tracing: Tracing
  readonly #open = new Map<string, Span>()

  constructor(tracing: Tracing) {
    this.#tracing = tracing
  }

  /**
   * @param parent by who asks for the job
   * @returns the trace that the job is sent with
   */
  start(request_id: string, task: string, parent: TraceContext | undefined): TraceContext {
    const span = this.#tracing.start('dispatch', { task, request_id }, parent)
    this.#open.set(request_id, span)
    return span.trace
  }

  /** The broker has it, or nobody is to have it any more. @param error why it was not sent */
  end(requestId: string, error?: string): void {
    this.#open.get(requestId)?.end(error)
    this.#open.delete(requestId)
  }
}
