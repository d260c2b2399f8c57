/** The set-ups that the job suite runs over: where masters and workers connect, and what the broker can. */
import type { BrokerName } from '../brokers/start.ts'

export interface SetUp {
  readonly name: string
  readonly broker: BrokerName
  /**
   * How masters and workers reach the broker: `direct` over TCP with its own credentials, else by WebSocket and token
   * through a bridge, which speaks to the broker over `tcp` or `ws`, or has it `inside`.
   */
  readonly by: 'direct' | 'tcp' | 'ws' | 'inside'
  /** Whether the jobs in a queue outlive a broker that is killed with -9. */
  readonly keepsQueues: boolean
}

export const setUps = {
  embedded: { name: 'embedded by TCP', broker: 'embedded', by: 'direct', keepsQueues: false },
  classic: { name: 'Classic by TCP', broker: 'classic', by: 'direct', keepsQueues: true },
  artemis: { name: 'Artemis by TCP', broker: 'artemis', by: 'direct', keepsQueues: true },
  rabbitmq: { name: 'RabbitMQ by TCP', broker: 'rabbitmq', by: 'direct', keepsQueues: true },
  bridgeEmbedded: { name: 'the bridge with embedded inside', broker: 'embedded', by: 'inside', keepsQueues: false },
  bridgeClassic: { name: 'the bridge to Classic by TCP', broker: 'classic', by: 'tcp', keepsQueues: true },
  bridgeClassicWs: { name: 'the bridge to Classic by ws', broker: 'classic', by: 'ws', keepsQueues: true },
  bridgeArtemis: { name: 'the bridge to Artemis by TCP', broker: 'artemis', by: 'tcp', keepsQueues: true },
  bridgeRabbitmq: { name: 'the bridge to RabbitMQ by TCP', broker: 'rabbitmq', by: 'tcp', keepsQueues: true },
} as const satisfies Record<string, SetUp>
