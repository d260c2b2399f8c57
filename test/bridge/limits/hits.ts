/** How often each limit of a bridge was reached, as Prometheus reads it. */
import type { TestBridge } from '../../support/bridges/bridges.ts'

export async function hitsOf({ metricsUrl = '' }: Pick<TestBridge, 'metricsUrl'>): Promise<Record<string, number>> {
  const text = await (await fetch(metricsUrl)).text()
  const lines = text.matchAll(/^drover_bridge_limit_hits_total\{limit="(\w+)"\} (\d+)$/gm)
  return Object.fromEntries(Array.from(lines, ([, limit = '', n]) => [limit, Number(n)]))
}
