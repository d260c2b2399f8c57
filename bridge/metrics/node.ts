/** The metrics of a bridge for Prometheus, made of its counts at each scrape. docs/metrics.md has them all. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { LabelledCounts } from '../../shared/metrics/labels.ts'
import { serveMetrics } from '../../shared/metrics/node.ts'
import type { MetricsOptions, MetricsServer } from '../../shared/metrics/options.ts'
import { settingOf } from '../limit-reached.ts'
import type { Measured } from './measured.ts'

const prefix = 'drover_bridge'

/** @throws {DroverError} `config_invalid` or `port_taken` */
export const serveBridgeMetrics = (options: MetricsOptions, measured: Measured): Promise<MetricsServer> =>
  serveMetrics(options, prefix, measured.clock, registry => registerBridge(registry, measured))

/** Numbers as they are now, each with its labels. */
type Numbers = Iterable<readonly [labels: Readonly<Record<string, string>>, n: number]>

/** Adds the metrics of a bridge. */
export function registerBridge(registry: Registry, { counts, sessions, readiness }: Measured): void {
  const registers = [registry]
  const gauges = (name: string, labelNames: string[], help: string, read: () => Numbers): void => {
    new Gauge({
      name: `${prefix}_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        for (const [labels, n] of read()) this.set(labels, n)
      },
    })
  }
  const counters = (name: string, labelNames: string[], help: string, read: () => Numbers): void => {
    new Counter({
      name: `${prefix}_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        this.reset()
        for (const [labels, n] of read()) this.inc(labels, n)
      },
    })
  }
  const gauge = (name: string, help: string, read: () => number): void => gauges(name, [], help, () => [[{}, read()]])
  const counter = (name: string, help: string, read: () => number): void =>
    counters(name, [], help, () => [[{}, read()]])
  const byLabel = (name: string, label: string, help: string, labelled: LabelledCounts): void =>
    counters(name, [label], help, function* () {
      for (const [value, { n }] of labelled) yield [{ [label]: value }, n]
    })
  const traffic = (what: 'frames' | 'bytes', help: string): void =>
    counters(`${what}_total`, ['direction', 'command'], help, function* () {
      for (const direction of ['in', 'out'] as const) {
        for (const [command, counted] of counts[direction]) yield [{ direction, command }, counted[what]]
      }
    })
  gauge('sessions', 'Open sessions.', () => sessions.size)
  gauge('connections', 'Open connections, also those without a CONNECT so far.', () => sessions.connections)
  counter('sessions_opened_total', 'Sessions that were opened.', () => counts.opened)
  byLabel(
    'sessions_closed_total',
    'reason',
    'Sessions that have ended: by the code of an error, disconnected (by DISCONNECT) or gone (without a word).',
    counts.closed,
  )
  traffic('frames', 'Frames from sessions (in) and to them (out).')
  traffic('bytes', 'Bytes of these frames.')
  byLabel(
    'refusals_total',
    'code',
    'Frames, logins and requests that were refused, by the code of the error.',
    counts.refusals,
  )
  byLabel(
    'limit_hits_total',
    'limit',
    'How often a limit of the settings was reached: somebody was refused, or was slowed down by it.',
    counts.limitHits,
  )
  gauges(
    'limit_used_ratio',
    ['limit'],
    'How full a limit is, from 0 to 1: the part of it that the owner, or the address, with most has now.',
    function* () {
      for (const [limit, part] of sessions.limitsFullness) yield [{ limit: settingOf(limit) }, part]
    },
  )
  byLabel(
    'jobs_dispatched_total',
    'task',
    'Jobs that sessions dispatched. Tasks past the first 200 are other.',
    counts.jobs,
  )
  byLabel('jobs_retried_total', 'task', 'Dead letters that sessions sent again.', counts.retries)
  counters(
    'job_answers_total',
    ['task', 'answer'],
    'Messages of workers about jobs: an outcome, a report (such as progress), the job again for its queue, or the dead letter.',
    function* () {
      for (const [task, answers] of counts.answers) {
        for (const [answer, n] of Object.entries(answers)) yield [{ task, answer }, n]
      }
    },
  )
  counter('jobs_misfit_total', 'Jobs that reached no worker, since their pass did not fit.', () => counts.misfits)
  counter(
    'presence_dropped_total',
    'Messages of workers about themselves that could not be read, where the bridge tells pages of workers.',
    () => counts.presenceDropped,
  )
  const answered = new Histogram({
    name: `${prefix}_broker_connect_seconds`,
    help: 'From the start of a connection to the broker until its CONNECTED, of sessions and of /ready.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  counts.brokerAnswered = seconds => answered.observe(seconds)
  gauge('broker_up', 'Whether the broker took the last login: 1 or 0, and NaN before the first.', () =>
    readiness.isReady === undefined ? Number.NaN : Number(readiness.isReady),
  )
  counter(
    'broker_failures_total',
    'Logins at the broker that failed, and connections that it lost.',
    () => counts.brokerFailures,
  )
  counter('broker_errors_total', 'ERRORs of the broker.', () => counts.brokerErrors)
  counter(
    'broker_reconnects_total',
    'How often the broker took logins again after it did not.',
    () => counts.brokerReconnects,
  )
  gauges(
    'buffered_bytes',
    ['of'],
    'Bytes in memory: for sessions (browser), for the broker, and of frames that have begun and not ended (unfinished).',
    function* () {
      for (const [of, bytes] of Object.entries(sessions.bufferedBytes)) yield [{ of }, bytes]
    },
  )
}
