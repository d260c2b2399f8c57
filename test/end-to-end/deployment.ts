/** A set-up deployed: a broker, a bridge where the set-up has one, and environments on them. */
import { sharedBroker } from '../support/brokers/shared.ts'
import { type BrokerAddress, startBroker, type TestBroker } from '../support/brokers/start.ts'
import { type BridgeProcess, startBridgeProcess } from '../support/system/bridge-process.ts'
import { type Environment, makeEnvironment } from '../support/system/environment.ts'
import type { SetUp } from '../support/system/set-ups.ts'

export interface Deployment extends AsyncDisposable {
  readonly setUp: SetUp
  /** The address of masters and workers, with credentials unless there are tokens. */
  readonly url: string
  /** Present when there is one between. */
  readonly bridge: BridgeProcess | undefined
  /** Present when it has a broker of its own and not the one that all test files share. */
  readonly broker: TestBroker | undefined
  /** A namespace that nobody else uses, with masters and workers to be had. */
  environment(): Environment
  /** The ends of the logs of everything that was started here, for a test that fails. */
  evidence(): string
}

/**
 * Deploys a set-up.
 * @param options `ownBroker`: one to be restarted; by default the broker that all test files share
 */
export async function deploy(setUp: SetUp, options: { ownBroker?: boolean } = {}): Promise<Deployment> {
  await using stack = new AsyncDisposableStack()
  const broker = options.ownBroker && setUp.by !== 'inside' ? stack.use(await startBroker(setUp.broker)) : undefined
  const bridge = setUp.by === 'direct' ? undefined : stack.use(await startBridgeProcess(await upstream(setUp, broker)))
  const url = bridge?.url ?? (broker ?? (await sharedBroker(setUp.broker))).stompUrl
  const logs: (() => string)[] = []
  if (broker !== undefined) logs.push(() => `broker:\n${broker.log().slice(-2000)}`)
  if (bridge !== undefined) logs.push(() => `bridge:\n${bridge.log().slice(-3000)}`)
  const open = stack.move()
  return {
    setUp,
    url,
    bridge,
    broker,
    environment: () => makeEnvironment({ url, secret: bridge?.secret }, logs),
    evidence: () => logs.map(log => log()).join('\n---\n'),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

async function upstream(setUp: SetUp, own: BrokerAddress | undefined): Promise<string> {
  if (setUp.by === 'inside') return 'embedded'
  const broker = own ?? (await sharedBroker(setUp.broker))
  const url = setUp.by === 'ws' ? broker.wsUrl : broker.stompUrl
  if (url === undefined) throw new Error(`${setUp.broker} has no endpoint for "${setUp.by}"`)
  return url
}
