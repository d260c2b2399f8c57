/** The port by which master, bridge and worker tell where a job's time went. `otel.ts` is it for OpenTelemetry. */

/** Where a trace goes on: the headers of W3C Trace Context. */
export interface TraceContext {
  readonly traceparent: string
  readonly tracestate?: string | undefined
}

/** A part of a job's way. */
export interface Span {
  /** Messages carry it, so that the next part is a child of this one. */
  readonly trace: TraceContext
  /** Runs code, whose own spans are children of this one. */
  within<T>(run: () => T): T
  /**
   * Its part is over.
   * @param error the code of the error with which it failed
   */
  end(error?: string): void
}

/**
 * `dispatch`: from the call to the broker's RECEIPT. `relay`: through the bridge. `wait`: at the broker. `run`: the task's code.
 * `outcome`: until the master has it stored.
 */
export type SpanName = 'dispatch' | 'relay' | 'wait' | 'run' | 'outcome'

/** Of a job, and never of its input or output. */
export interface SpanFacts {
  readonly task: string
  readonly request_id: string
  readonly destination?: string | undefined
  readonly attempt?: number | undefined
  readonly losses?: number | undefined
  /** Of the bridge, as its log names it. */
  readonly session?: string | undefined
  readonly worker_id?: string | undefined
  /** ms since the epoch. Default: now. */
  readonly startedAt?: number | undefined
  /** Then it is over at once. */
  readonly endedAt?: number | undefined
}

export interface Tracing {
  /** @param parent absent, or none that can be read: the span that the running code is in, or else a new trace */
  start(name: SpanName, facts: SpanFacts, parent?: TraceContext): Span
  /** Runs code, whose spans are children of a span elsewhere. */
  within<T>(parent: TraceContext, run: () => T): T
}
