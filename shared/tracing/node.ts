/** Finds the SDK of OpenTelemetry on Node and Deno, which have to have started it before. */
import { createRequire } from 'node:module'
import { tracingBy } from './otel.ts'
import type { Tracing } from './port.ts'

/** By which an SDK registers itself with the API, of which it may have loaded another copy. */
const registered = Symbol.for('opentelemetry.js.api.1')

interface Registered {
  readonly [registered]?: { readonly trace?: unknown }
}

/** @returns `undefined` where there is none: then the API is not even loaded, and nobody has work by it */
export function findTracing(): Tracing | undefined {
  if ((globalThis as Registered)[registered]?.trace === undefined) return undefined
  try {
    return tracingBy(createRequire(import.meta.url)('@opentelemetry/api') as typeof import('@opentelemetry/api'))
  } catch {
    return undefined // in a bundle, which is given `tracing` by who makes it
  }
}

/** The most that the end of a process waits for a collector, ms. */
const flushMs = 2_000

/** Has an SDK send the spans that it keeps for a batch, before a process ends. Never rejects. */
export async function flushTracing(): Promise<void> {
  const provider = (globalThis as Registered)[registered]?.trace as Flushable | undefined
  const flushing = (provider?.getDelegate?.() ?? provider)?.forceFlush?.()
  if (flushing === undefined) return
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, flushMs)
  await Promise.race([flushing, late]).catch(() => {})
  clearTimeout(timer)
}

/** The API has no word for it, and SDKs do. */
interface Flushable {
  readonly getDelegate?: () => Flushable
  readonly forceFlush?: () => Promise<void>
}
