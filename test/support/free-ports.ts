/** Ports for brokers, which unlike our own servers cannot be asked to listen on port 0 and name their port. */
import { createServer } from 'node:net'

// Below Linux's ephemeral range: no outgoing connection takes one between our look and the start. Each of Vitest's
// workers has a share of its own, so that two never take the same one between look and start.
const share = 1_500
const lowest = 20_000 + (Number(process.env.VITEST_POOL_ID ?? 0) % 8) * share
const highest = lowest + share
const handedOut = new Set<number>()

/**
 * Finds ports on 127.0.0.1 that nobody listens on and that this process has not handed out before.
 * @param count how many
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest))
    if (handedOut.has(port) || !(await isFree(port))) continue
    handedOut.add(port)
    ports.push(port)
  }
  return ports
}

/** Whether nobody listens there on 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.once('error', () => resolve(false))
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  return promise
}
