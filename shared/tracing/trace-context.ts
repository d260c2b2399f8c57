/** Reads W3C Trace Context from a message's headers. */
import type { TraceContext } from './port.ts'

/** Of version 00; later ones may have more behind it. Neither id is all zeros. */
const traceparentOf = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-|$)/
/** A list in printable ASCII. */
const tracestateOf = /^[ -~]{1,512}$/

/** @returns `undefined` where there is none, or one that is none: nobody is told, since a job runs without it too */
export function traceIn(headers: Readonly<Record<string, string | undefined>>): TraceContext | undefined {
  const { traceparent, tracestate } = headers
  if (traceparent === undefined || readTraceparent(traceparent) === undefined) return undefined
  return tracestate !== undefined && tracestateOf.test(tracestate) ? { traceparent, tracestate } : { traceparent }
}

/** Its parts. @returns `undefined` for one that is none */
export function readTraceparent(
  text: string,
): { readonly traceId: string; readonly spanId: string; readonly flags: number } | undefined {
  const [, traceId, spanId, flags = '', rest] = (text.length <= 100 && traceparentOf.exec(text)) || []
  if (traceId === undefined || spanId === undefined || (text.startsWith('00') && rest !== '')) return undefined
  return { traceId, spanId, flags: Number.parseInt(flags, 16) }
}
