/** A side that stands still for longer than a RECEIPT may take, while the RECEIPT waits in its socket. */
import { expect, test } from 'vitest'
import { readPrepared } from '../../../../scripts/test/prepared.ts'
import { connectStomp } from '../../../../shared/stomp/mod.ts'
import { createNodeSocket } from '../../../../shared/stomp/sockets/node.ts'
import { sharedBroker, unique } from '../../../support/brokers/shared.ts'

test.skipIf(readPrepared().classic !== undefined).each([
  ['embedded', 'stompUrl'],
  ['classic', 'wsUrl'],
] as const)('a RECEIPT that came meanwhile is read before it counts as missing, %s by its %s', async (broker, by) => {
  const url = (await sharedBroker(broker))[by]
  await using stomp = connectStomp({ url: url!, createSocket: createNodeSocket, receiptTimeoutMs: 200 })
  await stomp.opened()
  const sent = stomp.publish({ destination: `/queue/${unique('still')}`, body: '' })
  await new Promise(resolve => setImmediate(resolve)) // it has left
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000)
  await expect(sent).resolves.toBeUndefined()
})
