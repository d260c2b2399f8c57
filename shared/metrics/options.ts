import { DroverError } from '../contract/errors.ts'
import { isLoopback } from '../hosts.ts'

/** Where a process gives its metrics to Prometheus. */
export interface MetricsOptions {
  /** 0 picks one. */
  readonly port: number
  /** Default `127.0.0.1`: this machine only. Another needs a token. */
  readonly hostname?: string | undefined
  /** Who asks has to bring it as `authorization: Bearer …`. */
  readonly token?: string | undefined
}

/** @throws {DroverError} `config_invalid` where others could read them without a token */
export function checkMetrics({ hostname = '127.0.0.1', token }: MetricsOptions): void {
  if (isLoopback(hostname.toLowerCase()) || token) return
  throw new DroverError(
    'config_invalid',
    `The metrics would be open to others on ${hostname}; give a token (DROVER_METRICS_TOKEN), or listen on 127.0.0.1`,
  )
}

/** Answers Prometheus. */
export interface MetricsServer {
  /** `http://host:port/metrics` */
  readonly url: string
  close(): Promise<void>
}
