/** A limit that is reached is named to the operator: by the event of the refusal, and by a metric. */
import { expect, test } from 'vitest'
import { startBridge } from '../../../support/bridges/bridges.ts'
import { connectRaw, openRaw, raw } from '../../../support/raw-session.ts'
import { hitsOf } from './hits.ts'

const foo = { login: 'foo', passcode: 'bar' }

test('a refusal over a limit names it in its event and counts it by its name', async () => {
  await using bridge = await startBridge({
    broker: 'embedded',
    limits: { maxSessions: 2, maxSubscriptions: 1, maxTransactions: 1, maxUnauthenticatedOfAddress: 1 },
    metrics: { port: 0 },
  })
  {
    await using first = await connectRaw(bridge.url, foo)
    await using second = await connectRaw(bridge.url, foo)
    await expect(openRaw(bridge.url)).rejects.toThrow(/503/)
    first.send(raw('BEGIN', ['transaction:a']) + raw('BEGIN', ['transaction:b']))
    await first.next('ERROR')
    await first.closed()
    for (const id of ['a', 'b']) second.send(raw('SUBSCRIBE', [`id:${id}`, 'destination:/queue/myapp.tasks.a']))
    await second.next('ERROR')
    await second.closed()
  }
  await using older = await openRaw(bridge.url)
  await using _newer = await openRaw(bridge.url)
  await older.next('ERROR')
  const hits = { max_sessions: 1, max_transactions: 1, max_subscriptions: 1, max_unauthenticated_of_address: 1 }
  expect(await hitsOf(bridge)).toEqual(hits)
  const named = bridge.events.flatMap(event => (event.type === 'refused' && event.limit ? [event.limit] : []))
  expect(named.toSorted()).toEqual(Object.keys(hits).toSorted())
})
