/** Finds the SDK of OpenTelemetry on Node and Deno, which have to have started it before. */
import { createRequire } from 'node:module'
import { tracingBy } from './otel.ts'
import type { Tracing } from './port.ts'

/** By which an SDK registers itself with the API, of which it may have loaded another copy. */
const registered = Symbol.for('opentelemetry.js.api.1')

/** @returns `undefined` where there is none: then the API is not even loaded, and nobody has work by it */
export function findTracing(): Tracing | undefined {
  const found = (globalThis as { [registered]?: { readonly trace?: unknown } })[registered]
  if (found?.trace === undefined) return undefined
  try {
    return tracingBy(createRequire(import.meta.url)('@opentelemetry/api') as typeof import('@opentelemetry/api'))
  } catch {
    return undefined // in a bundle, which is given `tracing` by who makes it
  }
}
