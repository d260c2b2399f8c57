/** Promise 8: a paused reader slows queues, never topics or other people, and the bridge's memory stays flat. */
import { readFile } from 'node:fs/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { spawnBridge } from '../../support/bridges/bridges.ts'
import { startBroker } from '../../support/brokers/start.ts'
import { connectRaw, type RawSession, raw } from '../../support/raw-session.ts'
import { openTcpPeer } from '../tcp-peer.ts'

const MiB = 1_048_576
const body = new Uint8Array(65_536).fill(120)
const stalledMs = 3_000
const foo = { login: 'foo', passcode: 'bar' }
const broker = startBroker('classic', { heap: '384m' })
afterAll(async () => (await broker)[Symbol.asyncDispose]())

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}

/** Somebody else's jobs, there and back through the same bridge. */
async function roundTrips(session: RawSession, destination: string, count: number): Promise<void> {
  for (let trip = 0; trip < count; trip++) {
    session.send(raw('SEND', [`destination:${destination}`, 'correlation-id:c'], `${trip}`))
    await session.next('MESSAGE')
  }
}

async function openOther(url: string, name: string): Promise<RawSession & { readonly destination: string }> {
  const session = await connectRaw(url, foo)
  const destination = `/queue/myapp.tasks.${name}`
  session.send(raw('SUBSCRIBE', ['id:s', `destination:${destination}`, 'receipt:r']))
  await session.next('RECEIPT')
  return Object.assign(session, { destination })
}

describe.each(['node', 'deno'] as const)('on %s', runtime => {
  test('200 MB in a queue for a reader that stands still cost no memory, and all of it arrives later', async () => {
    const { stompUrl } = await broker
    const count = (200 * MiB) / body.length
    const queue = `/queue/myapp.tasks.still-${runtime}`
    await using peer = await openTcpPeer(stompUrl)
    await peer.sendAll(
      count,
      [
        ['destination', queue],
        ['persistent', 'true'],
      ],
      body,
    )
    await using bridge = await spawnBridge(runtime, { broker: stompUrl, limits: { stalledMs: 240_000 } })
    await using other = await openOther(bridge.url, `other-${runtime}`)
    await roundTrips(other, other.destination, 500) // warm
    const before = await residentBytes(bridge.pid)
    await using reader = await connectRaw(bridge.url, foo)
    reader.socket.pause()
    reader.send(raw('SUBSCRIBE', ['id:s', `destination:${queue}`, 'ack:auto']))
    await roundTrips(other, other.destination, 1_000)
    const still = await residentBytes(bridge.pid)
    let most = still
    reader.socket.resume()
    for (let got = 1; got <= count; got++) {
      await reader.next('MESSAGE')
      if (got % 100 === 0) most = Math.max(most, await residentBytes(bridge.pid))
    }
    expect(still - before).toBeLessThan(40 * MiB)
    expect(most - before).toBeLessThan(100 * MiB)
  }, 240_000)

  test('a topic reader that stands still is ended with the reason, and nobody else waits for it', async () => {
    const { stompUrl } = await broker
    await using bridge = await spawnBridge(runtime, { broker: stompUrl, limits: { stalledMs } })
    await using other = await openOther(bridge.url, `beside-${runtime}`)
    await using reader = await connectRaw(bridge.url, foo)
    const topic = `/topic/myapp.events.still-${runtime}`
    reader.send(raw('SUBSCRIBE', ['id:s', `destination:${topic}`, 'receipt:r']))
    await reader.next('RECEIPT')
    reader.socket.pause()
    await using peer = await openTcpPeer(stompUrl)
    const publishing = peer.sendAll(1_000, [['destination', topic]], body)
    await roundTrips(other, other.destination, 500)
    await publishing
    await expect
      .poll(() => bridge.events)
      .toContainEqual(expect.objectContaining({ type: 'refused', code: 'slow_reader' }))
    await roundTrips(other, other.destination, 10)
    reader.socket.resume()
    await reader.closed()
  }, 120_000)
})
