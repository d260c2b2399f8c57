/** The same before every broker, by each way that leads to it. */
import { afterAll, describe } from 'vitest'
import { spawnBridge, startBridge, type TestBridge } from '../support/bridges/bridges.ts'
import { sharedBroker } from '../support/brokers/shared.ts'
import { bridgeConformance } from './conformance.ts'

const ways = [
  { broker: 'classic', by: 'stompUrl', runtime: 'node' },
  { broker: 'classic', by: 'wsUrl', runtime: 'node' },
  { broker: 'classic', by: 'wsUrl', runtime: 'deno' },
  { broker: 'artemis', by: 'stompUrl', runtime: 'node' },
  { broker: 'rabbitmq', by: 'stompUrl', runtime: 'node' },
  { broker: 'rabbitmq', by: 'stompUrl', runtime: 'deno' },
  { broker: 'rabbitmq', by: 'wsUrl', runtime: 'node' },
] as const

const bridges: TestBridge[] = []
for (const { broker, by, runtime } of ways) {
  describe(`${broker} by ${by === 'wsUrl' ? 'WebSocket' : 'TCP'}, bridge on ${runtime}`, () => {
    const start = async (): Promise<TestBridge> => {
      const { [by]: url } = await sharedBroker(broker)
      const options = { broker: url! }
      const bridge = runtime === 'deno' ? await spawnBridge('deno', options) : await startBridge(options)
      bridges.push(bridge)
      return bridge
    }
    bridgeConformance(start, {
      dialect: broker,
      binary: by === 'stompUrl',
      replySendPrefix: broker === 'rabbitmq' ? '/amq/queue/' : '/queue/',
      confirmsDisconnect: broker !== 'rabbitmq' || by !== 'wsUrl',
    })
  })
}
afterAll(() => Promise.all(bridges.map(bridge => bridge[Symbol.asyncDispose]())))
