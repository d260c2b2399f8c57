/**
 * What a STOMP broker does, asked of every broker by the same tests. Where brokers differ, the test reads a flag: from
 * the dialect where code depends on it, else from `traits`; so each difference is a fact that is checked, not a skip.
 */
import { beforeAll, describe } from 'vitest'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { dialects } from '../../shared/stomp/dialects/mod.ts'
import { sharedBroker } from '../brokers/shared.ts'
import type { BrokerName } from '../brokers/start.ts'
import { connectRaw } from '../support/raw-stomp.ts'
import { connecting } from './behaviour/connect.ts'
import type { Kit, Traits } from './behaviour/kit.ts'
import { messages } from './behaviour/messages.ts'
import { queues } from './behaviour/queues.ts'
import { topics } from './behaviour/topics.ts'
import { transactions } from './behaviour/transactions.ts'

/**
 * Runs the suite over TCP against the run's broker of that name.
 * @param traits what this broker does its own way
 */
export function behaviour(name: BrokerName, traits: Traits): void {
  const isMissing = name !== 'embedded' && readPrepared()[name] !== undefined
  describe.skipIf(isMissing)(`${name}`, () => {
    let url = ''
    beforeAll(async () => {
      url = (await sharedBroker(name)).stompUrl
    })
    const kit: Kit = {
      dialect: dialects[name],
      traits,
      url: () => url,
      open: (headers, options) => connectRaw(url, headers, options),
    }
    for (const part of [connecting, topics, queues, transactions, messages]) part(kit)
  })
}
