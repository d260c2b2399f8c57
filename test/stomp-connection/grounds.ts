/** Where the connection suite runs: each a real broker on a real socket, with a proxy of the test's own before it. */
import { createEmbeddedBroker } from '../../bridge/embedded/mod.ts'
import { listenTcp } from '../../bridge/node/tcp.ts'
import { type ConnectOptions, connectStomp, type Stomp } from '../../shared/stomp/mod.ts'
import { createNodeSocket } from '../../shared/stomp/node.ts'
import { sharedBroker } from '../brokers/shared.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'

export type GroundName = 'embedded' | 'classic' | 'classic over ws'

export interface Ground extends AsyncDisposable {
  /** With user foo/bar, through the proxy. */
  readonly url: string
  readonly proxy: FaultProxy
  /** Connects through the proxy, with short waits; ended with the ground. */
  connect(options?: Partial<ConnectOptions>): Stomp
}

/** Opens a ground. */
export async function openGround(name: GroundName): Promise<Ground> {
  const stack = new AsyncDisposableStack()
  const target = name === 'embedded' ? await startEmbedded(stack) : await findClassic(name)
  const proxy = stack.use(await startFaultProxy(target))
  const url = proxy.through(target)
  return {
    url,
    proxy,
    connect: options =>
      stack.use(connectStomp({ url, createSocket: createNodeSocket, backoff: { baseMs: 20, capMs: 200 }, ...options })),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

async function startEmbedded(stack: AsyncDisposableStack): Promise<string> {
  const broker = stack.use(createEmbeddedBroker())
  const listener = await listenTcp({ port: 0, accept: broker.accept })
  stack.defer(() => listener.close())
  return `stomp://foo:bar@127.0.0.1:${listener.port}`
}

async function findClassic(name: GroundName): Promise<string> {
  const { stompUrl, wsUrl = '' } = await sharedBroker('classic')
  return name === 'classic' ? stompUrl : wsUrl
}
