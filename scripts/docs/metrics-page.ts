/** The reference of the metrics, as the code registers each. */
import { Registry } from 'prom-client'
import { BridgeCounts } from '../../bridge/metrics/counts.ts'
import { registerBridge } from '../../bridge/metrics/node.ts'
import { systemClock } from '../../shared/clock.ts'
import { measureProcess } from '../../shared/metrics/node.ts'
import { registerWorker } from '../../worker/metrics/node.ts'

/** The metrics of each kind of process. */
export function registries(): { readonly bridge: Registry; readonly worker: Registry } {
  const bridge = new Registry()
  registerBridge(bridge, {
    counts: new BridgeCounts(),
    sessions: {
      size: 0,
      connections: 0,
      bufferedBytes: { browser: 0, broker: 0, unfinished: 0 },
      limitsFullness: [].values(),
    },
    readiness: { isReady: true },
    clock: systemClock,
  })
  measureProcess(bridge, 'drover_bridge', systemClock)()
  const worker = new Registry()
  registerWorker(worker, () => undefined)
  measureProcess(worker, 'drover_worker', systemClock)()
  return { bridge, worker }
}

/** A metric as prom-client keeps it, for which it has no type. */
interface Registered {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly labelNames: readonly string[]
}

/** The metrics of a registry, as they were declared. */
export const registered = (registry: Registry): readonly Registered[] =>
  registry.getMetricsAsArray() as unknown as readonly Registered[]

/** The page, whole. */
export function metricsPage(): string {
  const { bridge, worker } = registries()
  return `# Metrics

<!-- Made by "npm run docs:metrics" from bridge/metrics and worker/metrics. -->

[monitoring.md](monitoring.md#metrics) says how they are had.

- A count of something with many names (tasks, codes) has 200 of them at most. All others are \`other\` together.
- A histogram has \`_bucket\`, \`_sum\` and \`_count\` behind its name.

## The bridge

${table(bridge)}

## A worker

${table(worker)}
`
}

function table(registry: Registry): string {
  const rows = registered(registry).map(
    ({ name, type, labelNames, help }) =>
      `| \`${name}\` | ${type} | ${labelNames
        .filter(label => label !== 'le')
        .map(label => `\`${label}\``)
        .join(', ')} | ${help} |`,
  )
  return ['| Metric | Kind | Labels | Meaning |', '|---|---|---|---|', ...rows].join('\n')
}
