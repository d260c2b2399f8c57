/** The way of test files to the brokers of the run. */
import { inject } from 'vitest'
import type { BrokerAddress, BrokerName } from './start.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where `sharedBroker` asks. */
    brokersUrl: string
  }
}

/**
 * The run's own broker of that kind, started on first use and shared by all test files: use destinations that nobody
 * else uses (`unique()`), and start one of your own with `startBroker` to kill or fill it.
 * @throws {Error} with the end of its log, when it does not come up
 * @example
 * ```ts ignore
 * const { stompUrl } = await sharedBroker('classic')
 * ```
 */
export async function sharedBroker(name: BrokerName): Promise<BrokerAddress> {
  const response = await fetch(`${inject('brokersUrl')}/${name}`)
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as BrokerAddress
}

/**
 * A part of a destination that no other test uses, within the rights of foo: `myapp.t1f0c93ab.{suffix}`.
 * @param suffix says in logs and errors which test it was
 */
export function unique(suffix: string): string {
  return `myapp.t${crypto.randomUUID().slice(0, 8)}.${suffix}`
}
