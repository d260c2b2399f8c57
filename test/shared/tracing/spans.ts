/** The spans that the processes of a test wrote. */
import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'

export interface WrittenSpan {
  readonly name: string
  readonly kind: string
  readonly traceId: string
  readonly spanId: string
  readonly parentId?: string
  readonly startedAt: number
  readonly endedAt: number
  readonly isFailed: boolean
  readonly attributes: Readonly<Record<string, unknown>>
  readonly scope: string
}

export const spansIn = (file: string): WrittenSpan[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line) as WrittenSpan)
    : []

/** Waits for so many spans of a trace. */
export async function traceOf(file: string, traceId: string, count: number): Promise<WrittenSpan[]> {
  const found = (): WrittenSpan[] => spansIn(file).filter(span => span.traceId === traceId)
  await expect.poll(() => found().map(({ name }) => name), { timeout: 10_000 }).toHaveLength(count)
  return found()
}

/** Each span with the name of its parent, sorted. */
export const treeOf = (spans: readonly WrittenSpan[]): string[] => {
  const nameOf = new Map(spans.map(({ spanId, name }) => [spanId, name]))
  return spans.map(({ name, parentId = '' }) => `${name} < ${nameOf.get(parentId) ?? parentId}`).sort()
}
