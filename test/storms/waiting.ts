/**
 * Jobs of a plain STOMP program for a task that nobody offers. No master sends them again, so that a broker which keeps its
 * messages has to have each of them when the storm is over. Promise 1.
 */
import { randomUUID } from 'node:crypto'
import type { Environment } from '../support/system/environment.ts'

/** Their queue, without the namespace. */
export const waitingQueue = 'tasks.offered-by-nobody'
const count = 20

/** Sends them. @returns their bodies, each confirmed by the broker */
export async function sendWaiting(environment: Environment): Promise<readonly string[]> {
  await using program = await environment.operator()
  const destination = `/queue/${environment.namespace}.${waitingQueue}`
  const bodies = Array.from({ length: count }, () => JSON.stringify({ request_id: randomUUID(), input: {} }))
  const headers = { persistent: 'true' }
  await Promise.all(bodies.map(body => program.publish({ destination, headers, body })))
  return bodies
}
