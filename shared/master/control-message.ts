/** What is said to every worker of a task, by its control topic. */
import type { Control } from '../contract/mod.ts'
import { destinationsOf, type Outgoing, type Session } from '../stomp/mod.ts'

export function controlMessage({ namespace }: Session, task: string, body: Control): Outgoing {
  return {
    destination: destinationsOf(namespace).control(task),
    headers: { 'content-type': 'application/json', persistent: 'false' },
    body: JSON.stringify(body),
  }
}
