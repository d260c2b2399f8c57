/** The metrics of a worker for Prometheus, of the events that it tells and its stats. On Node and on Deno. docs/metrics.md has them. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Clock } from '../../shared/clock.ts'
import { KnownLabels } from '../../shared/metrics/labels.ts'
import { serveMetrics } from '../../shared/metrics/node.ts'
import type { MetricsOptions, MetricsServer } from '../../shared/metrics/options.ts'
import type { WorkerEvent, WorkerStats } from '../options.ts'

export interface WorkerMetrics extends MetricsServer {
  /** To be told each event. */
  readonly onEvent: (event: WorkerEvent) => void
}

const prefix = 'drover_worker'

/**
 * Measures a worker.
 * @param stats of the worker; `undefined` until it has started
 * @throws {DroverError} `config_invalid` or `port_taken`
 */
export async function serveWorkerMetrics(
  options: MetricsOptions,
  clock: Clock,
  stats: () => WorkerStats | undefined,
): Promise<WorkerMetrics> {
  let onEvent = (_: WorkerEvent): void => {}
  const server = await serveMetrics(options, prefix, clock, registry => {
    onEvent = registerWorker(registry, stats)
  })
  return { ...server, onEvent }
}

/** Adds the metrics of a worker. @returns to be told each event */
export function registerWorker(registry: Registry, stats: () => WorkerStats | undefined): (event: WorkerEvent) => void {
  const registers = [registry]
  const jobs = new Counter({
    name: `${prefix}_jobs_total`,
    help: 'Ends and other turns of jobs, by the words of the log (result, error, rejected, cancelled, retrying, requeued, lost, dead …).',
    labelNames: ['task', 'outcome'],
    registers,
  })
  const accepted = new Counter({
    name: `${prefix}_jobs_accepted_total`,
    help: 'Runs that began.',
    labelNames: ['task'],
    registers,
  })
  const seconds = new Histogram({
    name: `${prefix}_run_seconds`,
    help: 'How long runs took that ended their job.',
    labelNames: ['task'],
    buckets: [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800],
    registers,
  })
  for (const [state, name, help] of [
    ['active', 'jobs_running', 'Jobs that run.'],
    ['waiting', 'jobs_waiting', 'Jobs in hand that wait for a slot.'],
    ['resting', 'jobs_resting', 'Jobs in hand that may not begin yet.'],
    ['stuck', 'runs_stuck', 'Runs whose jobs have ended, and whose code goes on.'],
  ] as const) {
    new Gauge({
      name: `${prefix}_${name}`,
      help,
      registers,
      collect() {
        this.set(stats()?.[state] ?? 0)
      },
    })
  }
  new Counter({
    name: `${prefix}_messages_dropped_total`,
    help: 'Messages that could not be read, or not be sent in time.',
    registers,
    collect() {
      this.reset()
      this.inc(stats()?.dropped ?? 0)
    },
  })
  const connected = new Gauge({ name: `${prefix}_connected`, help: 'Whether it has a connection.', registers })
  const connections = new Counter({
    name: `${prefix}_connections_total`,
    help: 'Connections that it had. All but the first are reconnects.',
    registers,
  })
  const problems = new Counter({
    name: `${prefix}_problems_total`,
    help: 'Problems beside jobs that its log tells.',
    registers,
  })
  const tasks = new KnownLabels()
  return event => {
    switch (event.type) {
      case 'job': {
        const task = tasks.of(event.task)
        if (event.what === 'accepted') accepted.inc({ task })
        else jobs.inc({ task, outcome: event.what })
        if (event.took_ms !== undefined) seconds.observe({ task }, event.took_ms / 1_000)
        break
      }
      case 'connection':
        connected.set(event.state.at === 'open' ? 1 : 0)
        if (event.state.at === 'open') connections.inc()
        break
      case 'problem':
        problems.inc()
        break
    }
  }
}
