/** Messages to every worker of a task, by its control topic. */
import type { Control } from '../contract/mod.ts'
import { type BrokerSession, destinationsOf, type Outgoing } from '../stomp/mod.ts'

export function controlMessage({ namespace }: BrokerSession, task: string, body: Control): Outgoing {
  return {
    destination: destinationsOf(namespace).control(task),
    headers: { 'content-type': 'application/json', persistent: 'false' },
    body: JSON.stringify(body),
  }
}
