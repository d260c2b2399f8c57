/** The set-ups that the job suite runs over: where masters and workers connect, and the abilities of the broker. */
import type { BrokerName } from '../brokers/start.ts'

export interface SetUp {
  readonly name: string
  readonly broker: BrokerName
  /**
   * How masters and workers reach the broker: `direct` over TCP with its own credentials, else by WebSocket and token
   * through a bridge, which speaks to the broker over `tcp` or `ws`, or has it `inside`.
   */
  readonly by: 'direct' | 'tcp' | 'ws' | 'inside'
  /**
   * Whether the broker is killed and started again, which takes RabbitMQ's time: directly on each, through the bridge by
   * each way to a broker. The one inside goes with its bridge.
   */
  readonly restartsBroker: boolean
}

export const setUps = {
  embedded: { name: 'embedded by TCP', broker: 'embedded', by: 'direct', restartsBroker: true },
  classic: { name: 'Classic by TCP', broker: 'classic', by: 'direct', restartsBroker: true },
  artemis: { name: 'Artemis by TCP', broker: 'artemis', by: 'direct', restartsBroker: true },
  rabbitmq: { name: 'RabbitMQ by TCP', broker: 'rabbitmq', by: 'direct', restartsBroker: true },
  bridgeEmbedded: {
    name: 'the bridge with embedded inside',
    broker: 'embedded',
    by: 'inside',
    restartsBroker: false,
  },
  bridgeClassic: {
    name: 'the bridge to Classic by TCP',
    broker: 'classic',
    by: 'tcp',
    restartsBroker: false,
  },
  bridgeClassicWs: {
    name: 'the bridge to Classic by ws',
    broker: 'classic',
    by: 'ws',
    restartsBroker: true,
  },
  bridgeArtemis: {
    name: 'the bridge to Artemis by TCP',
    broker: 'artemis',
    by: 'tcp',
    restartsBroker: true,
  },
  bridgeRabbitmq: {
    name: 'the bridge to RabbitMQ by TCP',
    broker: 'rabbitmq',
    by: 'tcp',
    restartsBroker: false,
  },
} as const satisfies Record<string, SetUp>
