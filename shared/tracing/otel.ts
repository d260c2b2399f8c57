/** Spans by the API of OpenTelemetry, in the words of its conventions for messaging. Without an SDK they are nothing. */
import type * as Api from '@opentelemetry/api'
import type { Span, SpanFacts, SpanName, TraceContext, Tracing } from './port.ts'
import { readTraceparent } from './trace-context.ts'

type OpenTelemetry = Pick<
  typeof Api,
  'trace' | 'context' | 'createTraceState' | 'ROOT_CONTEXT' | 'SpanKind' | 'SpanStatusCode'
>

const kinds = {
  dispatch: 'PRODUCER',
  relay: 'INTERNAL',
  wait: 'INTERNAL',
  run: 'CONSUMER',
  outcome: 'CONSUMER',
} as const
const operationTypes: Readonly<Partial<Record<SpanName, string>>> = {
  dispatch: 'send',
  run: 'process',
  outcome: 'process',
}

/** @param api that the SDK has registered with */
export function tracingBy(api: OpenTelemetry): Tracing {
  const { trace, context, ROOT_CONTEXT, SpanKind } = api
  const tracer = trace.getTracer('drover')
  const remote = ({ traceparent, tracestate }: TraceContext): Api.Context | undefined => {
    const read = readTraceparent(traceparent)
    if (read === undefined) return undefined
    const { traceId, spanId, flags: traceFlags } = read
    const state = tracestate === undefined ? {} : { traceState: api.createTraceState(tracestate) }
    return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true, ...state })
  }
  return {
    start(name, facts, parent) {
      const { task, startedAt, endedAt } = facts
      const from = (parent && remote(parent)) ?? context.active()
      const options = { kind: SpanKind[kinds[name]], attributes: attributesOf(name, facts), startTime: startedAt }
      const span = tracer.startSpan(`${name} ${task}`, definedOnly(options), from)
      if (endedAt !== undefined) span.end(endedAt)
      return spanOf(span, from, api)
    },
    within(parent, run) {
      const found = remote(parent)
      return found === undefined ? run() : context.with(found, run)
    },
  }
}

function spanOf(span: Api.Span, from: Api.Context, { trace, context, SpanStatusCode }: OpenTelemetry): Span {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext()
  const flags = (traceFlags & 255).toString(16).padStart(2, '0')
  return {
    trace: { traceparent: `00-${traceId}-${spanId}-${flags}`, tracestate: traceState?.serialize() || undefined },
    within: run => context.with(trace.setSpan(from, span), run),
    end(error) {
      if (error !== undefined) {
        span.setAttribute('error.type', error)
        span.setStatus({ code: SpanStatusCode.ERROR })
      }
      span.end()
    },
  }
}

function attributesOf(name: SpanName, facts: SpanFacts): Api.Attributes {
  const { task, request_id, destination, attempt, losses, session, worker_id } = facts
  return definedOnly({
    'messaging.system': 'stomp',
    'messaging.operation.name': name,
    'messaging.operation.type': operationTypes[name],
    'messaging.destination.name': destination,
    'messaging.message.conversation_id': request_id,
    'messaging.client.id': worker_id,
    'drover.task': task,
    'drover.attempt': attempt,
    'drover.losses': losses,
    'drover.session': session,
  })
}

const definedOnly = <T extends object>(all: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as never
