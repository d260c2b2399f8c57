/**
 * The behaviour of a STOMP broker, asked of every broker by the same tests. Where brokers differ, the test reads a flag: from
 * the dialect where code depends on it, else from `traits`; so each difference is a fact that is checked, not a skip.
 */
import { beforeAll, describe } from 'vitest'
import { dialects, versionsFor } from '../../../../shared/stomp/dialects/mod.ts'
import { isMissing } from '../../../support/brokers/each.ts'
import { sharedBroker } from '../../../support/brokers/shared.ts'
import type { BrokerName } from '../../../support/brokers/start.ts'
import { connectRaw } from '../../../support/raw-stomp.ts'
import { connecting } from './behaviour/connect.ts'
import { deaths } from './behaviour/deaths.ts'
import type { Kit, Traits } from './behaviour/kit.ts'
import { messages } from './behaviour/messages.ts'
import { queues } from './behaviour/queues.ts'
import { topics } from './behaviour/topics.ts'
import { transactions } from './behaviour/transactions.ts'

/**
 * Runs the suite over TCP against the run's broker of that name.
 * @param traits the ways of this broker alone
 */
export function behaviour(name: BrokerName, traits: Traits): void {
  suite(name, name, traits, 'stompUrl', [connecting, topics, queues, deaths, transactions, messages])
}

/** Runs the parts that matter to a relay over the broker's own WebSocket endpoint; bodies are text there. */
export function behaviourOverWebSocket(name: Exclude<BrokerName, 'embedded'>, traits: Traits): void {
  suite(`${name} over WebSocket`, name, traits, 'wsUrl', [topics, queues, transactions])
}

function suite(
  title: string,
  name: BrokerName,
  traits: Traits,
  endpoint: 'stompUrl' | 'wsUrl',
  parts: readonly ((kit: Kit) => void)[],
): void {
  describe.skipIf(isMissing(name))(title, () => {
    let url = ''
    const [newest] = versionsFor(dialects[name]) as [string]
    beforeAll(async () => {
      url = (await sharedBroker(name))[endpoint] ?? ''
    })
    const kit: Kit = {
      dialect: dialects[name],
      traits,
      url: () => url,
      open: (headers, options) => connectRaw(url, { 'accept-version': newest, ...headers }, options),
    }
    for (const part of parts) part(kit)
  })
}
