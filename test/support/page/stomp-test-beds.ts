/** Stands in for `stomp-test-beds.ts` in a page: the brokers' own WebSockets, each behind a proxy. */
import { type ConnectOptions, connectStomp, type Stomp } from '../../../shared/stomp/mod.ts'
import { sharedBroker } from '../brokers/shared.ts'
import type { BrokerName } from '../brokers/start.ts'
import type { TestBedName } from '../stomp-test-beds.ts'
import { startFaultProxy } from './fault-proxy.ts'

/** A page has no TCP, and the embedded broker speaks WebSocket only through a bridge, which keeps these destinations. */
export const testBeds: readonly TestBedName[] = ['classic over ws', 'artemis over ws', 'rabbitmq over ws']

/** The broker, and so the dialect, of a test bed. */
export const brokerOf = (name: TestBedName): BrokerName => name.split(' ')[0] as BrokerName

/** Opens a test bed. */
export async function openTestBed(name: TestBedName) {
  const stack = new AsyncDisposableStack()
  const { wsUrl = '' } = await sharedBroker(brokerOf(name))
  const proxy = stack.use(await startFaultProxy(wsUrl))
  const url = proxy.through(wsUrl)
  return {
    url,
    proxy,
    connect: (options?: Partial<ConnectOptions>): Stomp =>
      stack.use(connectStomp({ url, backoff: { baseMs: 20, capMs: 200 }, ...options })),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
