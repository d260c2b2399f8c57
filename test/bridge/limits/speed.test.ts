/** Who sends too fast is read from more slowly: nothing is lost, and nobody else waits for it. */
import { describe, expect, test } from 'vitest'
import { spawnBridge, startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { connectRaw, type RawSession, raw } from '../../support/raw-session.ts'
import { hitsOf } from './hits.ts'

const job = (owner: string, receipt: string, body = ''): string =>
  raw(
    'SEND',
    [
      `destination:/queue/myapp.tasks.${owner}`,
      `reply-to:/queue/myapp.reply.${owner}.m`,
      `correlation-id:${receipt}`,
      `receipt:${receipt}`,
    ],
    body,
  )

const connect = async (url: string, owner: string): Promise<RawSession> =>
  await connectRaw(url, { token: await tokenFor(owner, { dispatch: ['*'] }) })

describe.each(['node', 'deno'] as const)('on %s', runtime => {
  test('a flood of one owner goes at its speed to the end, while another owner goes on', async () => {
    const [perSecond, burst, count] = [500, 50, 1_000]
    await using bridge = await spawnBridge(runtime, {
      broker: 'embedded',
      limits: { maxOwnerMessagesPerSecond: perSecond, burstMs: (burst / perSecond) * 1_000 },
      metrics: { port: 0 },
    })
    await using eve = await connect(bridge.url, 'eve')
    await using ada = await connect(bridge.url, 'ada')
    const body = 'x'.repeat(2_000)
    const since = performance.now()
    for (let at = 0; at < count; at++) eve.send(job('eve', `${at}`, body))
    let taken = 0
    let most = 0
    const flood = (async () => {
      for (; taken < count; taken++) {
        await eve.next('RECEIPT')
        most = Math.max(most, taken - ((performance.now() - since) / 1_000) * perSecond)
      }
    })()
    for (let trip = 0; trip < 10; trip++) {
      ada.send(job('ada', `${trip}`))
      await ada.next('RECEIPT')
    }
    expect(taken, 'jobs of eve, while ada sent all of hers').toBeLessThan(count)
    await flood
    // Bytes that were read from the socket before the pause still go on, which are 64 KiB at most
    expect(most, 'jobs of eve before their time').toBeLessThanOrEqual(burst + 65_536 / body.length)
    const slowed = { type: 'session_slowed', owner: 'eve', limit: 'max_owner_messages_per_second', count: 1 }
    expect(bridge.events).toContainEqual(expect.objectContaining(slowed))
    expect(bridge.events.some(event => event.type === 'session_slowed' && event.owner === 'ada')).toBe(false)
    expect((await hitsOf(bridge))['max_owner_messages_per_second']).toBeGreaterThan(1)
  }, 30_000)
})

test('a large frame holds its owner back, and who sends on until the wait is too long is told so and ended', async () => {
  const limits = { maxOwnerBytesPerSecond: 1_000, burstMs: 1_000, maxSlowedMs: 1_000 }
  await using bridge = await startBridge({ broker: 'embedded', limits, metrics: { port: 0 } })
  await using first = await connect(bridge.url, 'eve')
  first.send(job('eve', 'r', 'x'.repeat(60_000)))
  await first.next('RECEIPT')
  await using eve = await connect(bridge.url, 'eve')
  eve.send(job('eve', 'r'))
  const error = await eve.next('ERROR')
  expect([error.header('drover-code'), (await eve.closed()).code]).toEqual(['too_many_messages', 4429])
  expect(error.header('message')).toMatch(/^Too many bytes\\c eve would .* 1000 bytes a second .*_bytes_per_second/)
  await using ada = await connect(bridge.url, 'ada')
  ada.send(job('ada', 'r'))
  await ada.next('RECEIPT')
  expect(await hitsOf(bridge)).toEqual({ max_owner_bytes_per_second: 2 }) // slowed down, and ended
})

test('the end of a session that is held back is seen, and no timer is left of it', async () => {
  const limits = { maxOwnerMessagesPerSecond: 1, burstMs: 1_000, maxSlowedMs: 3_600_000 }
  await using bridge = await startBridge({ broker: 'embedded', limits })
  await using eve = await connect(bridge.url, 'eve')
  for (let at = 0; at < 100; at++) eve.send(job('eve', `${at}`))
  await expect.poll(() => bridge.events.map(({ type }) => type)).toContain('session_slowed')
  const drained = bridge.drain(1_000)
  expect((await eve.next('ERROR')).header('drover-code')).toBe('closed')
  await drained
})
