/** Sessions in which nothing happens. */
import { expect, test, vi } from 'vitest'
import { startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { sharedBroker } from '../../support/brokers/shared.ts'
import { connectRaw, raw } from '../../support/raw-session.ts'

test.each(['its own broker', 'a broker by TCP'])('a quiet session before %s stays open', async broker => {
  await using bridge = await startBridge({
    broker: broker === 'its own broker' ? 'embedded' : (await sharedBroker('embedded')).stompUrl,
    limits: { heartBeatMs: 1_000, quietMs: 1_000 },
  })
  await using session = await connectRaw(bridge.url, { token: await tokenFor('ada', {}), heartBeat: '0,1000' })
  // Longer than either side may be silent: each message is a beat
  await vi.waitFor(() => expect(session.messages).toBeGreaterThan(4), { timeout: 10_000 })
  session.send(raw('BEGIN', ['transaction:t', 'receipt:r']))
  expect((await session.next('RECEIPT')).header('receipt-id')).toBe('r')
})
