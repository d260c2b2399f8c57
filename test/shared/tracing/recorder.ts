/** A tracing that remembers its spans, for tests of who makes them and when. */
import type { SpanFacts, SpanName, TraceContext, Tracing } from '../../../shared/tracing/port.ts'

export const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

interface Recorded {
  readonly name: SpanName
  readonly facts: SpanFacts
  readonly parent: TraceContext | undefined
  hasEnded: boolean
  error?: string | undefined
}

/** Hands on the trace of each part's parent, or else `made`. */
export function recorder(made: TraceContext = { traceparent }): Tracing & { readonly spans: readonly Recorded[] } {
  const spans: Recorded[] = []
  return {
    spans,
    start(name, facts, parent) {
      const span: Recorded = { name, facts, parent, hasEnded: facts.endedAt !== undefined }
      spans.push(span)
      return {
        trace: parent ?? made,
        within: run => run(),
        end(error) {
          span.hasEnded = true
          span.error = error
        },
      }
    },
    within: (_, run) => run(),
  }
}
