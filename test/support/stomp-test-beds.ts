/** Where the connection suite runs: each a real broker on a real socket, with a proxy of the test's own before it. */
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { type ConnectOptions, connectStomp, type Stomp } from '../../shared/stomp/mod.ts'
import { startEmbedded } from './brokers/embedded.ts'
import { brokersVariable } from './brokers/share.ts'
import { sharedBroker } from './brokers/shared.ts'
import type { BrokerName } from './brokers/start.ts'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'
import { createSocket } from './sockets.ts'

export type TestBedName = 'embedded' | 'embedded over tls' | `${'classic' | 'artemis' | 'rabbitmq'}${'' | ' over ws'}`

export interface TestBed extends AsyncDisposable {
  /** With user foo/bar, through the proxy. */
  readonly url: string
  readonly proxy: FaultProxy
  /** The authority to trust, as a PEM file; for TLS alone. */
  readonly caFile?: string
  /** Connects through the proxy, with short waits; ended with the test bed. */
  connect(options?: Partial<ConnectOptions>): Stomp
}

const embedded: readonly TestBedName[] = ['embedded', 'embedded over tls']
const classic: readonly TestBedName[] = ['classic', 'classic over ws']
const others: readonly TestBedName[] = ['artemis', 'artemis over ws', 'rabbitmq', 'rabbitmq over ws']
const inDeno = [...embedded, ...(process.env[brokersVariable] !== undefined ? classic : [])]

/** All of them in Node. Deno's sockets are the same to each broker, so there one broker is enough, where there is one. */
export const testBeds: readonly TestBedName[] = 'Deno' in globalThis ? inDeno : [...embedded, ...classic, ...others]

/** The broker, and so the dialect, of a test bed. */
export const brokerOf = (name: TestBedName): BrokerName => name.split(' ')[0] as BrokerName

const tlsFile = (name: string): string => fileURLToPath(new URL(`tls/${name}`, import.meta.url))
const caFile = tlsFile('ca.pem')

/** Opens a test bed. */
export async function openTestBed(name: TestBedName): Promise<TestBed> {
  const stack = new AsyncDisposableStack()
  const isTls = name === 'embedded over tls'
  const target = name.startsWith('embedded') ? await embeddedTarget(stack, isTls) : await findShared(name)
  const proxy = stack.use(await startFaultProxy(target))
  const url = proxy.through(target)
  const ca = isTls ? readFileSync(caFile, 'utf8') : undefined
  return {
    url,
    proxy,
    ...(isTls ? { caFile } : {}),
    connect: options =>
      stack.use(
        connectStomp({
          url,
          createSocket: to => createSocket(to, ca),
          backoff: { baseMs: 20, capMs: 200 },
          ...options,
        }),
      ),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

async function embeddedTarget(stack: AsyncDisposableStack, isTls: boolean): Promise<string> {
  const { port, url } = stack.use(await startEmbedded())
  if (!isTls) return url
  const server = createTlsServer(
    { cert: readFileSync(tlsFile('cert.pem')), key: readFileSync(tlsFile('key.pem')) },
    near => {
      const far = connect({ host: '127.0.0.1', port })
      near.on('error', () => far.destroy()).on('close', () => far.destroy())
      far.on('error', () => near.destroy()).on('close', () => near.destroy())
      near.pipe(far).pipe(near)
    },
  )
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  stack.defer(() => void server.close())
  return `stomp+ssl://foo:bar@127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function findShared(name: TestBedName): Promise<string> {
  const { stompUrl, wsUrl = '' } = await sharedBroker(brokerOf(name))
  return name.endsWith(' over ws') ? wsUrl : stompUrl
}
