/** Ports for brokers, which unlike our own servers cannot be asked to listen on port 0 and say what they got. */
import { createServer } from 'node:net'

const lowest = 20_000
const highest = 32_000 // below Linux's ephemeral range: no outgoing connection takes one between our look and the start
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

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.once('error', () => resolve(false))
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  return promise
}
