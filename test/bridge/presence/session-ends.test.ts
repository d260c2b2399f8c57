/** Sessions that lose the right to presence while they are told of changes. Design sections 4 and 5.11. */
import { expect, test } from 'vitest'
import { startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { bodyOf, connectRaw, raw } from '../../support/raw-session.ts'
import { openTcpPeer } from '../tcp-peer.ts'

test('a renewal that takes presence away, and a revocation, end the session; others are told on', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  const ns = unique('presence')
  await using bridge = await startBridge({ broker: stompUrl })
  const destination = `/topic/${ns}.workers.a`
  const grants = { ns, dispatch: ['a'] }
  const open = async (token: string) => {
    const page = await connectRaw(bridge.url, { token })
    page.send(raw('SUBSCRIBE', ['id:p', `destination:${destination}`, 'drover-presence:changes', 'receipt:s']))
    await page.next('RECEIPT')
    return page
  }
  await using stays = await open(await tokenFor('bob', grants))
  await using narrowed = await open(await tokenFor('ada', grants))
  await using revoked = await open(await tokenFor('eve', grants))

  narrowed.send(raw('SEND', ['destination:/bridge/renew', 'receipt:r'], await tokenFor('ada', { ns, dispatch: ['b'] })))
  expect((await narrowed.next('ERROR')).header('drover-code')).toBe('forbidden')
  const admin = await tokenFor('root', { ns, admin: true })
  const answer = await fetch(`${bridge.url}/revoke`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
    body: JSON.stringify({ owner: 'eve' }),
  })
  expect(answer.status).toBe(200)
  expect((await revoked.next('ERROR')).header('drover-code')).toBe('not_authenticated')
  for (const page of [narrowed, revoked]) await page.closed()

  await using worker = await openTcpPeer(stompUrl)
  const beat = { v: 1, type: 'beat', worker_id: 'w', name: 'anvil', state: 'idle', concurrency: 1, active: 0 }
  const body = JSON.stringify({ ...beat, processed: 0, failed: 0, at: 1, interval_ms: 60_000 })
  await worker.sendAll(1, [['destination', destination]], new TextEncoder().encode(body))
  expect(bodyOf(await stays.next('MESSAGE'))).toContain('"worker_id":"w"')
})
