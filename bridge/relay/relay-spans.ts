/**
 * The spans of the jobs that one session dispatches, where a program traces: each from its SEND to the broker's socket. A job that
 * brings no trace begins one here.
 */
import { unescapeHeader } from '../../shared/frames/mod.ts'
import { readDestination } from '../../shared/stomp/destinations.ts'
import type { Span, Tracing } from '../../shared/tracing/port.ts'
import { traceIn } from '../../shared/tracing/trace-context.ts'
import type { SendHead } from './headers/send-head.ts'
import { createStamp, headersOf, type Stamp } from './headers/write-send.ts'

export class RelaySpans {
  readonly #tracing: Tracing
  readonly #session: { readonly id: string; readonly namespace: string }
  #open: Span | undefined

  constructor(tracing: Tracing, session: { readonly id: string; readonly namespace: string }) {
    this.#tracing = tracing
    this.#session = session
  }

  /**
   * A job is about to leave; it has left at `written`.
   * @returns the stamp, with a trace where the job has none that can be read
   */
  begin(destination: string, { frame, correlationId = '', reader: { version } }: SendHead, stamp: Stamp): Stamp {
    const { id: session, namespace } = this.#session
    const purpose = readDestination(namespace, destination)
    const task = purpose !== undefined && 'task' in purpose ? purpose.task : 'other'
    const trace = traceIn({
      traceparent: frame.header('traceparent')?.trim(),
      tracestate: unescaped(frame.header('tracestate'), version),
    })
    this.#open = this.#tracing.start('relay', { task, request_id: correlationId, destination, session }, trace)
    if (trace !== undefined) return stamp
    const { traceparent, tracestate } = this.#open.trace
    const headers = Object.entries({ traceparent, ...(tracestate === undefined ? {} : { tracestate }) })
    return createStamp([...headersOf(stamp), ...headers], version)
  }

  /** All that was to leave is written to the broker's socket. */
  written(): void {
    this.#open?.end()
    this.#open = undefined
  }
}

function unescaped(value: string | undefined, version: SendHead['reader']['version']): string | undefined {
  try {
    return value === undefined ? undefined : unescapeHeader(value, version)
  } catch {
    return undefined // nobody's fault but the sender's, and no reason to refuse a job
  }
}
