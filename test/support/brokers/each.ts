/** Tests that run on each kind of broker. */
import { describe, test } from 'vitest'
import { readPrepared } from '../../../scripts/test/prepared.ts'
import { sharedBroker, unique } from './shared.ts'
import { type BrokerName, brokerNames } from './start.ts'

interface Ground {
  readonly name: BrokerName
  readonly stompUrl: string
  /** Of this test alone. */
  readonly namespace: string
  /** Is disposed of when the test ends. */
  readonly stack: AsyncDisposableStack
}

/** Whether this machine lacks such a broker, so that its tests are left out. The embedded one is always there. */
export const isMissing = (name: BrokerName): boolean => name !== 'embedded' && readPrepared()[name] !== undefined

/**
 * Declares a test on each broker that this machine has; each may take 60 s.
 * @param suffix of the namespace, as of `unique`
 */
export function testOnEach(title: string, suffix: string, run: (ground: Ground) => Promise<void>): void {
  describe.for(brokerNames)('%s', name => {
    test.skipIf(isMissing(name))(title, { timeout: 60_000 }, async () => {
      const { stompUrl } = await sharedBroker(name)
      await using stack = new AsyncDisposableStack()
      await run({ name, stompUrl, namespace: unique(suffix), stack })
    })
  })
}
