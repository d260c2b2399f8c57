/**
 * Brokers for tests: each a real process on ports and data of its own, so that a test can kill it, start it again where
 * it was, and leave nothing behind.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePorts } from '../free-ports.ts'
import { type GuardedProcess, startGuarded } from '../processes/guarded.ts'
import { untilReady } from './ready.ts'

/** Every broker that the suites run on. */
export const brokerNames = ['embedded', 'classic', 'artemis', 'rabbitmq'] as const
export type BrokerName = (typeof brokerNames)[number]

/** Where a running broker is, user foo/bar included; plain data, so that it travels between test processes. */
export interface BrokerAddress {
  name: BrokerName
  /** `stomp://foo:bar@127.0.0.1:port` */
  stompUrl: string
  /** `ws://foo:bar@127.0.0.1:port/path`; the embedded broker speaks WebSocket only through a bridge. */
  wsUrl?: string
}

/** A broker that one test owns. Disposing ends it and removes its data. */
export interface TestBroker extends BrokerAddress, AsyncDisposable {
  /** The folder of its files. */
  readonly data: string
  /** Its output, at most the last 64 KiB since its last start. */
  log(): string
  /**
   * Sends a signal to all its processes and, unless that only stops or continues them, waits until they are gone.
   * @param signal default SIGKILL, which gives it no chance to tidy up
   */
  kill(signal?: NodeJS.Signals): Promise<void>
  /**
   * Starts it again on the same ports and data, ending it first if it still runs.
   * @param signal the signal that ends it; default SIGKILL
   */
  restart(signal?: NodeJS.Signals): Promise<void>
}

export interface StartOptions {
  /** Heap of the Java brokers, as `-Xmx` takes it; default `192m`. */
  heap?: string
  /** Added to the environment of the start script. */
  env?: Record<string, string>
  /** How long it may take until it answers; default 60 s, which two busy cores can need for RabbitMQ. */
  timeoutMs?: number
}

const scripts: Record<BrokerName, { command: string[]; wsPath?: string }> = {
  embedded: { command: [process.execPath, local('embedded/start.ts')] },
  classic: { command: [local('classic/start')], wsPath: '' },
  artemis: { command: [local('artemis/start')], wsPath: '/stomp' },
  rabbitmq: { command: [local('rabbitmq/start')], wsPath: '/ws' },
}

/**
 * Starts a broker of the test's own and waits until it answers. Use `sharedBroker` unless the test kills or fills it.
 * @throws {Error} with the end of its log, when it does not come up
 * @example
 * ```ts ignore
 * await using broker = await startBroker('classic')
 * await broker.restart()
 * ```
 */
export async function startBroker(name: BrokerName, options: StartOptions = {}): Promise<TestBroker> {
  const { heap, env = {}, timeoutMs = 60_000 } = options
  const { command, wsPath } = scripts[name]
  const [port = 0, ownWsPort = 0, distPort = 0, amqpPort = 0, epmdPort = 0] = await freePorts(5)
  const wsPort = name === 'artemis' ? port : ownWsPort
  const data = await mkdtemp(join(tmpdir(), `drover-${name}-`))
  const environment = {
    PORT: `${port}`,
    WSPORT: `${wsPort}`,
    DISTPORT: `${distPort}`,
    AMQPPORT: `${amqpPort}`,
    EPMDPORT: `${epmdPort}`,
    ...(heap === undefined ? {} : { HEAP: heap }),
    ...env,
  }
  let running: GuardedProcess
  const start = async (): Promise<void> => {
    running = startGuarded([...command, data], { env: environment })
    try {
      await untilReady(running, port, wsPath === undefined ? [] : [wsPort], { name, timeoutMs })
    } catch (error) {
      await running.end()
      throw error
    }
  }
  const kill = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    running.signal(signal)
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await running.ended
  }
  const dispose = async (): Promise<void> => {
    await running.end()
    await rm(data, { recursive: true, force: true, maxRetries: 3 })
  }
  try {
    await start()
  } catch (error) {
    await rm(data, { recursive: true, force: true, maxRetries: 3 })
    throw error
  }
  return {
    name,
    stompUrl: `stomp://foo:bar@127.0.0.1:${port}`,
    ...(wsPath === undefined ? {} : { wsUrl: `ws://foo:bar@127.0.0.1:${wsPort}${wsPath}` }),
    data,
    log: () => running.log(),
    kill,
    async restart(signal) {
      if (running.isRunning) await kill(signal)
      await start()
    },
    [Symbol.asyncDispose]: dispose,
  }
}

function local(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}
