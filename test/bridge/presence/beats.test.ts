/** Heart-beats of a session whose subscriptions to presence the bridge answers. Design section 5.11. */
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { connectRaw, raw } from '../../support/raw-session.ts'

test('a page that ends subscriptions all the time, and wants no RECEIPT, hears beats all the same', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  const ns = unique('presence')
  await using bridge = await startBridge({ broker: stompUrl, limits: { heartBeatMs: 1_000 } })
  const token = await tokenFor('ada', { ns, dispatch: ['*'] })
  await using page = await connectRaw(bridge.url, { token, heartBeat: '0,1000' })
  const ids = Array.from({ length: 60 }, (_, at) => `id${at}`)
  for (const id of ids) {
    const lines = [`id:${id}`, `destination:/topic/${ns}.workers.t`, 'drover-presence:changes', `receipt:${id}`]
    page.send(raw('SUBSCRIBE', lines))
    await page.next('RECEIPT')
  }
  let beats = 0
  page.socket.on('message', (data: Buffer) => {
    if (data.length === 1) beats++
  })
  while (beats === 0 && ids.length > 0) {
    page.send(raw('UNSUBSCRIBE', [`id:${ids.pop()}`]))
    await wait(100)
  }
  expect(beats, 'no beat came in 6 s').toBeGreaterThan(0)
})
