/** How often each limit of a bridge was reached, and how full each is, as Prometheus reads it. */
import type { TestBridge } from '../../../support/bridges/bridges.ts'

type Measured = Pick<TestBridge, 'metricsUrl'>

export const hitsOf = (bridge: Measured): Promise<Record<string, number>> => byLimit(bridge, 'limit_hits_total')

export const fullnessOf = (bridge: Measured): Promise<Record<string, number>> => byLimit(bridge, 'limit_used_ratio')

async function byLimit({ metricsUrl = '' }: Measured, metric: string): Promise<Record<string, number>> {
  const text = await (await fetch(metricsUrl)).text()
  const lines = text.matchAll(new RegExp(`^drover_bridge_${metric}\\{limit="(\\w+)"\\} (\\S+)$`, 'gm'))
  return Object.fromEntries(Array.from(lines, ([, limit = '', n]) => [limit, Number(n)]))
}
