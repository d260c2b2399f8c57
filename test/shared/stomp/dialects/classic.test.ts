import { expect, test } from 'vitest'
import { readPrepared } from '../../../../scripts/test/prepared.ts'
import { sharedBroker, unique } from '../../../support/brokers/shared.ts'
import { connectRaw } from '../../../support/raw-stomp.ts'
import type { Traits } from './behaviour/kit.ts'
import { behaviour, behaviourOverWebSocket } from './behaviour.ts'

const traits: Traits = {
  boundsFoo: true,
  explainsBadLogin: false,
  closesOnStrangers: false,
  namesReceiptInErrors: true,
  confirmsInTransaction: true,
  acksInTransaction: true,
  needsBegin: true,
  marksUnstartedRedelivered: 'always',
  givesBackOnUnsubscribe: true,
  nackRequeues: false,
  writesPlain10: true,
  ofRepeated: 'first',
}

behaviour('classic', traits)
behaviourOverWebSocket('classic', traits)

test.skipIf(readPrepared().classic !== undefined)('jobs that expire in their queue leave no dead letters', async () => {
  const queue = unique('tasks.expire')
  await using stomp = await connectRaw((await sharedBroker('classic')).stompUrl, { 'accept-version': '1.2' })
  const expires = Date.now() + 30
  for (const body of ['a', 'b', 'c']) {
    await stomp.confirmed('SEND', { destination: `/queue/${queue}`, persistent: 'true', expires }, body)
  }
  await expect.poll(() => Date.now()).toBeGreaterThan(expires)
  await stomp.confirmed('SEND', { destination: `/queue/${queue}` }, 'fence')
  await stomp.subscribe(`/queue/${queue}`)
  expect((await stomp.next()).body).toBe('fence')
  await stomp.confirmed('SEND', { destination: `/queue/DLQ.${queue}` }, 'none')
  await stomp.subscribe(`/queue/DLQ.${queue}`)
  expect((await stomp.next()).body).toBe('none')
})
