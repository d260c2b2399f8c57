/** More connections than there may be. */
import { expect, test } from 'vitest'
import { createEmbeddedBroker } from './mod.ts'
import { openPeer } from './testing.ts'

test('past the limit of connections a new one is refused', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxConnections: 1 } })
  await openPeer(broker)
  const peer = await openPeer(broker, { isSilent: true })
  expect((await peer.error()).header('message')).toMatch(/1 connections/)
})

test('who does not log in gives way to others when there are too many connections', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxConnections: 3 } })
  const member = await openPeer(broker)
  const first = await openPeer(broker, { isSilent: true })
  const second = await openPeer(broker, { isSilent: true })
  await openPeer(broker)
  expect((await first.error()).header('message')).toMatch(/wait to log in/)
  await openPeer(broker)
  expect((await second.error()).header('drover-code')).toBe('queue_full')
  const late = await openPeer(broker, { isSilent: true })
  expect((await late.error()).header('message')).toMatch(/has 3 connections, which is the limit/)
  await member.confirmed('BEGIN', { transaction: 't' })
})
