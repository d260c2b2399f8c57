/** The brokers that storms rage over: those of all suites, and the embedded one with a file. */
import { join } from 'node:path'
import { type BrokerName, brokerNames, startBroker, type TestBroker } from '../support/brokers/start.ts'

export type StormBroker = BrokerName | 'stored'

export const stormBrokers: readonly StormBroker[] = ['embedded', 'stored', ...brokerNames.slice(1)]

/** @param folder for its file, where it is `stored` */
export function startStormBroker(name: StormBroker, env: Record<string, string>, folder: string): Promise<TestBroker> {
  if (name !== 'stored') return startBroker(name, { env })
  return startBroker('embedded', { env: { ...env, DATA: join(folder, 'drover.db') } })
}
