/** The embedded broker in the test's own process, on a real socket. */
import { afterAll, beforeAll } from 'vitest'
import { listenTcp } from '../../../bridge/node/tcp.ts'
import { type BrokerOptions, createEmbeddedBroker, type EmbeddedBroker } from '../../../broker/mod.ts'

export interface EmbeddedAddress {
  readonly port: number
  /** With the login foo, which its default users have. */
  readonly url: string
  /** Whether a bridge is on the way to it, which refuses messages that no Drover sends. It is where the tests run in a page. */
  readonly isBridged: boolean
}

/** Starts one on a free port. */
export async function startEmbedded(
  options: BrokerOptions = {},
): Promise<EmbeddedAddress & AsyncDisposable & { readonly broker: EmbeddedBroker }> {
  await using stack = new AsyncDisposableStack()
  const broker = stack.use(createEmbeddedBroker(options))
  const { port, close } = await listenTcp({ port: 0, accept: broker.accept })
  stack.defer(close)
  const open = stack.move()
  return {
    broker,
    port,
    url: `stomp://foo:bar@127.0.0.1:${port}`,
    isBridged: false,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

/** One for all tests of a file; its address is there once they run. */
export function setUpEmbedded(): EmbeddedAddress {
  let started: Awaited<ReturnType<typeof startEmbedded>>
  beforeAll(async () => {
    started = await startEmbedded()
  })
  afterAll(() => started[Symbol.asyncDispose]())
  return {
    get port() {
      return started.port
    },
    get url() {
      return started.url
    },
    isBridged: false,
  }
}
