/**
 * One broker of each kind for a whole run, started when the first test file asks for it. This side runs in the process
 * that runs the test files, as Vitest's `globalSetup`; they ask it over HTTP on loopback (`shared.ts`).
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import { type BrokerName, brokerNames, startBroker, type TestBroker } from './start.ts'

/** Where a run inside another one finds the brokers of the outer run. */
export const brokersVariable = 'DROVER_TEST_BROKERS'

/** Starts to answer `sharedBroker`; the returned function ends every broker that was started. */
export default async function shareBrokers(project: Pick<TestProject, 'provide'>): Promise<() => Promise<void>> {
  const outer = process.env[brokersVariable]
  if (outer !== undefined) {
    project.provide('brokersUrl', outer)
    return async () => {}
  }
  const started = new Map<BrokerName, Promise<TestBroker>>()
  const answer = async (name: BrokerName): Promise<{ status: number; body: string }> => {
    const broker = started.get(name) ?? startBroker(name)
    started.set(name, broker)
    try {
      const { stompUrl, wsUrl } = await broker
      return { status: 200, body: JSON.stringify({ name, stompUrl, wsUrl }) }
    } catch (error) {
      return { status: 500, body: error instanceof Error ? error.message : String(error) }
    }
  }
  const server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*') // a page of tests asks as well
    const name = brokerNames.find(known => request.url === `/${known}`)
    if (name === undefined) response.writeHead(404).end()
    else void answer(name).then(({ status, body }) => response.writeHead(status).end(body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  project.provide('brokersUrl', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return async () => {
    server.close()
    server.closeAllConnections()
    const ending = [...started.values()].map(async broker => (await broker)[Symbol.asyncDispose]())
    await Promise.allSettled(ending) // one that never started was reported to those who asked for it
  }
}
