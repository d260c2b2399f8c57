/** Starts a bridge on the sockets of a runtime. */

import type { Disk } from '../broker/mod.ts'
import { DroverError } from '../shared/contract/errors.ts'
import { hostInUrl } from '../shared/hosts.ts'
import type { MetricsOptions, MetricsServer } from '../shared/metrics/options.ts'
import type { BridgeApp } from './app.ts'
import { type Bridge, type BridgePorts, createBridge, type RunningBridge } from './bridge.ts'
import { defaultHttpPort, defaultStompPort } from './default-ports.ts'
import type { Limits } from './limits.ts'
import type { Measured } from './metrics/measured.ts'
import type { ServeOptions } from './options.ts'
import type { Listener, ListenOptions } from './tcp.ts'
import type { RevocationsFile } from './tokens/revocations.ts'

export interface ServePorts extends Omit<BridgePorts, 'store' | 'revocations'> {
  openRevocations(file: string): Promise<RevocationsFile>
  /** @throws {DroverError} `store_failed` */
  openStore(file: string): Promise<Disk>
  /** @throws {DroverError} `port_taken` or `config_invalid` */
  serveMetrics(options: MetricsOptions, measured: Measured): Promise<MetricsServer>
  listenTcp(options: ListenOptions): Promise<Listener>
  /** @throws {DroverError} `port_taken` or `config_invalid` */
  listenHttp(app: BridgeApp, hostname: string, port: number, limits: Limits): Promise<Listener>
}

/**
 * Starts a bridge, and the embedded broker's TCP listener where it has one.
 * @throws {DroverError} `config_invalid`, `store_failed` or `port_taken`; nothing is left listening then
 */
export async function serve(options: ServeOptions, ports: ServePorts): Promise<RunningBridge> {
  const { hostname = '127.0.0.1', port = defaultHttpPort, stompPort = defaultStompPort } = options
  const bridge = await createWithStore(options, ports)
  const listeners: Pick<Listener, 'close'>[] = []
  const close = async (): Promise<void> => {
    const closing = listeners.map(listener => listener.close())
    await bridge.close()
    await Promise.all(closing)
  }
  try {
    const stomp =
      bridge.embedded && (await ports.listenTcp({ hostname, port: stompPort, accept: bridge.embedded.accept }))
    if (stomp) listeners.push(stomp)
    const metrics = options.metrics && (await ports.serveMetrics(options.metrics, bridge.measured))
    if (metrics) listeners.push(metrics)
    const http = await ports.listenHttp(bridge.app, hostname, port, bridge.limits)
    listeners.push(http)
    const where = bridge.listensOn(hostname, http.port)
    const stompUrl = stomp && `stomp://${hostInUrl(hostname)}:${stomp.port}`
    return {
      ...where,
      port: http.port,
      ...(stompUrl === undefined ? {} : { stompUrl }),
      ...(metrics === undefined ? {} : { metricsUrl: metrics.url }),
      async drain(withinMs) {
        await bridge.drain(withinMs)
        await close()
      },
      reload: bridge.reload,
      close,
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function createWithStore(options: ServeOptions, given: ServePorts): Promise<Bridge> {
  const { data, broker, revocations } = options
  const ports = { ...given, ...(revocations && { revocations: await given.openRevocations(revocations) }) }
  if (data === undefined) return createBridge(options, ports)
  if (broker !== 'embedded')
    throw new DroverError('config_invalid', `data is "${data}", which only the embedded broker has; leave it out`)
  const store = await ports.openStore(data)
  try {
    return createBridge(options, { ...ports, store })
  } catch (error) {
    store.close()
    throw error
  }
}
