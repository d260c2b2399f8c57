/** Who sends too fast is read from more slowly: nothing is lost, and nobody else waits for it. */
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { spawnBridge, startBridge, tokenFor } from '../../../support/bridges/bridges.ts'
import { connectRaw, openRaw, type RawSession, raw } from '../../../support/raw-session.ts'
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
  test('who sends too fast is held back and loses nothing, while others go on', async () => {
    const [perSecond, burst] = [20, 20]
    await using bridge = await spawnBridge(runtime, {
      broker: 'embedded',
      limits: { maxOwnerMessagesPerSecond: perSecond, burstMs: (burst / perSecond) * 1_000 },
      metrics: { port: 0 },
    })
    const [eve, bob, ada] = await Promise.all(['eve', 'bob', 'ada'].map(owner => connect(bridge.url, owner)))
    await using sessions = new AsyncDisposableStack()
    for (const session of [eve!, bob!, ada!]) sessions.use(session)
    const body = 'x'.repeat(2_000)
    // Bytes that were read from the socket before the pause still go on, which are 64 KiB at most
    const early = burst + 65_536 / body.length
    const since = performance.now()
    const due = (): number => early + ((performance.now() - since) / 1_000) * perSecond
    // It would take a minute, and goes on until the end of the test
    const count = 60 * perSecond
    for (let at = 0; at < count; at++) eve!.send(job('eve', `${at}`, body))
    for (let at = 0; at < 60; at++) bob!.send(job('bob', `${at}`, body))
    for (let trip = 0; trip < 10; trip++) {
      ada!.send(job('ada', `${trip}`))
      await ada!.next('RECEIPT')
    }
    for (let taken = 1; taken <= 60; taken++) {
      await bob!.next('RECEIPT')
      expect(taken, 'jobs of bob by now').toBeLessThanOrEqual(due())
    }
    for (let taken = 1; taken <= 60; taken++) await eve!.next('RECEIPT')
    const slowed = bridge.events.flatMap(event => (event.type === 'session_slowed' ? [event] : []))
    expect(new Set(slowed.map(({ owner }) => owner))).toEqual(new Set(['eve', 'bob']))
    expect(slowed[0]).toMatchObject({ limit: 'max_owner_messages_per_second', count: 1 })
    expect((await hitsOf(bridge))['max_owner_messages_per_second']).toBeGreaterThan(1)
    // eve is not ended, and still not done
    expect(eve!.socket.readyState).toBe(eve!.socket.OPEN)
    expect(bridge.events.some(({ type }) => type === 'refused' || type === 'session_closed')).toBe(false)
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

test('a session that only says that it lives is not ended for what others of its owner send', async () => {
  const limits = { maxOwnerBytesPerSecond: 1_000, burstMs: 1_000, maxSlowedMs: 1_000 }
  await using bridge = await startBridge({ broker: 'embedded', limits })
  await using quiet = await connect(bridge.url, 'eve')
  await using loud = await connect(bridge.url, 'eve')
  loud.send(job('eve', 'r', 'x'.repeat(60_000)))
  await loud.next('RECEIPT')
  quiet.send('\n')
  quiet.socket.ping()
  await Promise.race([once(quiet.socket, 'pong'), once(quiet.socket, 'close')])
  expect(bridge.events.filter(({ type }) => type === 'refused' || type === 'session_closed')).toEqual([])
})

test('frames that come before CONNECTED count as well', async () => {
  await using bridge = await startBridge({ broker: 'embedded', limits: { maxOwnerMessagesPerSecond: 1 } })
  await using eve = await openRaw(bridge.url)
  const token = await tokenFor('eve', { dispatch: ['*'] })
  const jobs = Array.from({ length: 20 }, (_, at) => job('eve', `${at}`))
  eve.send(raw('CONNECT', ['accept-version:1.2', 'host:test', `passcode:${token}`]) + jobs.join(''))
  for (const _ of jobs) await eve.next('RECEIPT')
  const slowed = { type: 'session_slowed', owner: 'eve', limit: 'max_owner_messages_per_second' }
  expect(bridge.events).toContainEqual(expect.objectContaining(slowed))
})

test('frames before one that ends the session count as well', async () => {
  await using bridge = await startBridge({ broker: 'embedded', limits: { maxOwnerMessagesPerSecond: 1 } })
  await using eve = await connect(bridge.url, 'eve')
  const jobs = Array.from({ length: 20 }, (_, at) => job('eve', `${at}`))
  eve.send(`${jobs.join('')}NONSENSE\n\n\0`)
  await eve.closed()
  await using again = await connectRaw(bridge.url, { token: await tokenFor('eve', { dispatch: ['*'] }) })
  again.send(job('eve', 'r'))
  await again.next('RECEIPT')
  const slowed = { type: 'session_slowed', session: again.connected.header('session') }
  expect(bridge.events).toContainEqual(expect.objectContaining(slowed))
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
