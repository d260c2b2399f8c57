/** Large messages for sessions that do not read: the bridge keeps one owner's up to a bound, however many sessions there are. */
import { describe, expect, test } from 'vitest'
import { spawnBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { connectRaw, raw } from '../../support/raw-session.ts'

const MiB = 1_048_576

describe.each(['node', 'deno'] as const)('on %s', runtime => {
  test('those for which most waits are ended, and others go on', async () => {
    await using bridge = await spawnBridge(runtime, {
      broker: 'embedded',
      // None of them is ended since it stands still
      limits: { maxOwnerUnfinishedBytes: 16 * MiB, stalledMs: 600_000 },
    })
    const topic = 'destination:/topic/myapp.control.a'
    await using still = new AsyncDisposableStack()
    const read = async (owner: string): Promise<Awaited<ReturnType<typeof connectRaw>>> => {
      const session = await connectRaw(bridge.url, { token: await tokenFor(owner, { work: ['a'] }) })
      session.send(raw('SUBSCRIBE', ['id:s', topic, 'receipt:r']))
      await session.next('RECEIPT')
      return session
    }
    for (let at = 0; at < 8; at++) still.use(await read('eve')).socket.pause()
    const ada = still.use(await read('ada'))
    await using master = await connectRaw(bridge.url, { token: await tokenFor('bob', { dispatch: ['a'] }) })
    const body = 'x'.repeat(4_000_000)
    for (let sent = 0; sent < 4; sent++) {
      master.send(raw('SEND', [topic, 'receipt:s'], body))
      await master.next('RECEIPT')
      expect((await ada.next('MESSAGE')).body.length).toBe(body.length)
    }
    const ended = () => bridge.events.flatMap(event => (event.type === 'refused' ? [[event.owner, event.code]] : []))
    await expect.poll(() => ended().length, { timeout: 10_000 }).toBeGreaterThan(0)
    expect(new Set(ended().map(String))).toEqual(new Set(['eve,slow_reader']))
    master.send(raw('SEND', [topic], 'last'))
    await ada.next('MESSAGE')
  }, 60_000)
})
