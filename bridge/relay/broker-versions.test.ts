import { expect, test } from 'vitest'
import { artemis, classic } from '../../shared/stomp/dialects/mod.ts'
import { BrokerVersions } from './broker-versions.ts'

test.each([
  { knows: undefined, accepted: ['1.2', '1.1', '1.0'], chosen: '1.2' },
  { knows: classic, accepted: ['1.2', '1.1', '1.0'], chosen: '1.2' },
  { knows: artemis, accepted: ['1.2', '1.1', '1.0'], chosen: '1.1' },
  { knows: artemis, accepted: ['1.2'], chosen: '1.2' },
  { knows: artemis, accepted: ['1.2', '1.0'], chosen: '1.2' },
  { knows: artemis, accepted: ['1.0'], chosen: '1.1' },
] as const)('knowing $knows.name, of $accepted it chooses $chosen', ({ knows, accepted, chosen }) => {
  const versions = new BrokerVersions()
  if (knows) versions.learn(knows)
  expect(versions.choose(accepted)).toBe(chosen)
})
