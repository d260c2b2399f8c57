/** Package entry `drover/otel`: spans by OpenTelemetry, for a master in a page or wherever it is bundled. */
import * as api from '@opentelemetry/api'
import { tracingBy } from './otel.ts'
import type { Tracing } from './port.ts'

export type { Span, SpanFacts, SpanName, TraceContext, Tracing } from './port.ts'

/**
 * Spans by the SDK that has registered itself with `@opentelemetry/api`, as `tracing` of a master. Masters, workers and bridges on
 * Node and Deno find an SDK by themselves.
 * @example
 * ```ts ignore
 * await using master = await startMaster({ url: 'wss://jobs.example/stomp', tracing: openTelemetry() })
 * ```
 */
export const openTelemetry = (): Tracing => tracingBy(api)
