/** A port for Prometheus, apart from all others, and the metrics that every process of Drover has. On Node and on Deno. */
import { createServer, type IncomingMessage } from 'node:http'
import process from 'node:process'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Clock } from '../clock.ts'
import { DroverError } from '../contract/errors.ts'
import { hostInUrl, isLoopback } from '../hosts.ts'
import { timingSafeEqualText } from '../timing-safe-equal.ts'
import { checkMetrics, type MetricsOptions, type MetricsServer } from './options.ts'

/** How often the delay of the event loop is looked at. */
const sampleMs = 250

/**
 * Starts to answer `GET /metrics`.
 * @param prefix of the names, such as `drover_bridge`
 * @param register adds the metrics of this kind of process
 * @throws {DroverError} `config_invalid` or `port_taken`
 */
export async function serveMetrics(
  { port, hostname = '127.0.0.1', token }: MetricsOptions,
  prefix: string,
  clock: Clock,
  register: (registry: Registry) => void,
): Promise<MetricsServer> {
  checkMetrics({ port, hostname, token })
  const registry = new Registry()
  register(registry)
  const stopSampling = measureProcess(registry, prefix, clock)
  const server = createServer((request, response) => {
    const refusal = refusalOf(request, token)
    if (refusal !== undefined) {
      response.writeHead(refusal.status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${refusal.text}\n`)
      return
    }
    registry.metrics().then(
      text => response.writeHead(200, { 'content-type': registry.contentType, 'cache-control': 'no-store' }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      stopSampling()
      const isTaken = cause.code === 'EADDRINUSE'
      const where = `${hostname}:${port}`
      reject(
        isTaken
          ? new DroverError('port_taken', `The port for metrics, ${where}, is taken by another program`, { cause })
          : new DroverError('config_invalid', `Metrics cannot be had on ${where}: ${cause.message}`, { cause }),
      )
    })
    server.listen(port, hostname.replace(/^\[|\]$/g, ''), resolve)
  })
  const address = server.address()
  const listensOn = typeof address === 'object' && address ? address.port : port
  return {
    url: `http://${hostInUrl(hostname)}:${listensOn}/metrics`,
    close: () =>
      new Promise(resolve => {
        stopSampling()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function refusalOf(request: IncomingMessage, token: string | undefined): { status: number; text: string } | undefined {
  const { method, url = '', headers } = request
  if (token) {
    const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? ''
    if (!timingSafeEqualText(given, token))
      return { status: 401, text: 'Give the token by authorization: Bearer TOKEN' }
  } else if (!isLoopbackName(headers.host)) {
    // A page of another site may have had its own name lead here
    return { status: 403, text: 'Ask by an address, or by localhost' }
  }
  if (url.split('?', 1)[0] !== '/metrics') return { status: 404, text: 'There is /metrics alone' }
  return method === 'GET' || method === 'HEAD' ? undefined : { status: 405, text: 'GET it' }
}

const isLoopbackName = (host = 'localhost'): boolean => isLoopback(host.replace(/:[0-9]+$/, '').toLowerCase())

/** Adds those of the process. @returns stops looking at it */
export function measureProcess(registry: Registry, prefix: string, clock: Clock): () => void {
  const registers = [registry]
  const delay = new Histogram({
    name: `${prefix}_event_loop_delay_seconds`,
    help: `How late a timer fires, looked at every ${sampleMs} ms. All else in the process waits as long.`,
    buckets: [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  })
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory of the process.',
    registers,
    collect() {
      this.set(process.memoryUsage().rss)
    },
  })
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time of the process, of user and system.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'When the process started, in s since the epoch.',
    registers,
  }).set(clock.now() / 1_000 - process.uptime())
  let stop = (): void => {}
  const sample = (): void => {
    const due = clock.steady() + sampleMs
    stop = clock.timer(sampleMs, () => {
      delay.observe(Math.max(0, clock.steady() - due) / 1_000)
      sample()
    })
  }
  sample()
  return () => stop()
}
